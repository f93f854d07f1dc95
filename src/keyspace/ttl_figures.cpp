#include "keyspace/ttl_figures.hpp"

#include <fmt/format.h>

#include "output/document.hpp"
#include "output/rows.hpp"
#include "output/table.hpp"
#include "output/wrapped.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

/// A figure by its name; an estimate is three of them: NAME, NAME_low, NAME_high.
template <typename Write>
void write_count(const std::string& name, const Count& count, Write write) {
    write(name, std::optional(count.keys));
    if (!count.interval) {
        return;
    }
    write(name + "_low", std::optional(count.interval->first));
    write(name + "_high", std::optional(count.interval->second));
}

/// The figures in their order; `write` gets a name and a number, or none.
template <typename Write>
void write_totals(const TtlHistogram& ttls, Write write) {
    const auto time = [&](const char* name, std::optional<milliseconds> ttl) {
        write(name, ttl ? std::optional<std::int64_t>(ttl->count()) : std::nullopt);
    };
    write_count("keys", ttls.count(ttls.keys()), write);
    write_count("persistent", ttls.count(ttls.persistent()), write);
    write_count("expiring", ttls.count(ttls.expiring()), write);
    time("min_ms", ttls.min());
    time("p50_ms", ttls.percentile(0.5));
    time("p90_ms", ttls.percentile(0.9));
    time("max_ms", ttls.max());
}

void write_json(JsonWriter& json, const TtlHistogram& ttls, bool complete) {
    const std::optional<SampleOutcome>& sample = ttls.sample();
    const auto field = [&](std::string_view name, std::optional<std::int64_t> value) {
        json.field(name, value);
    };
    json.begin_object();
    write_totals(ttls, field);
    json.key("buckets");
    json.begin_array();
    for (const TtlBucket& bucket : ttls.buckets()) {
        json.begin_object();
        field("le_ms", bucket.le ? std::optional<std::int64_t>(bucket.le->count()) : std::nullopt);
        write_count("keys", ttls.count(bucket.keys), field);
        json.end_object();
    }
    json.end_array();
    json.field("sampled", sample.has_value());
    if (sample) {
        json.field("sample_keys", sample->drawn);
    }
    json.field("complete", complete);
    json.end_object();
}

/// NAME and VALUE, the same for plain and CSV; a bucket is named by its upper end.
void write_lines(Writer& out, const TtlHistogram& ttls, Format format) {
    Rows rows(out, {.format = format},
              {{"name", "NAME"}, {"value", "VALUE", Field::Kind::count, "-"}});
    const auto figure = [&](std::string_view name, std::optional<std::int64_t> value) {
        rows.row({name, value});
    };
    write_totals(ttls, figure);
    for (const TtlBucket& bucket : ttls.buckets()) {
        write_count(bucket.le ? fmt::format("bucket_le_ms_{}", bucket.le->count()) : "bucket_above",
                    ttls.count(bucket.keys), figure);
    }
    if (ttls.sample()) {
        figure("sample_keys", static_cast<std::int64_t>(ttls.sample()->drawn));
    }
    rows.finish();
}

void draw_table(Writer& out, const Display& display, const TtlHistogram& ttls) {
    std::vector<Column> columns = {{"EXPIRES"}, {"KEYS", ColumnKind::right}};
    if (ttls.sample()) {
        columns.push_back({"95 % WITHIN", ColumnKind::right});
    }
    columns.push_back({"SHARE", ColumnKind::right});
    columns.push_back({"", ColumnKind::bar});
    Table table(out, display, std::move(columns));
    const auto row = [&](const std::string& name, std::uint64_t keys, Style style) {
        const double share = static_cast<double>(keys) / static_cast<double>(ttls.keys());
        const Count count = ttls.count(keys);
        std::vector<Cell> cells = {{name, style}, {format_count(count.keys), style}};
        if (count.interval) {
            cells.emplace_back(fmt::format("{} – {}", format_count(count.interval->first),
                                           format_count(count.interval->second)));
        }
        cells.emplace_back(fmt::format("{:.1f} %", 100 * share), style);
        cells.push_back(Cell::bar(share, style));
        table.row(std::move(cells));
    };
    std::string last;
    for (const TtlBucket& bucket : ttls.buckets()) {
        const std::string bound = bucket.le ? format_duration(*bucket.le) : "";
        row(!bucket.le     ? "over " + last
            : last.empty() ? "up to " + bound
                           : last + " to " + bound,
            bucket.keys, Style::plain);
        last = bound;
    }
    row("never", ttls.persistent(), ttls.persistent() > 0 ? Style::yellow : Style::plain);
    table.finish();
}

void draw(Writer& out, const Display& display, const TtlHistogram& ttls) {
    const std::optional<SampleOutcome>& sample = ttls.sample();
    if (ttls.keys() == 0) {
        out.write(sample
                      ? fmt::format("none of {} keys drawn by lot\n", format_count(sample->drawn))
                      : "no keys\n");
        return;
    }
    draw_table(out, display, ttls);
    const auto figure = [](std::optional<milliseconds> ttl) { return format_duration(*ttl); };
    const std::int64_t keys = ttls.count(ttls.keys()).keys;
    std::string sentence = fmt::format("{}{} {}", sample ? "about " : "", format_count(keys),
                                       keys == 1 ? "key" : "keys");
    if (ttls.expiring() > 0) {
        sentence += fmt::format(
            ": the first expires in {}, half of those that do in {}, 90 % "
            "in {}, the last in {}",
            figure(ttls.min()), figure(ttls.percentile(0.5)), figure(ttls.percentile(0.9)),
            figure(ttls.max()));
    }
    out.write('\n' + wrapped_sentence(sentence, display, 2));
    if (sample) {
        out.write(wrapped_sentence(
            fmt::format("estimated from {} of {} keys, drawn by lot", format_count(sample->drawn),
                        format_count(sample->population)),
            display, 2));
    }
}

}  // namespace

void write_ttl_summary(Writer& out, const Display& display, const TtlHistogram& ttls, Format format,
                       bool complete) {
    const auto lines = [&] { write_lines(out, ttls, format); };
    write_document(out, format,
                   {.table = [&] { draw(out, display, ttls); },
                    .lines = lines,
                    .json = [&](JsonWriter& json) { write_json(json, ttls, complete); },
                    .csv = lines});
}

}  // namespace cachectl
