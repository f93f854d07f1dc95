#include "change/expiry_change.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "util/error.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

std::string exactly(milliseconds duration) {
    static constexpr std::pair<std::int64_t, const char*> k_units[] = {
        {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}, {1, "ms"}};
    std::string text;
    std::int64_t rest = duration.count();
    for (const auto& [size, name] : k_units) {
        if (rest / size == 0) {
            continue;
        }
        text += fmt::format("{}{}{}", text.empty() ? "" : " ", rest / size, name);
        rest %= size;
    }
    return text.empty() ? "0s" : text;
}

std::string with_jitter(const ExpiryChange& change) {
    const std::string most = exactly(change.ttl);
    if (change.jitter == 0) {
        return most;
    }
    const auto off =
        static_cast<std::int64_t>(change.jitter * static_cast<double>(change.ttl.count()));
    return fmt::format("{} to {} ({}, jitter {:g} %)", exactly(change.ttl - milliseconds(off)),
                       most, most, change.jitter * 100);
}

}  // namespace

double parse_jitter(std::string_view text) {
    const double share = parse_percent(text);
    if (share < 1) {
        return share;
    }
    throw Error(ExitCode::usage, fmt::format("'{}' would make keys expire at once", text),
                "10% is common");
}

std::string_view name_of(ExpiryMode mode) {
    switch (mode) {
        case ExpiryMode::set:
            return "set";
        case ExpiryMode::cap:
            return "cap";
        case ExpiryMode::add:
            return "add";
        case ExpiryMode::spread:
            return "spread";
        case ExpiryMode::remove:
            break;
    }
    return "remove";
}

std::string describe(const ExpiryChange& change) {
    switch (change.mode) {
        case ExpiryMode::set:
            return "set to " + with_jitter(change);
        case ExpiryMode::cap:
            return "capped at " + with_jitter(change);
        case ExpiryMode::add:
            return "lengthened by " + exactly(change.ttl);
        case ExpiryMode::spread:
            return "spread over " + exactly(change.ttl);
        case ExpiryMode::remove:
            break;
    }
    return "removed: they live for ever";
}

std::string_view why_unchanged(ExpiryMode mode) {
    switch (mode) {
        case ExpiryMode::set:
            return "already as asked for";
        case ExpiryMode::cap:
            return "already as asked for: they live no longer than that";
        case ExpiryMode::add:
            return "left alone: they live for ever, or as long as is possible";
        case ExpiryMode::spread:
            return "left alone: they expire within that time anyway";
        case ExpiryMode::remove:
            break;
    }
    return "already as asked for: they live for ever";
}

}  // namespace cachectl
