#include "output/table.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "output/chart.hpp"
#include "output/escape.hpp"
#include "util/free_memory.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_measured_rows = 200;
constexpr std::size_t k_column_gap = 2;
constexpr std::size_t k_widest_bar_column = 24;
constexpr std::size_t k_narrowest_bar_column = 6;
constexpr std::size_t k_narrowest_cut = 8;

Markup table_markup = Markup::none;  // NOLINT(*-avoid-non-const-global-variables)

/// Takes what is too much from the widest column of those that may give, as long as one can.
template <typename MayGive>
void shrink(std::vector<std::size_t>& widths, const std::vector<std::size_t>& least,
            std::size_t& excess, MayGive may_give) {
    for (; excess > 0; --excess) {
        std::size_t* widest = nullptr;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const bool gives = may_give(i) && widths[i] > least[i];
            if (gives && (widest == nullptr || widths[i] > *widest)) {
                widest = &widths[i];
            }
        }
        if (widest == nullptr) {
            return;
        }
        --*widest;
    }
}

}  // namespace

void set_table_markup(Markup markup) { table_markup = markup; }

Markup current_table_markup() { return table_markup; }

Table::Table(Writer& out, Display display, std::vector<Column> columns)
    : m_out(out),
      m_display(display),
      m_columns(std::move(columns)),
      m_widths(m_columns.size()),
      m_left_out(m_columns.size()) {
    assert(!m_columns.empty());
}

void Table::row(std::vector<Cell> cells) {
    assert(cells.size() == m_columns.size());
    Line line = measure(std::move(cells));
    if (table_markup == Markup::markdown) {
        write_markdown(line);
        return;
    }
    if (m_settled) {
        write_row(line);
        return;
    }
    m_held.push_back(std::move(line));
    if (m_held.size() == k_measured_rows) {
        write_held();
    }
}

// Bars are of a terminal; a table is apart from what stands before and behind it.
void Table::write_markdown_head() {
    std::string titles, rule;
    for (const Column& column : m_columns) {
        if (column.kind != ColumnKind::bar) {
            std::string title = column.title;
            replace_all(title, "|", "\\|");  // or there would be more columns than the rule has
            titles += "| " + title + ' ';
            rule += column.kind == ColumnKind::right ? "|---:" : "|---";
        }
    }
    m_out.write('\n' + titles + "|\n" + rule + "|\n");
}

void Table::write_markdown(const Line& line) {
    if (!std::exchange(m_settled, true)) {
        write_markdown_head();
    }
    std::string text;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        if (m_columns[i].kind != ColumnKind::bar) {
            std::string cell = line.cells[i].text;
            for (const char* special : {"\\", "|", "<", "*", "_", "`"}) {
                replace_all(cell, special, std::string("\\") + special);
            }
            text += "| " + cell + ' ';
        }
    }
    m_out.write(text + "|\n");
}

void Table::finish() {
    if (table_markup == Markup::markdown) {
        if (std::exchange(m_settled, false)) {
            m_out.write("\n");
        }
        return;
    }
    if (!m_settled && !m_held.empty()) {
        write_held();
    }
}

Table::Line Table::measure(std::vector<Cell> cells) const {
    Line line{std::move(cells), {}};
    for (Cell& cell : line.cells) {
        cell.text = escape_for_terminal(cell.text);
        line.widths.push_back(display_width(cell.text));
    }
    return line;
}

void Table::write_held() {
    settle_widths();
    const bool titled = std::any_of(m_columns.begin(), m_columns.end(),
                                    [](const Column& column) { return !column.title.empty(); });
    if (titled) {
        Line header;
        for (const Column& column : m_columns) {
            header.cells.emplace_back(column.title, Style::bold);
            header.widths.push_back(display_width(column.title));
        }
        write_line(header);
    }
    for (Line& line : m_held) {
        write_row(line);
    }
    free_memory(m_held);
}

void Table::settle_widths() {
    std::vector<std::size_t> least(m_columns.size());
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        const bool is_bar = m_columns[i].kind == ColumnKind::bar;
        const std::size_t title = display_width(m_columns[i].title);
        m_widths[i] = is_bar ? std::max(title, k_widest_bar_column) : title;
        least[i] = std::max(title, is_bar ? k_narrowest_bar_column : k_narrowest_cut);
        for (const Line& line : m_held) {
            m_widths[i] = std::max(m_widths[i], line.widths[i]);
        }
        // A key may be megabytes long; more than the terminal it will not get.
        const bool may_cut = m_columns[i].overflow == Overflow::cut && m_display.columns > 0;
        if (may_cut) {
            m_widths[i] = std::min(m_widths[i], std::max(least[i], m_display.columns));
        }
    }
    m_settled = true;
    if (m_display.columns == 0) {
        return;
    }

    const std::size_t total = std::accumulate(m_widths.begin(), m_widths.end(), std::size_t{0}) +
                              k_column_gap * (m_widths.size() - 1);
    m_spare = m_display.columns - std::min(total, m_display.columns);
    std::size_t excess = total - std::min(total, m_display.columns);
    shrink(m_widths, least, excess,
           [&](std::size_t i) { return m_columns[i].kind == ColumnKind::bar; });
    shrink(m_widths, least, excess,
           [&](std::size_t i) { return m_columns[i].overflow == Overflow::cut; });
    leave_out(excess, [&](std::size_t i) { return m_columns[i].kind == ColumnKind::bar; });
    leave_out(excess, [&](std::size_t i) { return m_columns[i].overflow == Overflow::leave_out; });
}

template <typename May>
void Table::leave_out(std::size_t& excess, May may) {
    for (std::size_t i = m_columns.size(); i-- > 0 && excess > 0;) {
        if (may(i)) {
            const std::size_t room = m_widths[i] + k_column_gap;
            m_left_out[i] = true;
            m_spare += room - std::min(room, excess);
            excess -= std::min(excess, room);
        }
    }
}

void Table::write_row(Line& line) {
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        if (m_columns[i].kind != ColumnKind::bar) {
            continue;
        }
        line.cells[i].text = bar(line.cells[i].fraction, m_widths[i], m_display.glyphs);
        line.widths[i] = display_width(line.cells[i].text);
    }
    write_line(line);
}

/// A cell wider than its column, which only a row that was not measured can have, takes of the
/// spare columns; a cut one no more than these.
void Table::write_line(Line& line) {
    std::size_t spare = m_spare;
    std::size_t owed = 0;  // blanks, written only if something follows them
    std::string text;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        if (m_left_out[i]) {
            continue;
        }
        Cell& cell = line.cells[i];
        std::size_t& width = line.widths[i];
        if (m_columns[i].overflow == Overflow::cut && m_display.columns > 0 &&
            width > m_widths[i] + spare) {
            cell.text = cut_to_width(cell.text, m_widths[i] + spare, m_display.ellipsis());
            width = display_width(cell.text);
        }
        const std::size_t padding = m_widths[i] - std::min(width, m_widths[i]);
        const std::size_t over = width - std::min(width, m_widths[i]);
        spare -= std::min(spare, over);

        const bool right = m_columns[i].kind == ColumnKind::right;
        if (right) {
            owed += padding;
        }
        if (!cell.text.empty()) {
            text.append(owed, ' ');
            text += m_display.paint(cell.style, cell.text);
            owed = 0;
        }
        owed += (right ? 0 : padding) + k_column_gap;
    }
    text += '\n';
    m_out.write(text);
}

}  // namespace cachectl
