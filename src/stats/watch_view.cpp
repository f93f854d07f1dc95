#include "stats/watch_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "output/chart.hpp"
#include "output/styled_line.hpp"
#include "stats/attention.hpp"
#include "stats/figure_text.hpp"
#include "stats/held_table.hpp"
#include "stats/overview_table.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::array k_latency_steps_ms = {1.0, 5.0, 20.0, 100.0};
constexpr double k_not_known = std::numeric_limits<double>::quiet_NaN();

using ValueText = std::function<std::string(double)>;

/// Where a chart's parts stand.
struct ChartColumns {
    explicit ChartColumns(std::size_t columns)
        : value_end(22),
          begin(25),
          most_end(columns),
          least_end(columns - 9),
          width(columns > begin + 21 ? columns - begin - 20 : 0) {}

    std::size_t value_end, begin, most_end, least_end, width;
};

std::string with_thousands(double per_second) { return format_per_second(per_second); }
std::string short_rate(double per_second) { return format_rate(per_second); }
std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }
std::string lag(double seconds) { return fmt::format("{:.0f} s", std::min(seconds, 1e9)); }
std::string wait(double ms) {
    return format_wait(
        std::chrono::microseconds(static_cast<std::int64_t>(std::clamp(ms, 0.0, 1e9) * 1'000)));
}

struct Extremes {
    double least = k_not_known, most = k_not_known;
};

Extremes extremes_of(const std::vector<double>& values) {
    Extremes found;
    for (const double value : values) {
        found.least = std::fmin(found.least, value);
        found.most = std::fmax(found.most, value);
    }
    return found;
}

std::string known(double value, const ValueText& text) {
    return std::isnan(value) ? "-" : text(value);
}

class ChartRows {
public:
    ChartRows(const WatchState& state, const Display& display, std::size_t columns)
        : m_state(state), m_display(display), m_at(columns), m_columns(columns) {}

    enum class Drawn { from_zero, of_all, heat };

    void add(std::string_view label, double WatchSample::*figure, Drawn drawn,
             const ValueText& text, const ValueText& short_text) {
        const std::vector<double> values = m_state.history.latest(figure, m_at.width);
        const std::vector<double> latest = m_state.history.latest(figure, 1);
        const double now = latest.empty() ? k_not_known : latest.back();
        const Extremes extremes = extremes_of(values);
        StyledLine line(m_display);
        line.add(label, Style::bold).add_right(known(now, text), m_at.value_end);
        line.pad_to(m_at.begin);
        const std::size_t missing = m_at.width - std::min(m_at.width, values.size());
        line.add(std::string(missing, ' ') + drawn_as(drawn, values, extremes), Style::cyan);
        line.add_right(known(extremes.least, short_text), m_at.least_end)
            .add_right(known(extremes.most, short_text), m_at.most_end);
        m_lines.push_back(line.text(m_columns));
    }

    void header() {
        const auto span = m_state.every * static_cast<std::int64_t>(m_at.width);
        StyledLine line(m_display);
        line.add_right("now", m_at.value_end, Style::dim).pad_to(m_at.begin);
        line.add(format_duration(span) + " ago", Style::dim);
        line.add_right("now", m_at.begin + m_at.width, Style::dim)
            .add_right("least", m_at.least_end, Style::dim)
            .add_right("most", m_at.most_end, Style::dim);
        m_lines.push_back(line.text(m_columns));
    }

    void legend() {
        const auto glyph = [&](std::size_t step) { return heat_glyph(step, m_display.glyphs); };
        StyledLine line(m_display);
        line.pad_to(k_legend_begin)
            .add(fmt::format("latency: {} under 1 ms  {} 5 ms  {} 20 ms  {} 100 ms  {} more",
                             glyph(0), glyph(1), glyph(2), glyph(3), glyph(4)),
                 Style::dim);
        m_lines.push_back(line.text(m_columns));
    }

    std::vector<std::string> take() { return std::move(m_lines); }

private:
    static constexpr std::size_t k_legend_begin = 11;

    [[nodiscard]] std::string drawn_as(Drawn drawn, const std::vector<double>& values,
                                       const Extremes& extremes) const {
        if (drawn == Drawn::heat) {
            return heat_line(values, k_latency_steps_ms, m_display.glyphs);
        }
        if (drawn == Drawn::of_all) {
            return sparkline(values, m_display.glyphs, 1);
        }
        // A line of nothing but zeros says less than an empty one.
        return extremes.most > 0 ? sparkline(values, m_display.glyphs)
                                 : std::string(values.size(), ' ');
    }

    const WatchState& m_state;
    const Display& m_display;
    ChartColumns m_at;
    std::size_t m_columns;
    std::vector<std::string> m_lines;
};

std::vector<std::string> chart_lines(const WatchState& state, const Display& display,
                                     std::size_t columns) {
    using Drawn = ChartRows::Drawn;
    ChartRows rows(state, display, columns);
    rows.header();
    rows.add("commands", &WatchSample::commands, Drawn::from_zero, with_thousands, short_rate);
    rows.add("hit ratio", &WatchSample::hit_ratio, Drawn::of_all, percent, percent);
    rows.add("evicted", &WatchSample::evicted, Drawn::from_zero, with_thousands, short_rate);
    rows.add("expired", &WatchSample::expired, Drawn::from_zero, with_thousands, short_rate);
    rows.add("latency", &WatchSample::latency_ms, Drawn::heat, wait, wait);
    const auto lags = state.history.latest(&WatchSample::replica_lag_s, WatchHistory::k_most);
    if (std::any_of(lags.begin(), lags.end(), [](double one) { return !std::isnan(one); })) {
        const auto late = [](double seconds) { return lag(seconds) + " late"; };
        rows.add("replica", &WatchSample::replica_lag_s, Drawn::from_zero, late, lag);
    }
    rows.legend();
    return rows.take();
}

}  // namespace

std::vector<std::string> watch_lines(const ServerTitle& title, const WatchState& state,
                                     const Display& display, std::size_t columns,
                                     std::size_t rows) {
    columns = std::max<std::size_t>(columns, 40);
    const std::string right = "every " + format_duration(state.every) + ", q quits";
    std::vector<std::string> lines =
        title_lines(title, state.server, display, columns, right, context_note(title));
    const std::string trouble = state.trouble.empty() ? "" : "! " + state.trouble;
    lines.push_back(StyledLine(display).add(trouble, Style::red).text(columns));
    lines.push_back(memory_line(state.server.info, display, columns));
    for (std::string& line : chart_lines(state, display, columns)) {
        lines.push_back(std::move(line));
    }
    for (const std::string& note : state.notes) {
        lines.push_back(StyledLine(display).add(note, Style::dim).text(columns));
    }
    if (lines.size() + 3 <= rows && !state.held.empty()) {
        lines.emplace_back();
        for (std::string& line :
             held_table(state.held, display, columns, rows - lines.size() - 1)) {
            lines.push_back(std::move(line));
        }
    }
    lines.resize(std::min(lines.size(), rows));
    return lines;
}

std::string watch_sentence(const WatchState& state) {
    if (!state.trouble.empty() || state.history.empty()) {
        return state.trouble;
    }
    const auto now = [&](double WatchSample::*figure, const ValueText& text) {
        return known(state.history.latest(figure, 1).front(), text);
    };
    std::string line = fmt::format(
        "{} commands, {} hits, {} evicted, {} expired, latency {}",
        now(&WatchSample::commands, with_thousands), now(&WatchSample::hit_ratio, percent),
        now(&WatchSample::evicted, with_thousands), now(&WatchSample::expired, with_thousands),
        now(&WatchSample::latency_ms, wait));
    if (!state.held.empty() && state.held.front().share >= k_worth_showing) {
        const HeldBy& most = state.held.front();
        const std::string caller = describe_caller(most);
        line += fmt::format(", held {} of the last minute: {}{}", format_share(most.share),
                            most.shape, caller.empty() ? "" : " by " + caller);
    }
    return line;
}

}  // namespace cachectl
