#include "hot/hot_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redis/error_reply.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::array<std::pair<std::string_view, HotMethod>, 5> k_methods = {{
    {"hotkeys", HotMethod::hotkeys},
    {"slot-stats", HotMethod::slot_stats},
    {"freq", HotMethod::frequency},
    {"idle", HotMethod::idle},
    {"monitor", HotMethod::monitor},
}};

}  // namespace

std::string_view name_of(HotMethod method) {
    for (const auto& [name, known] : k_methods) {
        if (known == method) {
            return name;
        }
    }
    return {};
}

std::optional<HotMethod> hot_method_of(std::string_view name) {
    for (const auto& [known, method] : k_methods) {
        if (known == name) {
            return method;
        }
    }
    return std::nullopt;
}

std::optional<Error> missing_from(const SelectionOutcome& outcome) {
    if (outcome.walk.failure || outcome.denied == 0) {
        return outcome.walk.failure;
    }
    return Error(ExitCode::partial,
                 fmt::format("{} {} left out, for example {}: {}", format_count(outcome.denied),
                             outcome.denied == 1 ? "key was" : "keys were", outcome.first_denied,
                             hint_at(outcome.denial->text)));
}

void keep_hottest(std::vector<HotKey>& keys, const HotQuestion& question) {
    std::erase_if(keys, [&](const HotKey& key) { return !question.filter.matches_name(key.key); });
    std::sort(keys.begin(), keys.end(), [](const HotKey& a, const HotKey& b) {
        return a.score != b.score ? a.score > b.score : a.key < b.key;
    });
    if (keys.size() > question.count) {
        keys.resize(question.count);
    }
}

}  // namespace cachectl
