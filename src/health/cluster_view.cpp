#include "health/cluster_view.hpp"

#include <charconv>
#include <optional>
#include <sstream>
#include <string>

namespace cachectl {

namespace {

std::optional<std::uint16_t> slot_number(std::string_view text) {
    unsigned number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_slot =
        failure == std::errc() && end == text.data() + text.size() && number < k_slots;
    return is_slot ? std::optional(static_cast<std::uint16_t>(number)) : std::nullopt;
}

/// "0-5460", "7000", "[93->-292f8b36]", "[77-<-e7d1eecc]"
void take_slots(OwnSlots& own, std::string_view word) {
    if (word.starts_with('[')) {
        word.remove_prefix(1);
        const auto slot = slot_number(word.substr(0, word.find('-')));
        if (slot) {
            auto& open = word.find("->-") != std::string_view::npos ? own.migrating : own.importing;
            open.push_back(*slot);
        }
        return;
    }
    const std::size_t dash = word.find('-');
    const auto first = slot_number(word.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : slot_number(word.substr(dash + 1));
    if (first && last && *first <= *last) {
        own.served.push_back({*first, *last});
    }
}

}  // namespace

OwnSlots parse_own_slots(std::string_view cluster_nodes) {
    std::istringstream lines{std::string(cluster_nodes)};
    std::string line;
    OwnSlots own;
    while (std::getline(lines, line)) {
        // id address flags master ping pong epoch link slot…
        std::istringstream words(line);
        std::string word, flags;
        constexpr int k_before_slots = 8;
        for (int i = 0; i < k_before_slots && words >> word; ++i) {
            flags = i == 2 ? word : flags;
        }
        if (flags.find("myself") == std::string::npos) {
            continue;
        }
        while (words >> word) {
            take_slots(own, word);
        }
    }
    return own;
}

}  // namespace cachectl
