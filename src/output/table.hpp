// Tables for people: columns aligned by what they take on the screen, every cell escaped, cut to
// the terminal where that was asked for. Rows are streamed: the first ones are measured, and the
// later ones come in the same widths, so that a long table needs no memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "output/color.hpp"
#include "output/display.hpp"
#include "output/writer.hpp"

namespace cachectl {

enum class ColumnKind { left, right, bar };

/// What a column does when the table is wider than the terminal: bars are made shorter first, then
/// what may be cut is; if that is not enough bars are left out, and of the columns that may be,
/// those on the right.
enum class Overflow { keep, cut, leave_out };

struct Column {
    std::string title;
    ColumnKind kind = ColumnKind::left;
    Overflow overflow = Overflow::keep;
};

struct Cell {
    Cell(std::string_view bytes, Style with = Style::plain) : text(bytes), style(with) {}
    Cell(const char* bytes, Style with = Style::plain) : text(bytes), style(with) {}
    Cell(const std::string& bytes, Style with = Style::plain) : text(bytes), style(with) {}

    /// For a column of bars: 0..1
    static Cell bar(double fraction, Style with = Style::plain) {
        Cell cell("", with);
        cell.fraction = fraction;
        return cell;
    }

    std::string text;  // any bytes: escaped when the row is taken
    Style style;
    double fraction = 0;
};

/// How tables are written: aligned for a terminal, or as Markdown for the summary of a CI job.
enum class Markup { none, markdown };
/// Once, before the command runs.
void set_table_markup(Markup markup);
Markup current_table_markup();

class Table {
public:
    /// With all titles empty there is no header.
    Table(Writer& out, Display display, std::vector<Column> columns);

    /// One cell for each column. Throws what Writer throws.
    void row(std::vector<Cell> cells);
    /// Writes the rows that are held so far, which decide the widths.
    void show() { finish(); }
    /// Writes what is still held. A table without rows writes nothing, not even its header.
    void finish();

private:
    struct Line {
        std::vector<Cell> cells;
        std::vector<std::size_t> widths;
    };

    [[nodiscard]] Line measure(std::vector<Cell> cells) const;
    void settle_widths();
    template <typename May>
    void leave_out(std::size_t& excess, May may);
    void write_held();
    void write_row(Line& line);
    void write_line(Line& line);
    void write_markdown_head();
    void write_markdown(const Line& line);

    Writer& m_out;
    Display m_display;
    std::vector<Column> m_columns;
    std::vector<std::size_t> m_widths;
    std::vector<bool> m_left_out;
    std::size_t m_spare = 0;  // columns of the terminal that the settled widths leave free
    std::vector<Line> m_held;
    bool m_settled = false;
};

}  // namespace cachectl
