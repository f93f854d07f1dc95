#include "usage/snapshot.hpp"

#include <sys/stat.h>

#include <cmath>

#include "cli/target.hpp"
#include "output/escape.hpp"
#include "util/json_file.hpp"
#include "util/whole_file.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_format = "1";
constexpr std::string_view k_mark = "cachectl_snapshot";

Measured measured(const Estimate& estimate) {
    return {std::llround(estimate.value), std::llround(std::floor(estimate.low)),
            std::llround(std::ceil(estimate.high))};
}

SnapshotRow row_of(const Usage& usage, const UsageRow& row) {
    const Amount& amount = row.amount;
    SnapshotRow kept{row.name,
                     row.example,
                     measured(usage.keys_of(amount)),
                     {},
                     std::llround(usage.persistent_of(amount).value)};
    if (amount.unsized < amount.keys) {
        kept.bytes = measured(usage.bytes_of(amount));
    }
    if (row.node != nullptr) {
        const auto ttl = [&](double share) -> std::optional<std::int64_t> {
            const auto found = row.node->ttls.percentile(share);
            return found ? std::optional<std::int64_t>(found->count()) : std::nullopt;
        };
        kept.ttl_p50_ms = ttl(0.5);
        kept.ttl_p90_ms = ttl(0.9);
        kept.ttl_p99_ms = ttl(0.99);
    }
    return kept;
}

// --- writing ------------------------------------------------------------------------------------

void write_measured(JsonWriter& json, const std::string& name, const Measured& figure,
                    bool sampled) {
    json.field(name, figure.value);
    if (sampled) {
        json.field(name + "_low", figure.low);
        json.field(name + "_high", figure.high);
    }
}

void write_row(JsonWriter& json, const SnapshotRow& row, bool sampled) {
    json.begin_object();
    // Names are bytes: escaped, they are text that is read back to the same bytes.
    json.field("namespace", std::string_view(escape_for_terminal(row.name)));
    json.field("example", std::string_view(escape_for_terminal(row.example)));
    write_measured(json, "keys", row.keys, sampled);
    if (row.bytes) {
        write_measured(json, "bytes", *row.bytes, sampled);
    }
    json.field("persistent", row.persistent);
    for (const auto& [name, ttl] :
         {std::pair("ttl_p50_ms", row.ttl_p50_ms), std::pair("ttl_p90_ms", row.ttl_p90_ms),
          std::pair("ttl_p99_ms", row.ttl_p99_ms)}) {
        if (ttl) {
            json.field(name, *ttl);
        }
    }
    json.end_object();
}

// --- reading ------------------------------------------------------------------------------------

std::optional<std::int64_t> number_if_there(const JsonValue& object, std::string_view name) {
    const JsonValue* value = object.find(name);
    return value == nullptr || value->type() == JsonValue::Type::null
               ? std::nullopt
               : std::optional(value->as_count());
}

Measured measured_of(const JsonValue& object, const std::string& name) {
    Measured figure;
    figure.value = object.at(name).as_count();
    figure.low = number_if_there(object, name + "_low").value_or(figure.value);
    figure.high = number_if_there(object, name + "_high").value_or(figure.value);
    return figure;
}

SnapshotRow row_from(const JsonValue& object) {
    SnapshotRow row;
    row.name = unescape(object.at("namespace").as_string());
    row.example = unescape(object.at("example").as_string());
    row.keys = measured_of(object, "keys");
    if (object.find("bytes") != nullptr) {
        row.bytes = measured_of(object, "bytes");
    }
    row.persistent = object.at("persistent").as_count();
    row.ttl_p50_ms = number_if_there(object, "ttl_p50_ms");
    row.ttl_p90_ms = number_if_there(object, "ttl_p90_ms");
    row.ttl_p99_ms = number_if_there(object, "ttl_p99_ms");
    return row;
}

Snapshot snapshot_from(const JsonValue& root) {
    const JsonValue& form = root.at(k_mark);
    if (form.as_text() != k_format) {
        form.fail("is " + form.as_text() + ", of a newer cachectl than this one");
    }
    Snapshot snapshot;
    snapshot.at = WallTime(std::chrono::milliseconds(root.at("at_ms").as_count()));
    snapshot.server = root.at("server").as_text();
    snapshot.target = root.at("target").as_text();
    snapshot.delimiter = root.at("delimiter").as_text();
    snapshot.depth = static_cast<unsigned>(root.at("depth").as_count());
    for (const JsonValue& name : root.at("namespaces_asked").as_array()) {
        snapshot.namespaces.push_back(unescape(name.as_string()));
    }
    if (const JsonValue* chosen = root.find("chosen")) {  // the first files had none
        snapshot.chosen = read_choice(*chosen);
    }
    snapshot.sampled = root.at("sampled").as_bool();
    snapshot.sample_keys = static_cast<std::uint64_t>(root.at("sample_keys").as_count());
    snapshot.complete = root.at("complete").as_bool();
    snapshot.total = row_from(root.at("total"));
    for (const JsonValue& row : root.at("namespaces").as_array()) {
        snapshot.rows.push_back(row_from(row));
    }
    if (const JsonValue* rest = root.find("rest")) {
        snapshot.rest = row_from(*rest);
    }
    if (const auto used = number_if_there(root, "used_bytes")) {
        snapshot.used_bytes = static_cast<std::uint64_t>(*used);
    }
    return snapshot;
}

/// As bad input: what is wrong is the file, and not the command line.
template <typename Read>
Snapshot read_as_input(Read read) {
    try {
        return snapshot_from(read());
    } catch (const Error& error) {
        throw Error(ExitCode::bad_input, std::string("no snapshot: ") + error.what(),
                    "cachectl snapshot FILE writes one");
    }
}

}  // namespace

Snapshot make_snapshot(const Context& ctx, const UsageChoice& choice,
                       const CollectedUsage& collected, unsigned depth) {
    const Usage& usage = *collected.usage;
    Snapshot snapshot;
    snapshot.at = std::chrono::floor<std::chrono::milliseconds>(ctx.wall_now());
    snapshot.server = collected.server;
    snapshot.target = name_of_database(ctx.settings.address);
    snapshot.delimiter = usage.options().delimiter;
    snapshot.depth = depth;
    snapshot.namespaces = choice.namespaces;
    snapshot.chosen = choice.keys;
    snapshot.sampled = usage.sample().has_value();
    snapshot.sample_keys = usage.sample() ? usage.sample()->drawn : usage.total().keys;
    snapshot.complete = collected.outcome.complete();
    snapshot.total = row_of(usage, {"", "", "", usage.total(), &usage.root()});
    snapshot.used_bytes = collected.used_bytes;
    UsageRow rest{"(rest)", "(rest)", "(rest)", {}, nullptr};
    for (const UsageRow& row : usage.rows(depth)) {
        if (snapshot.rows.size() < Snapshot::k_most_rows) {
            snapshot.rows.push_back(row_of(usage, row));
        } else {
            rest.amount.add(row.amount);
        }
    }
    if (rest.amount.keys != 0) {
        snapshot.rest = row_of(usage, rest);
    }
    return snapshot;
}

std::string to_text(const Snapshot& snapshot) {
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::lines);
    json.begin_object();
    json.field(k_mark, k_format);
    json.field("at", std::string_view(format_utc(snapshot.at).value_or("")));
    json.field("at_ms", snapshot.at.time_since_epoch().count());
    json.field("server", std::string_view(snapshot.server));
    json.field("target", std::string_view(snapshot.target));
    json.field("delimiter", std::string_view(snapshot.delimiter));
    json.field("depth", snapshot.depth);
    json.key("namespaces_asked");
    json.begin_array();
    for (const std::string& name : snapshot.namespaces) {
        json.value(std::string_view(escape_for_terminal(name)));
    }
    json.end_array();
    json.key("chosen");
    write_choice(json, snapshot.chosen);
    json.field("sampled", snapshot.sampled);
    json.field("sample_keys", snapshot.sample_keys);
    json.field("complete", snapshot.complete);
    json.field("used_bytes", snapshot.used_bytes);
    json.key("total");
    write_row(json, snapshot.total, snapshot.sampled);
    json.key("namespaces");
    json.begin_array();
    for (const SnapshotRow& row : snapshot.rows) {
        write_row(json, row, snapshot.sampled);
    }
    json.end_array();
    if (snapshot.rest) {
        json.key("rest");
        write_row(json, *snapshot.rest, snapshot.sampled);
    }
    json.end_object();
    out.flush();
    return text;
}

Snapshot parse_snapshot(std::string_view text, const std::string& file) {
    return read_as_input([&] { return parse_json(text, file); });
}

Snapshot read_snapshot(const std::string& path) {
    return read_as_input([&] { return read_json_file(path); });
}

namespace {

bool is_snapshot(const std::string& path) {
    try {
        read_snapshot(path);
        return true;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

void save_snapshot(const Snapshot& snapshot, const std::string& path) {
    struct stat file {};
    if (::lstat(path.c_str(), &file) == 0 && (!S_ISREG(file.st_mode) || file.st_size != 0)) {
        if (S_ISLNK(file.st_mode)) {
            throw Error(ExitCode::local_io, path + " is a link, which would be replaced",
                        "name the file that it leads to");
        }
        if (!S_ISREG(file.st_mode) || !is_snapshot(path)) {  // nobody may write to a pipe
            throw Error(ExitCode::local_io, path + " is there already, and no snapshot",
                        "a snapshot replaces only an older one: name another file");
        }
    }
    write_whole_file(path, to_text(snapshot));
}

}  // namespace cachectl
