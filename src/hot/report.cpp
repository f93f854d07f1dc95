#include "hot/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "output/document.hpp"
#include "output/rows.hpp"
#include "output/table.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

std::string score_text(const HotKeys& found, double score) {
    if (found.unit == "share_of_looks") {
        return fmt::format("{:.0f} %", 100 * score);
    }
    if (found.unit == "lfu_counter") {
        return fmt::format("{:.0f}", score);
    }
    if (found.unit == "uses_per_s") {
        constexpr double k_whole = 10;
        return score < k_whole ? fmt::format("{:.1f}/s", score) : format_rate(score);
    }
    return fmt::format("{:.1f} ms/s", score / 1'000);  // of the server's time
}

std::string_view score_title(const HotKeys& found) {
    if (found.unit == "share_of_looks") {
        return "USED AT";
    }
    if (found.unit == "lfu_counter") {
        return "FREQ";
    }
    return found.unit == "uses_per_s" ? "USES" : "SERVER TIME";
}

void write_json(JsonWriter& json, const HotKeys& found) {
    json.begin_object();
    json.field("method", name_of(found.method));
    json.field("interval_ms", found.interval.count());
    json.field("unit", std::string_view(found.unit));
    json.key("keys");
    json.begin_array();
    for (const HotKey& key : found.keys) {
        json.begin_object();
        json.bytes_field("key", key.key);
        const auto text = [](const std::string& value) {
            return value.empty() ? std::optional<std::string_view>() : value;
        };
        json.field("type", text(key.facts.type));
        json.field("node", text(key.node));
        json.field("score", key.score);
        json.field("unit", std::string_view(found.unit));
        json.field("size_bytes", key.facts.size_bytes);
        if (key.knows_ttl) {  // null is never
            json.field("ttl_ms", key.facts.ttl ? std::optional<std::int64_t>(key.facts.ttl->count())
                                               : std::nullopt);
        }
        json.end_object();
    }
    json.end_array();
    json.key("notes");
    json.begin_array();
    for (const std::string& note : found.notes) {
        json.value(std::string_view(note));
    }
    json.end_array();
    json.field("complete", !found.failure.has_value());
    json.end_object();
}

/// For people; "-": not known.
std::string ttl_text(const HotKey& key) {
    if (!key.knows_ttl) {
        return "-";
    }
    return key.facts.ttl ? format_duration(*key.facts.ttl) : "never";
}

/// CSV has nothing for a key that never expires, and for one that has gone.
FieldValue ttl_value(const HotKey& key) {
    if (key.knows_ttl) {
        return key.facts.ttl;
    }
    return key.facts.exists ? FieldValue("-") : FieldValue::absent("-", Style::plain);
}

void write_rows(Writer& out, const HotKeys& found, Format format) {
    using Kind = Field::Kind;
    Rows rows(out, {.format = format, .escaped = out.is_terminal()},
              {{"key", "KEY", Kind::key},
               {"score", "SCORE", Kind::number},
               {"unit", "UNIT"},
               {"type", "TYPE", Kind::text, "-"},
               {"size_bytes", "SIZE", Kind::count, "-"},
               {"ttl_ms", "TTL", Kind::count, "never"},
               {"node", ""}});
    for (const HotKey& key : found.keys) {
        const std::string score = fmt::format("{:.6g}", key.score);
        rows.row({key.key, score, found.unit,
                  key.facts.type.empty() ? std::optional<std::string_view>() : key.facts.type,
                  key.facts.size_bytes, ttl_value(key), key.node});
    }
    rows.finish();
}

void draw(Writer& out, const Display& display, const HotKeys& found) {
    if (found.keys.empty()) {
        return;
    }
    const bool nodes = std::any_of(found.keys.begin(), found.keys.end(),
                                   [](const HotKey& key) { return !key.node.empty(); });
    std::vector<Column> columns = {{std::string(score_title(found)), ColumnKind::right},
                                   {"", ColumnKind::bar},
                                   {"TYPE"},
                                   {"SIZE", ColumnKind::right},
                                   {"TTL", ColumnKind::right}};
    if (nodes) {
        columns.push_back({"NODE"});
    }
    columns.push_back({"KEY", ColumnKind::left, Overflow::cut});
    Table table(out, display, std::move(columns));
    const double most = std::max(found.keys.front().score, 1e-9);
    for (const HotKey& key : found.keys) {
        const KeyFacts& facts = key.facts;
        std::vector<Cell> cells = {score_text(found, key.score),
                                   Cell::bar(key.score / most, Style::cyan)};
        if (facts.exists) {
            cells.emplace_back(facts.type.empty() ? "-" : facts.type);
            cells.emplace_back(facts.size_bytes ? format_size(*facts.size_bytes) : "-");
            cells.emplace_back(ttl_text(key));
        } else {
            cells.insert(cells.end(), {"gone", "-", "-"});
        }
        if (nodes) {
            cells.emplace_back(key.node);
        }
        cells.emplace_back(key.key);
        table.row(std::move(cells));
    }
    table.finish();
}

}  // namespace

void write_hot_keys(Writer& out, const Display& display, Format format, const HotKeys& found) {
    write_document(out, format,
                   {.table = [&] { draw(out, display, found); },
                    .lines = [&] { write_rows(out, found, Format::plain); },
                    .json = [&](JsonWriter& json) { write_json(json, found); },
                    .csv = [&] { write_rows(out, found, Format::csv); }});
}

}  // namespace cachectl
