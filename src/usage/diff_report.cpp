// The forms of a diff.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "output/chart.hpp"
#include "output/escape.hpp"
#include "output/rows.hpp"
#include "output/table.hpp"
#include "output/wrapped.hpp"
#include "usage/diff.hpp"
#include "usage/figure_text.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_rows_shown = 20;
constexpr std::size_t k_names_shown = 8;

template <typename Text>
std::string signed_text(std::int64_t change, Text text) {
    return change == 0 ? "same" : (change > 0 ? "+" : "-") + text(std::abs(change));
}

/// "28 Nov 11:28" in UTC.
std::string date_text(WallTime at) {
    const auto utc = format_utc(at);
    if (!utc) {
        return "?";
    }
    constexpr const char* k_months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int month = (utc->at(5) - '0') * 10 + (utc->at(6) - '0');
    return fmt::format("{} {} {}", utc->substr(8, 2), k_months[std::clamp(month, 1, 12) - 1],
                       utc->substr(11, 5));
}

std::string ttl_text(std::optional<std::int64_t> ms) {
    return ms ? format_duration(std::chrono::milliseconds(*ms)) : "never";
}

/// A bar to the left or the right of a middle line; `share` is -1..1.
std::string two_way_bar(double share, const Display& display) {
    constexpr std::size_t k_left = 10, k_right = 14;
    const bool unicode = display.glyphs == Glyphs::unicode;
    std::string left, right;
    if (share < 0) {
        const auto blocks = std::clamp<std::size_t>(
            static_cast<std::size_t>(std::lround(-share * k_left)), 1, k_left);
        left = std::string(k_left - blocks, ' ');
        for (std::size_t i = 0; i < blocks; ++i) {
            left += unicode ? "█" : "#";
        }
    } else {
        left = std::string(k_left, ' ');
        right = bar(share, k_right, display.glyphs);
    }
    return left + (unicode ? "│" : "|") + right;
}

void write_side(JsonWriter& json, std::string_view name, const Snapshot& snapshot) {
    json.key(name);
    json.begin_object();
    json.field("at", std::string_view(format_utc(snapshot.at).value_or("")));
    json.field("target", std::string_view(snapshot.target));
    json.field("sampled", snapshot.sampled);
    json.field("complete", snapshot.complete);
    json.end_object();
}

void write_figures_of(JsonWriter& json, const DiffRow& row, bool sampled) {
    json.field("keys", row.after.keys.value);
    json.field("keys_change", row.keys.change);
    const bool sized = row.after.bytes.has_value() && row.before.bytes.has_value();
    const auto bytes = [&](std::int64_t value) {
        return sized ? std::optional(value) : std::nullopt;
    };
    json.field("bytes", bytes(sized ? row.after.bytes->value : 0));
    json.field("bytes_change", bytes(row.bytes.change));
    if (sampled) {
        json.field("bytes_low", bytes(sized ? row.after.bytes->low : 0));
        json.field("bytes_high", bytes(sized ? row.after.bytes->high : 0));
        json.field("bytes_change_low", bytes(row.bytes.low));
        json.field("bytes_change_high", bytes(row.bytes.high));
    }
}

void write_names(Writer& out, const Display& display, const Diff& diff, RowState state,
                 const char* title) {
    Wrapped names(display, std::string_view(title).size() + 2);
    names.add("", title, Style::bold);
    std::size_t shown = 0, all = 0;
    for (const DiffRow& row : diff.rows) {
        if (row.state != state) {
            continue;
        }
        if (++all > k_names_shown) {
            continue;
        }
        const SnapshotRow& side = state == RowState::gone ? row.before : row.after;
        names.add(
            shown++ == 0 ? "  " : ", ",
            escape_for_terminal(side.name) + fmt::format(" ({} {})", count_text(side.keys.value),
                                                         side.keys.value == 1 ? "key" : "keys"));
    }
    if (all > shown) {
        names.words(" ", fmt::format("and {} more", all - shown));
    }
    if (all != 0) {
        out.write(names.text());
    }
}

}  // namespace

void write_diff_json(JsonWriter& json, const Diff& diff) {
    const bool sampled = diff.from.sampled || diff.to.sampled;
    write_side(json, "from", diff.from);
    write_side(json, "to", diff.to);
    json.key("total");
    json.begin_object();
    write_figures_of(json, diff.total, sampled);
    json.end_object();
    json.key("namespaces");
    json.begin_array();
    for (const DiffRow& row : diff.rows) {
        json.begin_object();
        json.bytes_field("namespace", row.after.name);
        write_figures_of(json, row, sampled);
        json.field("state", name_of(row.state));
        json.end_object();
    }
    json.end_array();
    json.key("ttl_changes");
    json.begin_array();
    for (const TtlChange& change : diff.ttls) {
        json.begin_object();
        json.bytes_field("namespace", change.name);
        json.field("before_ms", change.before_ms);
        json.field("after_ms", change.after_ms);
        json.end_object();
    }
    json.end_array();
}

void write_diff_rows(Writer& out, const Diff& diff, Format format) {
    using Kind = Field::Kind;
    Rows rows(out, {.format = format, .escaped = out.is_terminal()},
              {{"namespace", "NAMESPACE", Kind::key},
               {"bytes_change", "CHANGE", Kind::count, "-"},
               {"keys_change", "KEYS", Kind::count},
               {"state", "STATE"},
               {"bytes", "", Kind::count},
               {"keys", "", Kind::count}});
    for (const DiffRow& row : diff.rows) {
        const bool sized = row.after.bytes && row.before.bytes;
        rows.row({row.after.name, sized ? std::optional(row.bytes.change) : std::nullopt,
                  row.keys.change, name_of(row.state),
                  sized ? std::optional(row.after.bytes->value) : std::nullopt,
                  row.after.keys.value});
    }
    rows.finish();
}

const char* arrow(const Display& display) { return display.glyphs == Glyphs::unicode ? "→" : "->"; }

void write_diff_table(Writer& out, const Display& display, const Diff& diff) {
    Wrapped title(display, 2);
    title.add("", fmt::format("{} {} {}", date_text(diff.from.at), arrow(display),
                              date_text(diff.to.at)));
    title.add("  ", escape_for_terminal(diff.to.server), Style::bold);
    out.write(title.text() + '\n');
    const DiffRow& total = diff.total;
    Wrapped totals(display, 0);
    if (total.after.bytes && total.before.bytes) {
        totals.add("",
                   fmt::format("memory of keys  {} {} {}  {}", size_text(total.before.bytes->value),
                               arrow(display), size_text(total.after.bytes->value),
                               signed_text(total.bytes.change, size_text<std::int64_t>)));
    }
    totals.add(total.after.bytes && total.before.bytes ? "      " : "",
               fmt::format("keys  {} {} {}  {}", count_text(total.before.keys.value),
                           arrow(display), count_text(total.after.keys.value),
                           signed_text(total.keys.change, count_text<std::int64_t>)));
    out.write(totals.text() + '\n');

    std::vector<const DiffRow*> changed;
    for (const DiffRow& row : diff.rows) {
        if (row.state != RowState::same) {
            changed.push_back(&row);
        }
    }
    if (changed.empty()) {
        out.write(wrapped_sentence("no namespace has changed by more than the estimates may be off",
                                   display));
    } else {
        const double most =
            static_cast<double>(std::max<std::int64_t>(1, std::abs(changed.front()->bytes.change)));
        Table table(out, display,
                    {{"NAMESPACE", ColumnKind::left, Overflow::cut},
                     {"MEMORY", ColumnKind::right},
                     {"CHANGE", ColumnKind::right},
                     {"less      | more"},
                     {"KEYS", ColumnKind::right},
                     {"CHANGE", ColumnKind::right}});
        const std::size_t shown = std::min(changed.size(), k_rows_shown);
        for (const DiffRow* row : std::span(changed).first(shown)) {
            const bool sized = row->after.bytes && row->before.bytes;
            const Style style = row->bytes.change > 0 ? Style::yellow : Style::plain;
            table.row(
                {row->after.name,
                 sized ? size_text(row->after.bytes->value) : "-",
                 {sized ? signed_text(row->bytes.change, size_text<std::int64_t>) : "-", style},
                 two_way_bar(static_cast<double>(row->bytes.change) / most, display),
                 count_text(row->after.keys.value),
                 signed_text(row->keys.change, count_text<std::int64_t>)});
        }
        table.finish();
        if (shown < changed.size()) {
            out.write(display.paint(Style::dim,
                                    fmt::format("and {} more with less", changed.size() - shown)) +
                      '\n');
        }
    }
    out.write("\n");
    write_names(out, display, diff, RowState::is_new, "new");
    write_names(out, display, diff, RowState::gone, "gone");
    for (const TtlChange& change : diff.ttls) {
        const bool alarming = !change.after_ms;
        out.write(fmt::format("{}  {} {} {} {}\n", display.paint(Style::bold, "TTL changed"),
                              escape_for_terminal(change.name), ttl_text(change.before_ms),
                              arrow(display),
                              display.paint(alarming ? Style::red : Style::plain,
                                            ttl_text(change.after_ms) + (alarming ? " !" : ""))));
    }
    if (diff.from.sampled || diff.to.sampled) {
        Wrapped note(display, 2);
        note.words("",
                   "estimated from samples: a change is shown where it is larger than the "
                   "estimates may be off",
                   Style::dim);
        out.write(note.text());
    }
}

}  // namespace cachectl
