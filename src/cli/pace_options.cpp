#include "cli/pace_options.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "cli/option.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

constexpr const char* k_group = "Pace";

template <typename Value, std::size_t size>
using Names = std::array<std::pair<const char*, Value>, size>;

constexpr Names<PaceLevel, 3> k_levels = {
    {{"gentle", PaceLevel::gentle}, {"normal", PaceLevel::normal}, {"full", PaceLevel::full}}};
constexpr Names<WalkMode, 3> k_modes = {{{"auto", WalkMode::automatic},
                                         {"plain", WalkMode::plain},
                                         {"partitioned", WalkMode::partitioned}}};

template <typename Target, typename Value, std::size_t size>
void add_choice(CommandSyntax& syntax, const std::string& name, Target& target,
                const Names<Value, size>& names, const std::string& value_name,
                const std::string& description) {
    std::vector<std::string> known;
    for (const auto& choice : names) {
        known.emplace_back(choice.first);
    }
    Option& option = add_parsed_option(
        syntax, name, target,
        [&names, known](const std::string& text) {
            for (const auto& [choice, value] : names) {
                if (text == choice) {
                    return value;
                }
            }
            throw Error(ExitCode::usage,
                        fmt::format("'{}' is not one of {}", text, fmt::join(known, ", ")));
        },
        value_name, description);
    option.group(k_group);
    option.choices(known);
}

PaceLevel level_of(const Settings& settings) {
    for (const auto& [name, level] : k_levels) {
        if (settings.pace == name) {
            return level;
        }
    }
    return PaceLevel::normal;
}

std::uint64_t parse_rate(const std::string& text) {
    const std::uint64_t rate = parse_count(text, "a number of keys a second");
    if (rate != 0) {
        return rate;
    }
    throw Error(ExitCode::usage, "'0' would never come to an end");
}

std::chrono::milliseconds parse_latency(const std::string& text) {
    const auto latency = parse_duration(text);
    if (latency > std::chrono::milliseconds::zero()) {
        return latency;
    }
    throw Error(ExitCode::usage, fmt::format("every reply is later than '{}'", text));
}

}  // namespace

void add_pace_options(CommandSyntax& syntax, PaceFlags& flags) {
    add_choice(syntax, "--pace", flags.level, k_levels, "PACE",
               "Share of the server's time to take: gentle (a tenth), normal (half) or full "
               "(default that of the context, else normal)");
    add_parsed_option(syntax, "--max-rate", flags.max_rate, parse_rate, "N",
                      "Keys a second at most: of those changed, or where nothing is, looked at")
        .group(k_group);
    add_parsed_option(syntax, "--max-latency", flags.max_latency, parse_latency, "DUR",
                      "Pause while the server's replies are later than this")
        .group(k_group);
    add_parsed_option(syntax, "--max-pause", flags.max_pause, parse_duration, "DUR",
                      "With --max-latency: stop after a pause of this (default 30s)")
        .group(k_group);
}

void add_walk_options(CommandSyntax& syntax, WalkFlags& flags) {
    add_pace_options(syntax, flags.pace);
    add_choice(syntax, "--walk", flags.mode, k_modes, "HOW",
               "Walk the keys plain, partitioned (several cursors side by side) or auto: "
               "partitioned where that is faster and safe (default auto)");
    syntax
        .add_flag("--unique", flags.unique,
                  "Remember every key, so that none counts twice however the server changes: some "
                  "30 bytes each")
        .group(k_group);
}

std::unique_ptr<Paces> make_paces(const Context& ctx, Client& client, const PaceFlags& flags,
                                  RateOf rate_of) {
    const PaceLevel level = flags.level.value_or(level_of(ctx.settings));
    return std::make_unique<Paces>(
        client, PaceOptions{level, flags.max_rate, rate_of, {flags.max_latency, flags.max_pause}});
}

std::function<void(const std::string&)> note_to(Context& ctx, Progress& progress) {
    return [&ctx, &progress](const std::string& sentence) {
        progress.clear();
        ctx.note(sentence);
    };
}

}  // namespace cachectl
