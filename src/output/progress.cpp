#include "output/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "output/chart.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using namespace std::chrono_literals;

constexpr auto k_first_draw = 200ms;
constexpr auto k_redraw = 100ms;
constexpr auto k_between_log_lines = 30s;
constexpr auto k_window = 5s;
constexpr std::size_t k_widest_bar = 24;
constexpr std::size_t k_narrowest_bar = 6;
constexpr std::size_t k_default_columns = 80;
constexpr std::string_view k_gap = "  ";

/// Empty where there is no telling: no advance of late, or none within a hundred days.
std::string eta(double fraction, double advance_per_second) {
    if (fraction >= 1 || advance_per_second <= 0) {
        return "";
    }
    const double seconds = std::ceil((1 - fraction) / advance_per_second);
    if (seconds > 100 * 86400.0) {
        return "";
    }
    return "ETA " + format_duration(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

}  // namespace

Progress::Progress(Writer& err, Form form, Display display, std::string verb, std::string noun,
                   TimePoint start)
    : m_err(&err),
      m_form(form),
      m_display(display),
      m_verb(std::move(verb)),
      m_noun(std::move(noun)),
      m_next_draw(start + (form == Form::log ? k_between_log_lines : k_first_draw)),
      m_samples{{start, 0, 0, 0}} {}

void Progress::update(std::optional<double> fraction, std::uint64_t count, TimePoint now,
                      std::optional<std::uint64_t> bytes, std::optional<std::uint64_t> found) {
    if (m_err == nullptr || now < m_next_draw) {
        return;
    }
    m_next_draw = now + (m_form == Form::log ? k_between_log_lines : k_redraw);
    const Sample sample{now, std::clamp(fraction.value_or(0), 0.0, 1.0), count, bytes.value_or(0),
                        found};
    while (m_samples.size() > 1 && now - m_samples.front().time > k_window) {
        m_samples.pop_front();
    }
    const auto known = figures(sample, fraction.has_value(), bytes.has_value());
    m_samples.push_back(sample);
    show(sample.fraction, fraction.has_value(), known);
}

void Progress::tell(const std::vector<std::string>& known, TimePoint now) {
    if (m_err == nullptr || now < m_next_draw) {
        return;
    }
    m_next_draw = now + (m_form == Form::log ? k_between_log_lines : k_redraw);
    show(0, false, known);
}

void Progress::show(double fraction, bool has_end, const std::vector<std::string>& known) {
    if (m_form == Form::log) {
        write(fmt::format("cachectl: {}, {}\n", m_verb, fmt::join(known, ", ")));
        return;
    }
    if (m_columns) {
        m_display.columns = m_columns();
    }
    write("\r" + line(fraction, has_end, known) + "\x1b[K");
    m_drawn = true;
}

void Progress::clear() noexcept {
    if (m_drawn) {
        write("\r\x1b[K");
    }
    m_drawn = false;
}

std::vector<std::string> Progress::figures(const Sample& now, bool has_end, bool has_bytes) const {
    const Sample& before = m_samples.front();
    const double seconds = std::chrono::duration<double>(now.time - before.time).count();
    const auto grown = [](std::uint64_t from, std::uint64_t to) {
        return to < from ? 0.0 : static_cast<double>(to - from);
    };

    std::vector<std::string> figures;
    // Rounded down: 100 % is said only when it is.
    if (has_end) {
        figures.push_back(
            fmt::format("{:{}.0f} %", std::floor(now.fraction * 100), m_form == Form::log ? 1 : 3));
    }
    figures.push_back(format_count(now.count) + " " + m_noun);
    if (now.found) {
        figures.push_back(format_count(*now.found) + " found");
    }
    if (seconds > 0) {
        figures.push_back(format_rate(grown(before.count, now.count) / seconds));
    }
    if (seconds > 0 && has_bytes) {
        const double bytes = grown(before.bytes, now.bytes) / seconds;
        figures.push_back(format_size(static_cast<std::uint64_t>(bytes)) + "/s");
    }
    if (seconds > 0 && has_end) {
        std::string left = eta(now.fraction, (now.fraction - before.fraction) / seconds);
        if (!left.empty()) {
            figures.push_back(std::move(left));
        }
    }
    return figures;
}

/// What does not fit is left out: first the bar gets shorter, then the last figures go.
std::string Progress::line(double fraction, bool has_end,
                           const std::vector<std::string>& figures) const {
    // The last column stays free: a terminal may go to the next line once it is written to.
    const std::size_t columns =
        (m_display.columns == 0 ? k_default_columns : m_display.columns) - 1;
    std::size_t width = display_width(m_verb);
    std::size_t shown = 0;
    for (; shown < figures.size(); ++shown) {
        const std::size_t with = width + k_gap.size() + display_width(figures[shown]);
        if (with > columns) {
            break;
        }
        width = with;
    }
    std::string text = cut_to_width(m_verb, columns, "");
    const std::size_t room = columns - std::min(columns, width + k_gap.size());
    if (has_end && room >= k_narrowest_bar) {
        const std::size_t bar_columns = std::min(room, k_widest_bar);
        const std::string drawn = bar(fraction, bar_columns, m_display.glyphs);
        text.append(k_gap).append(drawn).append(bar_columns - display_width(drawn), ' ');
    }
    for (std::size_t i = 0; i < shown; ++i) {
        text.append(k_gap).append(figures[i]);
    }
    return text;
}

void Progress::write(const std::string& text) noexcept {
    if (m_err == nullptr) {
        return;
    }
    try {
        m_err->write(text);
        m_err->flush();
    } catch (...) {
        m_err = nullptr;
    }
}

}  // namespace cachectl
