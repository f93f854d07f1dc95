#include "change/key_command.hpp"

#include <utility>

namespace cachectl {

bool KeyCommand::removes() const { return verb == k_unlink || verb == k_del; }

std::vector<std::string_view> KeyCommand::words() const {
    std::vector<std::string_view> words = {verb};
    words.insert(words.end(), keys.begin(), keys.end());
    if (!argument.empty()) {
        words.emplace_back(argument);
    }
    if (!condition.empty()) {
        words.emplace_back(condition);
    }
    return words;
}

KeyCommand KeyCommand::for_some(std::vector<std::string> some) const {
    const double share = static_cast<double>(some.size()) / static_cast<double>(keys.size());
    KeyCommand part{verb, std::move(some), argument, condition};
    part.more_cost = more_cost * share;
    part.repeated = repeated;
    part.checks = checks;
    part.is_saved = is_saved;
    part.bytes = static_cast<std::uint64_t>(static_cast<double>(bytes) * share);
    return part;
}

}  // namespace cachectl
