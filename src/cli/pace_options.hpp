// The flags that say how hard a command may work the server, and how it walks the keys.
#pragma once

#include <memory>

#include "cli/command.hpp"
#include "cli/context.hpp"
#include "pace/paces.hpp"
#include "walk/walker.hpp"

namespace cachectl {

struct PaceFlags {
    std::optional<PaceLevel> level;
    std::optional<std::uint64_t> max_rate;
    std::optional<std::chrono::milliseconds> max_latency;
    std::chrono::milliseconds max_pause{30'000};
};

struct WalkFlags {
    PaceFlags pace;
    WalkMode mode = WalkMode::automatic;
    bool unique = false;
};

/// --pace, --max-rate, --max-latency, --max-pause: for every command that writes many keys.
void add_pace_options(CommandSyntax& syntax, PaceFlags& flags);
/// These, --walk and --unique: for every command that walks the keys.
void add_walk_options(CommandSyntax& syntax, WalkFlags& flags);

/// As the flags say, else the context. Asks each server for its round trip. `rate_of`: what
/// --max-rate counts.
std::unique_ptr<Paces> make_paces(const Context& ctx, Client& client, const PaceFlags& flags,
                                  RateOf rate_of);

/// For Paces::on_note and Selector::on_note: a note on stderr, in place of the progress line.
std::function<void(const std::string&)> note_to(Context& ctx, Progress& progress);

}  // namespace cachectl
