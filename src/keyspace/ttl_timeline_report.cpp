#include "keyspace/ttl_timeline_report.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "keyspace/ttl_timeline_drawing.hpp"
#include "output/aligned.hpp"
#include "output/document.hpp"
#include "output/rows.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_rows_for_programs = 1'001;

// ---- for programs

void write_row_json(JsonWriter& json, const TtlTimeline& timeline, const TimelineRow& row) {
    json.key("cells");
    json.begin_array();
    for (const std::uint64_t cell : row.cells) {
        json.value(timeline.count(cell).keys);
    }
    json.end_array();
    json.field("within", timeline.count(row.within).keys);
    json.field("later", timeline.count(row.later).keys);
    json.field("never", timeline.count(row.never).keys);
}

void write_cliffs_json(JsonWriter& json, const TtlTimeline& timeline) {
    json.key("cliffs");
    json.begin_array();
    for (const TtlCliff& cliff : timeline.cliffs()) {
        const std::string command = spreading_command(cliff);
        json.begin_object();
        json.bytes_field("namespace", namespace_row_name(cliff.kind, cliff.name));
        json.field("in_ms", cliff.from.count());
        json.field("within_ms", (cliff.to - cliff.from).count());
        const Count keys = timeline.count(cliff.keys);
        json.field("keys", keys.keys);
        if (keys.interval) {
            json.field("keys_low", keys.interval->first);
            json.field("keys_high", keys.interval->second);
        }
        json.key("command");
        command.empty() ? json.value(nullptr) : json.value(command);
        json.end_object();
    }
    json.end_array();
}

void write_timeline_json(JsonWriter& json, const TimelineStyle& style,
                         const TtlTimeline& timeline) {
    json.begin_object();
    json.field("from", format_utc(style.from).value_or(""));
    json.field("span_ms", timeline.span().count());
    json.field("cell_ms", timeline.cell().count());
    json.key("namespaces");
    json.begin_array();
    for (const TimelineRow& row : timeline.rows(k_rows_for_programs)) {
        json.begin_object();
        json.bytes_field("namespace", namespace_row_name(row.kind, row.name));
        write_row_json(json, timeline, row);
        json.end_object();
    }
    json.end_array();
    json.key("all");
    json.begin_object();
    write_row_json(json, timeline, timeline.all());
    json.end_object();
    write_cliffs_json(json, timeline);
    json.field("sampled", timeline.sample().has_value());
    if (timeline.sample()) {
        json.field("sample_keys", timeline.sample()->drawn);
    }
    json.field("complete", style.complete);
    json.end_object();
}

/// A row for each cell that has keys, and for those later and never: the times are milliseconds
/// from now on, without an end for later, without both for never.
void write_timeline_rows(Writer& out, const TimelineStyle& style, const TtlTimeline& timeline) {
    Rows rows(out, {.format = style.format, .escaped = style.escaped},
              {{"namespace", "NAMESPACE"},
               {"from_ms", "FROM", Field::Kind::milliseconds, "never"},
               {"to_ms", "TO", Field::Kind::milliseconds, "-"},
               {"keys", "KEYS", Field::Kind::count}});
    using Time = std::optional<std::int64_t>;
    for (const TimelineRow& row : timeline.rows(k_rows_for_programs)) {
        const std::string name = namespace_row_name(row.kind, row.name);
        const auto write = [&](Time from, Time to, std::uint64_t keys) {
            if (keys != 0) {
                rows.row({name, from, to, timeline.count(keys).keys});
            }
        };
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            const auto from = static_cast<std::int64_t>(i) * timeline.cell().count();
            write(from,
                  std::min<std::int64_t>(from + timeline.cell().count(), timeline.span().count()),
                  row.cells[i]);
        }
        write(timeline.span().count(), {}, row.later);
        write({}, {}, row.never);
    }
    rows.finish();
}

}  // namespace

void write_ttl_timeline(Writer& out, const TimelineStyle& style, const TtlTimeline& timeline) {
    const auto rows = [&] { write_timeline_rows(out, style, timeline); };
    write_document(out, style.format,
                   {.table =
                        [&] {
                            write_aligned(out, [&](Writer& to) {
                                draw_timeline(to, style.display, timeline);
                            });
                        },
                    .lines = rows,
                    .json = [&](JsonWriter& json) { write_timeline_json(json, style, timeline); },
                    .csv = rows});
}

}  // namespace cachectl
