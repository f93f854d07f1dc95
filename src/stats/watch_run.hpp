// A watch from its first reading to its end, in each of its forms.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "output/display.hpp"
#include "output/writer.hpp"
#include "redis/client.hpp"
#include "stats/sections.hpp"
#include "stats/server_title.hpp"

namespace cachectl {

/// Where it writes, and what it uses of the world.
struct WatchPlace {
    Writer& out;
    Display display;
    ServerTitle title;
    std::function<void(const std::string&)> warn;
    std::function<std::chrono::system_clock::time_point()> wall_now;
};

enum class WatchEnd { quit, stopped };

// Each of them goes on until stop_signal() is set, and throws what Watch::run() throws.

/// Redraws the screen behind `fd`, to which the place's writer writes, until q is typed too.
WatchEnd watch_on_screen(Client& client, std::chrono::milliseconds every, const WatchPlace& place,
                         int fd);

/// A sentence for each reading, for a terminal that knows no escape sequences.
void watch_as_sentences(Client& client, std::chrono::milliseconds every, const WatchPlace& place);

/// A line of JSON for each reading.
void watch_as_json(Client& client, std::chrono::milliseconds every, const WatchPlace& place,
                   const Sections& sections);

}  // namespace cachectl
