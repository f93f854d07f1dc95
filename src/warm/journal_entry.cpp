#include "warm/journal_entry.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace cachectl {

namespace {

using Json = nlohmann::json;

constexpr int k_version = 4;
// The names of an object are written in alphabetical order: this has to be the first of them.
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

std::uint64_t count_of(const Json& json) {
    if (!json.is_number_unsigned()) {
        contradict("count");
    }
    return json.get<std::uint64_t>();
}

std::uint64_t parse_blocks(const Json& json, JournalEntry& entry) {
    std::uint64_t events = 0;
    for (const Json& block : json) {
        const JournalBlock parsed{count_of(block.at(0)),
                                  parse_digest(block.at(1).get<std::string>())};
        if (parsed.events == 0 || parsed.events > JournalBlock::k_most_events) {
            contradict("block");
        }
        events += parsed.events;
        entry.blocks.push_back(parsed);
    }
    return events;
}

void parse_keys(const Json& json, std::uint64_t events, JournalEntry& entry) {
    if (json.size() > k_most_journal_ranges) {
        contradict("ranges");
    }
    for (const Json& range : json) {
        const std::uint64_t begin = count_of(range.at(0));
        const std::uint64_t end = count_of(range.at(1));
        if (begin >= end || end > events) {
            contradict("range");
        }
        entry.keys.add(begin, end);
    }
}

void parse_slots(const Json& json, JournalEntry& entry) {
    if (json.size() > std::size_t{k_last_slot} + 1) {
        contradict("slots");
    }
    for (const Json& range : json) {
        const std::uint64_t first = count_of(range.at(0));
        const std::uint64_t last = count_of(range.at(1));
        if (first > last || last > k_last_slot) {
            contradict("slots");
        }
        entry.skipped_slots.push_back(
            {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)});
    }
}

JournalEntry from_json(const Json& json) {
    if (json.at("cachectl_journal") != k_version) {
        contradict("version");
    }
    JournalEntry entry;
    entry.identity = json.at("run").get<std::string>();
    entry.target = json.at("target").get<std::string>();
    entry.servers = json.at("servers").get<std::vector<std::string>>();
    entry.rewrites = json.at("rewrites").get<bool>();
    parse_keys(json.at("keys"), parse_blocks(json.at("contents"), entry), entry);
    parse_slots(json.at("left_out"), entry);
    entry.records = count_of(json.at("records"));
    entry.written = count_of(json.at("written"));
    entry.skipped = count_of(json.at("skipped"));
    entry.rejected = count_of(json.at("rejected"));
    return entry;
}

}  // namespace

std::string to_text(const JournalEntry& entry) {
    Json blocks = Json::array();
    for (const JournalBlock& block : entry.blocks) {
        blocks.push_back({block.events, fmt::format("{:x}", block.digest)});
    }
    Json keys = Json::array();
    for (const auto& [begin, end] : entry.keys.ranges()) {
        if (keys.size() == k_most_journal_ranges) {
            break;
        }
        keys.push_back({begin, end});
    }
    Json slots = Json::array();
    for (const SlotRange& range : entry.skipped_slots) {
        slots.push_back({range.first, range.last});
    }
    const Json json = {{"cachectl_journal", k_version}, {"run", entry.identity},
                       {"target", entry.target},        {"servers", entry.servers},
                       {"contents", std::move(blocks)}, {"keys", std::move(keys)},
                       {"left_out", std::move(slots)},  {"rewrites", entry.rewrites},
                       {"records", entry.records},      {"written", entry.written},
                       {"skipped", entry.skipped},      {"rejected", entry.rejected}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::optional<JournalEntry> parse_journal(std::string_view text) {
    try {
        return from_json(Json::parse(text));
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

bool begins_as_journal(std::string_view text) { return text.starts_with(k_beginning); }

}  // namespace cachectl
