#include "warm/journal_entry.hpp"

#include <fmt/format.h>

#include <charconv>
#include <new>
#include <stdexcept>

#include "output/json.hpp"
#include "util/json_file.hpp"

namespace cachectl {

namespace {

constexpr int k_version = 4;
constexpr std::string_view k_beginning = R"({"cachectl_journal":)";
constexpr std::uint16_t k_last_slot = 16'383;

[[noreturn]] void contradict(const char* what) { throw std::invalid_argument(what); }

/// Numbers of 64 bits are text, because other readers of JSON round them.
std::uint64_t parse_digest(const std::string& text) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value, 16);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        contradict("digest");
    }
    return value;
}

std::uint64_t count_of(const JsonValue& value) {
    return static_cast<std::uint64_t>(value.as_count());
}

/// The two elements of an array.
std::pair<const JsonValue&, const JsonValue&> pair_of(const JsonValue& value) {
    const std::vector<JsonValue>& elements = value.as_array();
    return {elements.at(0), elements.at(1)};
}

std::uint64_t parse_blocks(const JsonValue& contents, JournalEntry& entry) {
    std::uint64_t events = 0;
    for (const JsonValue& block : contents.as_array()) {
        const auto [count, digest] = pair_of(block);
        const JournalBlock parsed{count_of(count), parse_digest(digest.as_string())};
        if (parsed.events == 0 || parsed.events > JournalBlock::k_most_events) {
            contradict("block");
        }
        events += parsed.events;
        entry.blocks.push_back(parsed);
    }
    return events;
}

void parse_keys(const JsonValue& ranges, std::uint64_t events, JournalEntry& entry) {
    if (ranges.as_array().size() > k_most_journal_ranges) {
        contradict("ranges");
    }
    for (const JsonValue& range : ranges.as_array()) {
        const auto [begin, end] = pair_of(range);
        if (count_of(begin) >= count_of(end) || count_of(end) > events) {
            contradict("range");
        }
        entry.keys.add(count_of(begin), count_of(end));
    }
}

void parse_slots(const JsonValue& ranges, JournalEntry& entry) {
    if (ranges.as_array().size() > std::size_t{k_last_slot} + 1) {
        contradict("slots");
    }
    for (const JsonValue& range : ranges.as_array()) {
        const auto [first, last] = pair_of(range);
        if (count_of(first) > count_of(last) || count_of(last) > k_last_slot) {
            contradict("slots");
        }
        entry.skipped_slots.push_back({static_cast<std::uint16_t>(count_of(first)),
                                       static_cast<std::uint16_t>(count_of(last))});
    }
}

JournalEntry entry_of(const JsonValue& json) {
    if (json.at("cachectl_journal").as_count() != k_version) {
        contradict("version");
    }
    JournalEntry entry;
    entry.identity = json.at("run").as_string();
    entry.target = json.at("target").as_string();
    for (const JsonValue& server : json.at("servers").as_array()) {
        entry.servers.push_back(server.as_string());
    }
    entry.rewrites = json.at("rewrites").as_bool();
    parse_keys(json.at("keys"), parse_blocks(json.at("contents"), entry), entry);
    parse_slots(json.at("left_out"), entry);
    entry.records = count_of(json.at("records"));
    entry.written = count_of(json.at("written"));
    entry.skipped = count_of(json.at("skipped"));
    entry.rejected = count_of(json.at("rejected"));
    return entry;
}

template <typename First, typename Second>
void write_pair(JsonWriter& json, const First& first, const Second& second) {
    json.begin_array();
    json.value(first);
    json.value(second);
    json.end_array();
}

void write_arrays(JsonWriter& json, const JournalEntry& entry) {
    json.key("contents");
    json.begin_array();
    for (const JournalBlock& block : entry.blocks) {
        write_pair(json, block.events, std::string_view(fmt::format("{:x}", block.digest)));
    }
    json.end_array();
    json.key("keys");
    json.begin_array();
    std::size_t ranges = 0;
    for (const auto& [begin, end] : entry.keys.ranges()) {
        if (ranges++ == k_most_journal_ranges) {
            break;
        }
        write_pair(json, begin, end);
    }
    json.end_array();
    json.key("left_out");
    json.begin_array();
    for (const SlotRange& range : entry.skipped_slots) {
        write_pair(json, range.first, range.last);
    }
    json.end_array();
    json.key("servers");
    json.begin_array();
    for (const std::string& server : entry.servers) {
        json.value(std::string_view(server));
    }
    json.end_array();
}

}  // namespace

std::string to_text(const JournalEntry& entry) {
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::compact);
    json.begin_object();
    json.field("cachectl_journal", k_version);
    json.field("run", std::string_view(entry.identity));
    json.field("target", std::string_view(entry.target));
    json.field("rewrites", entry.rewrites);
    json.field("records", entry.records);
    json.field("written", entry.written);
    json.field("skipped", entry.skipped);
    json.field("rejected", entry.rejected);
    write_arrays(json, entry);
    json.end_object();
    out.flush();
    return text;
}

std::optional<JournalEntry> parse_journal(std::string_view text) {
    try {
        return entry_of(parse_json(text, "the journal"));
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

bool begins_as_journal(std::string_view text) { return text.starts_with(k_beginning); }

}  // namespace cachectl
