#include "warm/release_summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "change/summary.hpp"
#include "output/escape.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

std::string keys_text(std::uint64_t n, std::string_view kind) {
    return fmt::format("{} {}{}", format_count(n), kind, n == 1 ? "key" : "keys");
}

/// An object's names must differ: what is not UTF-8 is written with its bytes escaped.
void write_namespaces(const SyncSummary& sync, JsonWriter& json) {
    json.key("namespaces");
    json.begin_object();
    for (const auto& [name, keys] : sync.namespaces) {
        json.field(is_utf8(name) ? name : escape_for_terminal(name), keys);
    }
    json.end_object();
}

void write_pointer(const SwitchSummary& pointer, JsonWriter& json) {
    json.begin_object();
    json.bytes_field("key", pointer.key);
    if (pointer.from) {
        json.bytes_field("from", *pointer.from);
    } else {
        json.key("from");
        json.value(nullptr);
    }
    json.bytes_field("to", pointer.to);
    json.end_object();
}

}  // namespace

void write_sync(const SyncSummary& sync, bool dry_run, JsonWriter& json) {
    json.key("sync");
    json.begin_object();
    json.key("patterns");
    json.begin_array();
    for (const std::string& pattern : sync.patterns) {
        json.value(std::string_view(pattern));
    }
    json.end_array();
    json.field("matched", sync.matched);
    json.field("kept", sync.kept);
    json.field("deleted", sync.deleted);
    if (dry_run) {
        json.field("would_delete", sync.would_delete);
    }
    json.field("protected", sync.protected_keys);
    json.field("vanished", sync.vanished);
    json.field("failed", sync.failed);
    json.field("unknown", sync.unknown);
    json.field("not_attempted", sync.not_attempted);
    write_namespaces(sync, json);
    write_neighbours(sync.neighbours, json);
    if (dry_run) {
        json.key("sample");
        json.begin_array();
        for (const std::string& key : sync.sample) {
            json.begin_object();
            json.bytes_field("key", key);
            json.end_object();
        }
        json.end_array();
    }
    json.field("complete", sync.complete);
    json.key("reason");
    sync.reason.empty() ? json.value(nullptr) : json.value(std::string_view(sync.reason));
    json.end_object();
}

void write_switch(const SwitchSummary& pointer, bool dry_run, JsonWriter& json) {
    json.key("switched");
    pointer.done ? write_pointer(pointer, json) : json.value(nullptr);
    if (!dry_run) {
        return;
    }
    json.key("would_switch");
    pointer.ready ? write_pointer(pointer, json) : json.value(nullptr);
}

void write_sync(const SyncSummary& sync, bool dry_run, Writer& out) {
    const std::string patterns =
        escape_for_terminal(fmt::format("{}", fmt::join(sync.patterns, " ")));
    if (sync.deleted + sync.unknown == 0 && !sync.complete) {
        out.write(fmt::format("  --sync {}: nothing {}deleted: {}\n", patterns,
                              dry_run ? "would be " : "was ", escape_for_terminal(sync.reason)));
        return;
    }
    out.write(fmt::format("  --sync {}: {} {}\n", patterns,
                          keys_text(dry_run ? sync.would_delete : sync.deleted, "stale "),
                          dry_run ? "would be deleted" : "deleted"));
    const auto line = [&](std::uint64_t n, std::string_view kind, std::string_view what) {
        if (n != 0) {
            out.write(fmt::format("    {} {}\n", keys_text(n, kind), what));
        }
    };
    line(sync.kept, "", "kept");
    line(sync.protected_keys, "protected ", "spared");
    line(sync.vanished, "stale ", "gone already");
    line(sync.failed, "stale ", "refused by the server");
    line(sync.unknown, "stale ", "unknown: sent, but no reply came");
    line(sync.not_attempted, "stale ", "not attempted");
    write_neighbours(sync.neighbours, "    ", out);
    if (!sync.complete) {
        out.write("    not complete: " + escape_for_terminal(sync.reason) + '\n');
    }
    for (const std::string& key : sync.sample) {
        out.write("    for example " + escape_for_terminal(key) + '\n');
    }
}

void write_switch(const SwitchSummary& pointer, bool dry_run, Writer& out) {
    const std::string key = escape_for_terminal(pointer.key);
    const std::string to = escape_for_terminal(pointer.to);
    const std::string from =
        pointer.from ? "it was " + escape_for_terminal(*pointer.from) : "it was not there";
    const bool is_switch = pointer.done || (dry_run && pointer.ready);
    if (is_switch && pointer.from == pointer.to) {
        out.write(fmt::format("  {} is {} already\n", key, to));
    } else if (is_switch) {
        out.write(fmt::format("  {} {} to {} ({})\n", key,
                              pointer.done ? "switched" : "would be switched", to, from));
    } else {
        out.write(fmt::format("  {} not switched to {}\n", key, to));
    }
}

}  // namespace cachectl
