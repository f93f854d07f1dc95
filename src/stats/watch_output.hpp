// Where a watch goes: the screen of a terminal, lines for one that knows no escape sequences, or
// JSON, a line a reading.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "output/json.hpp"
#include "output/screen.hpp"
#include "output/writer.hpp"
#include "stats/sections.hpp"
#include "stats/server_title.hpp"
#include "stats/watch.hpp"
#include "stats/watch_view.hpp"
#include "util/time.hpp"

namespace cachectl {

/// Redraws a screen in place: each turn, when the size changes, and when a server has not answered
/// for a while.
class WatchScreen {
public:
    /// `display` without its width; `fd` is the terminal that `out` writes to.
    WatchScreen(Writer& out, int fd, const Display& display, ServerTitle title,
                std::chrono::milliseconds every);

    void show(const WatchTurn& turn);
    /// Looks at the keys and the size.
    void idle(std::chrono::milliseconds since_heard);
    /// q was typed. stop_signal() is set then, so that also who waits for a server stops.
    [[nodiscard]] bool quit() const { return m_quit; }
    void note(std::string text) { m_state.notes.push_back(std::move(text)); }

private:
    void draw();

    Display m_display;
    ServerTitle m_title;
    WatchState m_state;
    std::string m_silence;  // "no answer for 3s"
    bool m_quit = false;
    Screen m_screen;
};

/// Takes over what a turn has found.
void update(WatchState& state, const WatchTurn& turn);

/// {"at", "reachable", …the sections…, "held", "nodes"}, and "error" where a server is missing; of
/// a turn without any server {"at", "reachable", "error"}.
void write_turn(JsonWriter& json, const Sections& sections, const WatchTurn& turn, WallTime at);

}  // namespace cachectl
