#include "stats/watch_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "output/figures.hpp"
#include "stats/activity_figures.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

WatchScreen::WatchScreen(Writer& out, int fd, const Display& display, ServerTitle title,
                         std::chrono::milliseconds every)
    : m_display(display), m_title(std::move(title)), m_screen(out, fd) {
    m_state.every = every;
}

void WatchScreen::show(const WatchTurn& turn) {
    update(m_state, turn);
    m_silence.clear();
    draw();
}

void WatchScreen::idle(std::chrono::milliseconds since_heard) {
    while (const auto key = m_screen.key()) {
        if (*key == 'q' || *key == 'Q') {
            m_quit = true;
            set_stop_signal(SIGINT);
            return;
        }
    }
    const bool silent = since_heard > std::max(2 * m_state.every, std::chrono::milliseconds(2'000));
    const std::string silence =
        silent ? "no answer for " +
                     format_duration(std::chrono::floor<std::chrono::seconds>(since_heard))
               : "";
    if (silence != m_silence || m_screen.needs_redraw()) {
        m_silence = silence;
        draw();
    }
}

void WatchScreen::draw() {
    const Screen::Size size = m_screen.size();
    WatchState state = m_state;
    if (!m_silence.empty()) {
        state.trouble = m_silence + (state.trouble.empty() ? "" : ": " + state.trouble);
    }
    m_screen.draw(watch_lines(m_title, state, m_display, size.columns, size.rows));
}

void update(WatchState& state, const WatchTurn& turn) {
    if (const auto told = told_by(turn.readings, turn.rates)) {
        state.server = told->server;
    }
    state.history.add(WatchSample::of(turn.readings, turn.rates));
    state.held = turn.minute.held();
    state.trouble = turn.trouble;
}

void write_turn(JsonWriter& json, const Sections& sections, const WatchTurn& turn, WallTime at) {
    json.begin_object();
    json.field("at", format_utc(at));
    const auto told = told_by(turn.readings, turn.rates);
    json.field("reachable", told.has_value());
    if (told) {
        std::vector<FigureGroup> groups = info_sections(sections, *told);
        if (!sections.wants("overview")) {
            groups.push_back(rate_figures(turn.rates));
        }
        groups.push_back(held_figures(turn.minute.held()));
        if (!told->nodes.empty()) {
            groups.push_back(nodes_figures(*told));
        }
        write_figures_members(json, groups);
    }
    if (!turn.trouble.empty()) {
        json.field("error", std::string_view(turn.trouble));
    }
    json.end_object();
}

}  // namespace cachectl
