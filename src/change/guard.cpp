#include "change/guard.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "keyspace/glob.hpp"
#include "util/named_error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

std::string keys_match(std::uint64_t n) {
    return n == 1 ? "1 key matches" : fmt::format("{} keys match", format_count(n));
}

std::string describe(const CountRange& range) {
    if (range.min == range.max) {
        return format_count(range.min);
    }
    if (range.max == CountRange{}.max) {
        return fmt::format("{} or more", format_count(range.min));
    }
    return fmt::format("{} to {}", format_count(range.min), format_count(range.max));
}

}  // namespace

void Guards::check_patterns(std::span<const std::string> patterns) const {
    for (const std::string& pattern : patterns) {
        if (is_catch_all(pattern) && allow_all == AllowAll::no) {
            throw NamedError(
                {ExitCode::guard,
                 pattern.empty()
                     ? std::string("a pattern is empty; nothing was sent")
                     : fmt::format("pattern '{}' would match every key it can; nothing was sent",
                                   pattern),
                 "\"$NS*\" becomes this when NS is unset; add --all if every key is meant"},
                "guard-empty-pattern");
        }
        if (const auto problem = glob_problem(pattern)) {
            throw Error(ExitCode::usage, *problem);
        }
    }
}

void Guards::check_matched(std::uint64_t matched) const {
    if (max_keys && matched > *max_keys) {
        throw NamedError(
            {ExitCode::guard, fmt::format("{}, more than --max-keys {}; nothing was changed",
                                          keys_match(matched), format_count(*max_keys))},
            "guard-max-keys");
    }
    if (expect && !expect->contains(matched)) {
        throw NamedError(
            {ExitCode::guard, fmt::format("{}, but --expect says {}; nothing was changed",
                                          keys_match(matched), describe(*expect))},
            "guard-expect");
    }
}

bool Guards::is_protected(std::string_view key) const {
    return std::any_of(protected_patterns.begin(), protected_patterns.end(),
                       [&](const std::string& pattern) { return glob_match(pattern, key); });
}

}  // namespace cachectl
