#include "usage/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "output/escape.hpp"
#include "output/prometheus.hpp"
#include "output/rows.hpp"
#include "util/figures.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_labels = 200;

std::int64_t whole(double value) { return std::llround(value); }

/// Of the bytes; where no size is known, of the keys.
double share_of(const Usage& usage, const Amount& amount) {
    const Amount& total = usage.total();
    const bool by_bytes = !usage.lacks_sizes() && total.bytes != 0;
    const std::uint64_t part = by_bytes ? amount.bytes : amount.keys;
    const std::uint64_t all = by_bytes ? total.bytes : total.keys;
    return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

/// NAME, and of a sample NAME_low and NAME_high.
void write_estimate(JsonWriter& json, const std::string& name, const Estimate& estimate,
                    bool sampled) {
    json.field(name, whole(estimate.value));
    if (sampled) {
        json.field(name + "_low", whole(std::floor(estimate.low)));
        json.field(name + "_high", whole(std::ceil(estimate.high)));
    }
}

void write_amount(JsonWriter& json, const Usage& usage, const Amount& amount) {
    const bool sampled = usage.sample().has_value();
    write_estimate(json, "keys", usage.keys_of(amount), sampled);
    if (amount.keys != 0 && amount.unsized == amount.keys) {
        json.field("bytes", nullptr);
    } else {
        write_estimate(json, "bytes", usage.bytes_of(amount), sampled);
    }
    json.field("persistent", whole(usage.persistent_of(amount).value));
}

void write_largest(JsonWriter& json, const std::vector<DescribedKey>& largest) {
    json.begin_array();
    for (const DescribedKey& described : largest) {
        json.begin_object();
        json.bytes_field("key", described.key.key);
        json.field("bytes", described.key.bytes);
        json.field("type",
                   described.type.empty() ? std::optional<std::string_view>() : described.type);
        json.field("elements", described.elements);
        json.field("ttl_ms", described.key.ttl
                                 ? std::optional<std::int64_t>(described.key.ttl->count())
                                 : std::nullopt);
        json.end_object();
    }
    json.end_array();
}

Figure gauge(const char* name, Figure::Unit unit, std::optional<double> value, const char* help) {
    Figure figure;
    figure.name = name;
    figure.unit = unit;
    figure.help = help;
    if (value) {
        figure.value = whole(*value);
    }
    return figure;
}

/// Largest first, then by name.
std::vector<std::pair<std::string_view, const UsageNode*>> sorted(
    const UsageNode::Children& children) {
    std::vector<std::pair<std::string_view, const UsageNode*>> all;
    for (const auto& [name, child] : children) {
        all.emplace_back(name, child.get());
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        const std::uint64_t of_a = a.second->amount.bytes, of_b = b.second->amount.bytes;
        return of_a != of_b ? of_a > of_b : a.first < b.first;
    });
    return all;
}

/// Rows beyond the `most` largest as one, with keys whose namespace has its name.
std::vector<UsageRow> capped(std::vector<UsageRow> rows, std::size_t most) {
    if (rows.size() <= most) {
        return rows;
    }
    UsageRow rest{"(rest)", "(rest)", "(rest)", {}, nullptr};
    std::size_t at = 0;
    std::erase_if(rows, [&](const UsageRow& row) {
        const bool is_rest = at++ >= most || row.name == rest.name;
        if (is_rest) {
            rest.amount.add(row.amount);
        }
        return is_rest;
    });
    rows.push_back(std::move(rest));
    return rows;
}

/// A frame's name: what ends a frame is "_" in it, and what a terminal would act on \xNN, as the
/// lines are drawn into pictures that must be UTF-8.
std::string frame_name(std::string_view segment) {
    std::string name = escape_for_terminal(segment);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ';' || c == ' '; }, '_');
    return name.empty() ? "(empty)" : name;
}

void write_folded_node(Writer& out, const Usage& usage, const UsageNode& node,
                       const std::string& stack) {
    Amount here = node.amount;
    for (const auto& [name, child] : sorted(node.children)) {
        here.subtract(child->amount);
        write_folded_node(out, usage, *child,
                          stack.empty() ? frame_name(name) : stack + ';' + frame_name(name));
    }
    if (here.keys != 0) {
        out.write(fmt::format("{} {}\n", stack, whole(usage.bytes_of(here).value)));
    }
}

void write_ncdu_file(JsonWriter& json, std::string_view name, std::int64_t bytes) {
    json.begin_object();
    json.field("name", name);
    json.field("asize", bytes);
    json.field("dsize", bytes);
    json.end_object();
}

void write_ncdu_folder(JsonWriter& json, const Usage& usage, const UsageNode& node,
                       std::string_view title) {
    json.begin_array();
    json.begin_object();
    json.field("name", title);
    json.end_object();
    Amount here = node.amount;
    for (const auto& [name, child] : sorted(node.children)) {
        here.subtract(child->amount);
        const std::string_view shown = name.empty() ? "(empty)" : name;
        if (child->children.empty()) {
            write_ncdu_file(json, shown, whole(usage.bytes_of(child->amount).value));
        } else {
            write_ncdu_folder(json, usage, *child, shown);
        }
    }
    if (here.keys != 0) {
        write_ncdu_file(json, "(keys)", whole(usage.bytes_of(here).value));
    }
    json.end_array();
}

}  // namespace

void write_usage_json(JsonWriter& json, const UsageReport& report) {
    const Usage& usage = report.usage;
    json.key("total");
    json.begin_object();
    write_amount(json, usage, usage.total());
    json.end_object();
    json.field("by", report.by);
    json.field("depth", report.depth);
    json.field("sampled", usage.sample().has_value());
    json.field("sample_keys", usage.sample() ? std::optional(usage.sample()->drawn) : std::nullopt);
    json.key("namespaces");
    json.begin_array();
    for (const UsageRow& row : usage.rows(report.depth)) {
        json.begin_object();
        json.bytes_field("namespace", row.name);
        json.bytes_field("example", row.example);
        write_amount(json, usage, row.amount);
        json.field("share", share_of(usage, row.amount));
        json.end_object();
    }
    json.end_array();
    json.key("largest");
    write_largest(json, report.largest);
    json.key("server");
    json.begin_object();
    json.field("used_bytes", report.used_bytes);
    json.field("max_bytes", report.max_bytes);
    json.field("dataset_bytes", report.dataset_bytes);
    json.end_object();
    json.field("elapsed_ms", report.elapsed.count());
    json.field("complete", report.complete);
}

void write_usage_rows(Writer& out, const UsageReport& report, Format format) {
    const Usage& usage = report.usage;
    using Kind = Field::Kind;
    std::vector<Field> fields = {{"namespace", "NAMESPACE", Kind::key},
                                 {"bytes", "MEMORY", Kind::count, "-"},
                                 {"bytes_low", "", Kind::count},
                                 {"bytes_high", "", Kind::count},
                                 {"keys", "KEYS", Kind::count},
                                 {"keys_low", "", Kind::count},
                                 {"keys_high", "", Kind::count},
                                 {"persistent", "", Kind::count},
                                 {"share", "", Kind::number}};
    Rows rows(out, {.format = format, .escaped = out.is_terminal()}, fields);
    for (const UsageRow& row : usage.rows(report.depth)) {
        const Estimate keys = usage.keys_of(row.amount), bytes = usage.bytes_of(row.amount);
        const bool sized = row.amount.unsized < row.amount.keys;
        const auto size = [&](double value) {
            return sized ? std::optional(whole(value)) : std::nullopt;
        };
        const std::string share = fmt::format("{:.6f}", share_of(usage, row.amount));
        rows.row({row.name, size(bytes.value), size(bytes.low), size(bytes.high), whole(keys.value),
                  whole(keys.low), whole(keys.high), whole(usage.persistent_of(row.amount).value),
                  share});
    }
    rows.finish();
}

void write_usage_prometheus(Writer& out, const UsageReport& report) {
    const Usage& usage = report.usage;
    using Unit = Figure::Unit;
    FigureGroup group{"du", FigureGroup::Shape::list, {}, report.by};
    for (const UsageRow& row : capped(usage.rows(report.depth), k_most_labels)) {
        Figure name;
        name.name = report.by;
        name.kind = Figure::Kind::text;
        name.value = row.name;
        const bool sized = row.amount.unsized < row.amount.keys;
        const auto bytes = sized ? std::optional(usage.bytes_of(row.amount).value) : std::nullopt;
        group.rows.push_back(
            {name, gauge("bytes", Unit::bytes, bytes, "Memory of the keys and their values"),
             gauge("keys", Unit::none, usage.keys_of(row.amount).value, "Keys"),
             gauge("persistent_keys", Unit::none, usage.persistent_of(row.amount).value,
                   "Keys that never expire")});
    }
    FigureGroup sample{"du_sample", FigureGroup::Shape::one, {}};
    const auto drawn = usage.sample() ? usage.sample()->drawn : usage.total().keys;
    sample.rows.push_back(
        {gauge("keys", Unit::none, static_cast<double>(drawn), "Keys that were looked at")});
    const FigureGroup groups[] = {group, sample};
    write_figures_prometheus(out, groups);
}

void write_usage_folded(Writer& out, const UsageReport& report) {
    write_folded_node(out, report.usage, report.usage.root(), "");
}

void write_usage_ncdu(Writer& out, const UsageReport& report, std::int64_t unix_time) {
    JsonWriter json(out, JsonLayout::compact);
    json.begin_array();
    json.value(1);
    json.value(1);
    json.begin_object();
    json.field("progname", "cachectl");
    json.field("progver", CACHECTL_VERSION);
    json.field("timestamp", unix_time);
    json.end_object();
    write_ncdu_folder(json, report.usage, report.usage.root(), report.server);
    json.end_array();
}

}  // namespace cachectl
