#include "keyspace/ttl_timeline_drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "keyspace/glob.hpp"
#include "output/chart.hpp"
#include "output/escape.hpp"
#include "output/wrapped.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::size_t k_rows_for_people = 10;

/// "1h30m", as options take it; to the minute.
std::string option_duration(milliseconds duration) {
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(duration).count();
    const auto hours = minutes / 60;
    return (hours == 0 ? "" : fmt::format("{}h", hours)) +
           (minutes % 60 == 0 && hours != 0 ? "" : fmt::format("{}m", minutes % 60));
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
}

std::string padded_left(const std::string& text, std::size_t width) {
    return std::string(width - std::min(width, display_width(text)), ' ') + text;
}

std::string padded_right(const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, display_width(text)), ' ');
}

/// The lines of the drawing, each with the width of its columns.
class TimelineDrawing {
public:
    TimelineDrawing(Writer& out, const Display& display, const TtlTimeline& timeline)
        : m_out(out),
          m_display(display),
          m_timeline(timeline),
          m_rows(timeline.rows(k_rows_for_people)),
          m_cliffs(timeline.cliffs()) {
        m_rows.push_back(timeline.all());
        for (const TimelineRow& row : m_rows) {
            for (const std::uint64_t cell : row.cells) {
                m_fullest = std::max(m_fullest, cell);
            }
        }
    }

    void draw() {
        measure();
        draw_title();
        draw_axis();
        for (const TimelineRow& row : m_rows) {
            draw_row(row);
        }
        draw_cliffs();
        if (const auto& sample = m_timeline.sample()) {
            Wrapped line(m_display, 0);
            line.words("",
                       fmt::format("estimated from {} of {} keys, drawn by lot",
                                   format_count(sample->drawn), format_count(sample->population)));
            m_out.write('\n' + line.text());
        }
    }

private:
    using Figures = std::array<std::string, 3>;

    [[nodiscard]] std::string keys(std::uint64_t n) const {
        return format_count(
            static_cast<std::uint64_t>(std::max<std::int64_t>(m_timeline.count(n).keys, 0)));
    }
    [[nodiscard]] Figures figures(const TimelineRow& row) const {
        return {keys(row.within), keys(row.later), keys(row.never)};
    }
    [[nodiscard]] bool is_all(const TimelineRow& row) const { return &row == &m_rows.back(); }
    [[nodiscard]] std::string label(const TimelineRow& row) const {
        return is_all(row) ? "all" : escape_for_terminal(namespace_row_name(row.kind, row.name));
    }
    [[nodiscard]] std::size_t cells() const { return m_rows.back().cells.size(); }

    void measure() {
        m_titles = {upper("in " + format_duration(m_timeline.span())), "LATER", "NEVER"};
        for (std::size_t i = 0; i < m_titles.size(); ++i) {
            m_widths[i] = display_width(m_titles[i]);
            for (const TimelineRow& row : m_rows) {
                m_widths[i] = std::max(m_widths[i], display_width(figures(row)[i]));
            }
        }
        for (const TimelineRow& row : m_rows) {
            m_name_width = std::max(m_name_width, display_width(label(row)));
        }
        const std::size_t others = cells() + m_widths[0] + m_widths[1] + m_widths[2] + 4 * k_gap;
        constexpr std::size_t k_shortest_name = 8;
        if (m_display.columns != 0 && m_name_width + others > m_display.columns) {
            const std::size_t room = m_display.columns - std::min(m_display.columns, others);
            m_name_width = std::min(m_name_width, std::max(room, k_shortest_name));
        }
    }

    void draw_title() {
        const milliseconds span = m_timeline.span();
        const milliseconds cell = m_timeline.cell();
        const std::string title = fmt::format("When do keys expire? the next {}, {} a cell",
                                              span == 1h ? "hour" : format_duration(span),
                                              cell == 1min ? "a minute" : format_duration(cell));
        const std::array<double, 9> levels = {0, 1, 2, 3, 4, 5, 6, 7, 8};
        const std::string glyphs = density(levels, 8, m_display.glyphs);
        const std::size_t none_bytes = m_display.glyphs == Glyphs::ascii ? 1 : 2;
        const std::string legend =
            fmt::format("{} none   {} of the fullest, {}", glyphs.substr(0, none_bytes),
                        glyphs.substr(none_bytes), keys(m_fullest));
        Wrapped line(m_display, 0);
        line.words("", title);
        line.add("    ", legend);
        m_out.write(line.text() + '\n');
    }

    /// "now", and every quarter of the span, or half where quarters have no room.
    void draw_axis() {
        constexpr std::size_t k_room = 10;
        const std::size_t parts = cells() / 4 >= k_room ? 4 : 2;
        std::string axis = "now";
        for (std::size_t i = 1; i < parts; ++i) {
            const std::string time =
                format_duration(m_timeline.span() * static_cast<milliseconds::rep>(i) /
                                static_cast<milliseconds::rep>(parts));
            axis = padded_right(axis, cells() * i / parts) + time;
        }
        std::string line = std::string(m_name_width + k_gap, ' ') + padded_right(axis, cells());
        for (std::size_t i = 0; i < m_titles.size(); ++i) {
            line += std::string(k_gap, ' ') + padded_left(m_titles[i], m_widths[i]);
        }
        m_out.write(m_display.paint(Style::bold, line) + '\n');
    }

    void draw_row(const TimelineRow& row) {
        const std::string name = cut_to_width(label(row), m_name_width, m_display.ellipsis());
        m_out.write(m_display.paint(is_all(row) ? Style::plain : Style::bold, name) +
                    std::string(m_name_width - display_width(name) + k_gap, ' '));
        draw_cells(row);
        const Figures numbers = figures(row);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            m_out.write(std::string(k_gap, ' ') + padded_left(numbers[i], m_widths[i]));
        }
        m_out.write("\n");
    }

    /// Cells with a cliff in red.
    void draw_cells(const TimelineRow& row) {
        const std::vector<double> values(row.cells.begin(), row.cells.end());
        for (std::size_t i = 0; i < values.size();) {
            const bool red = is_cliff(row, i);
            std::size_t end = i + 1;
            while (end < values.size() && is_cliff(row, end) == red) {
                ++end;
            }
            m_out.write(m_display.paint(red ? Style::red : Style::plain,
                                        density({values.data() + i, end - i},
                                                static_cast<double>(m_fullest), m_display.glyphs)));
            i = end;
        }
    }

    [[nodiscard]] bool is_cliff(const TimelineRow& row, std::size_t cell) const {
        const milliseconds begin = m_timeline.cell() * static_cast<milliseconds::rep>(cell);
        return !is_all(row) && row.cells[cell] != 0 &&
               std::any_of(m_cliffs.begin(), m_cliffs.end(), [&](const TtlCliff& cliff) {
                   return cliff.kind == row.kind && cliff.name == row.name &&
                          cliff.from < begin + m_timeline.cell() && begin < cliff.to;
               });
    }

    void draw_cliffs() {
        constexpr std::size_t k_indent_of_cliff = 9;
        for (const TtlCliff& cliff : m_cliffs) {
            const std::string name =
                escape_for_terminal(namespace_row_name(cliff.kind, cliff.name));
            Wrapped line(m_display, k_indent_of_cliff);
            line.add("", "cliff", Style::red);
            line.words("    ",
                       fmt::format("in {}, within {}: {}{} keys of", format_duration(cliff.from),
                                   format_duration(cliff.to - cliff.from),
                                   m_timeline.sample() ? "about "
                                   : cliff.is_all      ? "all "
                                                       : "",
                                   keys(cliff.keys)));
            line.add(" ", name, Style::bold);
            line.words(": ", "the database is asked for them at once");
            m_out.write('\n' + line.text());
            if (const std::string command = spreading_command(cliff); !command.empty()) {
                Wrapped remedy(m_display, k_indent_of_cliff);
                remedy.add(std::string(k_indent_of_cliff, ' '), command);
                remedy.words(" ", "spreads them");
                m_out.write(remedy.text());
            }
        }
    }

    static constexpr std::size_t k_gap = 2;

    Writer& m_out;
    Display m_display;
    const TtlTimeline& m_timeline;
    std::vector<TimelineRow> m_rows;  // the last is of all
    std::vector<TtlCliff> m_cliffs;
    std::uint64_t m_fullest = 0;  // of all cells
    std::array<std::string, 3> m_titles;
    std::array<std::size_t, 3> m_widths{};
    std::size_t m_name_width = 0;
};

}  // namespace

std::string spreading_command(const TtlCliff& cliff) {
    if (cliff.kind != NamespaceCount::Kind::named) {
        return "";
    }
    milliseconds time = std::max<milliseconds>(2 * cliff.from, 30min);
    const milliseconds step = time > 2h ? milliseconds(1h) : milliseconds(5min);
    time = step * ((time + step - 1ms) / step);
    std::string command = "cachectl expire " + shell_word(escape_glob(cliff.name) + ":*");
    if (!cliff.is_all) {
        command += " --ttl-below " + option_duration(cliff.to + 1min);
    }
    return command + " --set " + option_duration(time) + " --jitter 50%";
}

void draw_timeline(Writer& out, const Display& display, const TtlTimeline& timeline) {
    if (timeline.all().keys() != 0) {
        TimelineDrawing(out, display, timeline).draw();
        return;
    }
    const auto& sample = timeline.sample();
    out.write(sample ? fmt::format("none of {} keys drawn by lot\n", format_count(sample->drawn))
                     : "no keys\n");
}

std::size_t timeline_cells(const Display& display) {
    constexpr std::size_t k_beside = 38;  // a short name, and figures of six digits
    constexpr std::size_t k_unless_known = 60;
    if (display.columns == 0) {
        return k_unless_known;
    }
    for (const std::size_t cells :
         {std::size_t{120}, k_unless_known, std::size_t{40}, std::size_t{20}}) {
        if (cells + k_beside <= display.columns) {
            return cells;
        }
    }
    return 12;
}

}  // namespace cachectl
