#include "keyspace/temporary_key.hpp"

#include <fmt/format.h>

#include <random>

#include "redis/slot.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_mark = ":cachectl:";
constexpr std::size_t k_digits = 16;

// A slot is met once in 16,384 tries; in 40 times as many all but one of 10^17 are.
constexpr int k_most_names_tried = 40 * k_slots;

std::string inserted(std::string_view key, std::size_t at, std::string_view text) {
    return std::string(key.substr(0, at)).append(text).append(key.substr(at));
}

/// Where the last part of the key begins, at its ':', if that is not before `least`.
std::size_t last_part(std::string_view key, std::size_t least) {
    const auto colon = key.rfind(':');
    return colon == std::string_view::npos || colon < least ? key.size() : colon;
}

}  // namespace

// The slot is that of what stands between the first '{' and the first '}' behind it, unless that
// is nothing; else that of the whole key.
std::string temporary_key(std::string_view key, std::string_view suffix) {
    const auto open = key.find('{');
    const bool has_braces = open != std::string_view::npos || key.find('}') != open;
    if (!has_braces && !key.empty()) {
        const std::size_t at = last_part(key, 0);
        return inserted(key, at, fmt::format(":{{{}}}{}", key, suffix));
    }
    const auto close = open == std::string_view::npos ? open : key.find('}', open);
    if (close != std::string_view::npos && close > open + 1) {
        return inserted(key, last_part(key, close), suffix);
    }
    // Braces that are no tag, and would spoil one: some number makes a name of the same slot.
    const std::uint16_t slot = slot_of(key);
    const std::size_t at = last_part(key, 0);
    std::string name;
    for (int i = 0; i < k_most_names_tried; ++i) {
        name = inserted(key, at, fmt::format("{}:{}", suffix, i));
        if (slot_of(name) == slot) {
            break;
        }
    }
    return name;
}

std::string random_suffix() {
    std::random_device random;
    return fmt::format("{}{:08x}{:08x}", k_mark, random(), random());
}

bool is_temporary_key(std::string_view name) {
    for (auto at = name.find(k_mark); at != std::string_view::npos;
         at = name.find(k_mark, at + 1)) {
        const auto digits = name.find_first_not_of("0123456789abcdef", at + k_mark.size());
        const auto end = digits == std::string_view::npos ? name.size() : digits;
        if (end >= at + k_mark.size() + k_digits) {
            return true;
        }
    }
    return false;
}

}  // namespace cachectl
