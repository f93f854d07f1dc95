#include "stats/watch_run.hpp"

#include "output/escape.hpp"
#include "output/json.hpp"
#include "stats/watch.hpp"
#include "stats/watch_output.hpp"
#include "util/signals.hpp"
#include "util/time.hpp"

namespace cachectl {

namespace {

/// Warns once of what the servers would not tell, and sees that each turn is written out.
void watch_lines_of(Client& client, std::chrono::milliseconds every, const WatchPlace& place,
                    const std::function<void(const WatchTurn&, WallTime)>& write) {
    Watch* running = nullptr;
    const auto on_turn = [&](const WatchTurn& turn) {
        for (const std::string& why : running->lacking().take()) {
            place.warn(why + "; it is left out");
        }
        write(turn, std::chrono::time_point_cast<std::chrono::milliseconds>(place.wall_now()));
        place.out.flush();
    };
    Watch watch(client, every, {on_turn, {}, {}, place.wall_now});
    running = &watch;
    watch.run();
}

}  // namespace

WatchEnd watch_on_screen(Client& client, std::chrono::milliseconds every, const WatchPlace& place,
                         int fd) {
    WatchScreen screen(place.out, fd, place.display, place.title, every);
    Watch* running = nullptr;
    const auto on_turn = [&](const WatchTurn& turn) {
        for (std::string& why : running->lacking().take()) {
            screen.note(std::move(why));
        }
        screen.show(turn);
    };
    const auto on_idle = [&](std::chrono::milliseconds silent) { screen.idle(silent); };
    Watch watch(client, every, {on_turn, on_idle, {}, place.wall_now});
    running = &watch;
    watch.run();
    if (!screen.quit()) {
        return WatchEnd::stopped;
    }
    set_stop_signal(0);
    return WatchEnd::quit;
}

void watch_as_sentences(Client& client, std::chrono::milliseconds every, const WatchPlace& place) {
    WatchState state;
    watch_lines_of(client, every, place, [&](const WatchTurn& turn, WallTime at) {
        update(state, turn);
        place.out.write(format_utc(at).value_or("") + ' ' +
                        escape_for_terminal(watch_sentence(state)) + '\n');
    });
}

void watch_as_json(Client& client, std::chrono::milliseconds every, const WatchPlace& place,
                   const Sections& sections) {
    watch_lines_of(client, every, place, [&](const WatchTurn& turn, WallTime at) {
        JsonWriter json(place.out, JsonLayout::compact);
        write_turn(json, sections, turn, at);
    });
}

}  // namespace cachectl
