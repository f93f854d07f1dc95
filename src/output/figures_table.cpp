// Figures for people: human units, bars where there is a whole to be a part of.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "output/figures.hpp"
#include "output/table.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using Unit = Figure::Unit;

/// "used_bytes" is "used" once its value is "1.2 MiB".
std::string label_of(const Figure& figure) {
    if (!figure.title.empty()) {
        return figure.title;
    }
    std::string label = figure.name;
    for (const std::string_view suffix : {"_bytes", "_s", "_ms", "_usec"}) {
        if (figure.unit != Unit::none && label.ends_with(suffix)) {
            label.resize(label.size() - suffix.size());
        }
    }
    if (label.starts_with("usec_")) {
        label.erase(0, 5);
    }
    std::replace(label.begin(), label.end(), '_', ' ');
    return label;
}

/// A server may say any number.
double within_int64(double number) { return std::clamp(number, 0.0, 9e18); }

std::string microseconds_text(double microseconds) {
    if (microseconds < 1'000) {
        return fmt::format("{:.3g} us", microseconds);
    }
    if (microseconds < 1'000'000) {
        return fmt::format("{:.1f} ms", microseconds / 1'000);
    }
    return format_duration(
        std::chrono::milliseconds(static_cast<std::int64_t>(within_int64(microseconds / 1'000))));
}

/// Servers say -1 for a time that there is not.
std::string milliseconds_text(double milliseconds) {
    if (milliseconds < 0) {
        return "-";
    }
    return format_duration(
        std::chrono::milliseconds(static_cast<std::int64_t>(within_int64(milliseconds))));
}

std::string with_unit(Unit unit, double number) {
    switch (unit) {
        case Unit::bytes:
            return format_size(static_cast<std::uint64_t>(within_int64(number)));
        case Unit::seconds:
            return milliseconds_text(number * 1'000);
        case Unit::milliseconds:
            return milliseconds_text(number);
        case Unit::microseconds:
            return microseconds_text(number);
        case Unit::share:
            return fmt::format("{:.1f} %", number * 100);
        case Unit::none:
            break;
    }
    return fmt::format("{:.2f}", number);
}

std::string text_of(const Figure& figure) {
    if (!figure.shown.empty()) {
        return figure.shown;
    }
    if (const auto* text = std::get_if<std::string>(&figure.value)) {
        return *text;
    }
    if (const auto* number = std::get_if<double>(&figure.value)) {
        return with_unit(figure.unit, *number);
    }
    const auto* integer = std::get_if<std::int64_t>(&figure.value);
    if (integer == nullptr) {
        return "-";
    }
    if (figure.unit != Unit::none) {
        return with_unit(figure.unit, static_cast<double>(*integer));
    }
    return *integer < 0 ? fmt::to_string(*integer)
                        : format_count(static_cast<std::uint64_t>(*integer));
}

/// The groups of one row, one below the other, their values aligned.
class OneColumn {
public:
    OneColumn(Writer& out, const Display& display)
        : m_table(out, display, {{""}, {""}, {""}, {"", ColumnKind::bar}}) {}

    void add(const FigureGroup& group) {
        if (group.shape == FigureGroup::Shape::list || group.rows.empty()) {
            return;
        }
        std::string title = group.name;  // once, beside the first
        for (const Figure& figure : group.rows[0]) {
            std::string text = text_of(figure);
            if (figure.fraction && figure.unit != Unit::share) {
                text += fmt::format(" ({:.1f} %)", *figure.fraction * 100);
            }
            m_table.row({{title, Style::bold},
                         label_of(figure),
                         text,
                         Cell::bar(figure.fraction.value_or(0), Style::cyan)});
            title.clear();
        }
        for (const FigureGroup& inner : group.inner) {
            add(inner);
        }
    }

    void finish() { m_table.finish(); }

private:
    Table m_table;
};

bool has_bar(const FigureGroup& group, std::size_t column) {
    return std::any_of(group.rows.begin(), group.rows.end(), [&](const FigureRow& row) {
        return column < row.size() && row[column].fraction.has_value();
    });
}

void write_list(Writer& out, const Display& display, const FigureGroup& group,
                std::size_t most_rows) {
    std::vector<Column> columns;
    std::optional<std::size_t> bars;
    const FigureRow& first = group.rows[0];
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (!first[i].for_people) {
            continue;
        }
        std::string title = i == 0 ? group.label : label_of(first[i]);
        std::transform(title.begin(), title.end(), title.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        const bool text = first[i].kind == Figure::Kind::text;
        columns.push_back({title, text ? ColumnKind::left : ColumnKind::right,
                           text ? Overflow::cut : Overflow::leave_out});
        if (has_bar(group, i)) {
            bars = i;
        }
    }
    if (bars) {
        columns.push_back({"", ColumnKind::bar});
    }

    Table table(out, display, columns);
    const std::size_t shown = std::min(most_rows, group.rows.size());
    for (std::size_t r = 0; r < shown; ++r) {
        const FigureRow& row = group.rows[r];
        std::vector<Cell> cells;
        for (const Figure& figure : row) {
            if (figure.for_people) {
                cells.emplace_back(text_of(figure));
            }
        }
        if (bars) {
            cells.push_back(Cell::bar(row[*bars].fraction.value_or(0), Style::cyan));
        }
        table.row(std::move(cells));
    }
    table.finish();
    if (shown < group.rows.size()) {
        out.write(display.paint(Style::dim,
                                fmt::format("and {} more with less", group.rows.size() - shown)) +
                  '\n');
    }
}

/// Calls `visit` for each list with rows, also those inside other groups.
template <typename Visit>
void each_list(std::span<const FigureGroup> groups, const Visit& visit) {
    for (const FigureGroup& group : groups) {
        if (group.shape == FigureGroup::Shape::list && !group.rows.empty()) {
            visit(group);
        }
        each_list(std::span<const FigureGroup>(group.inner), visit);
    }
}

}  // namespace

void write_figures_table(Writer& out, const Display& display, std::span<const FigureGroup> groups,
                         std::size_t most_rows) {
    OneColumn figures(out, display);
    bool any = false;
    for (const FigureGroup& group : groups) {
        any |= group.shape == FigureGroup::Shape::one;
        figures.add(group);
    }
    figures.finish();
    each_list(groups, [&](const FigureGroup& group) {
        if (any) {
            out.write("\n");
        }
        any = true;
        write_list(out, display, group, most_rows);
    });
    if (!any) {
        out.write("nothing to show\n");
    }
}

}  // namespace cachectl
