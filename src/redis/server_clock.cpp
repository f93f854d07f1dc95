#include "redis/server_clock.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace cachectl {

namespace {

using std::chrono::milliseconds;

std::optional<std::int64_t> whole_number(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    return fault == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

/// Of TIME's answer: seconds, and microseconds.
std::optional<WallTime> time_in(const Reply& reply) {
    constexpr std::int64_t k_last_second = 253'402'300'799;  // of the year 9999
    if (!reply.is_array() || reply.elements.size() != 2) {
        return std::nullopt;
    }
    const auto seconds = whole_number(reply.elements[0].text);
    const auto micros = whole_number(reply.elements[1].text);
    if (!seconds || !micros || *seconds < 0 || *seconds > k_last_second || *micros < 0 ||
        *micros > 999'999) {
        return std::nullopt;
    }
    return WallTime(milliseconds(*seconds * 1000 + *micros / 1000));
}

}  // namespace

std::function<WallTime()> server_clock(Client& client, WallTime here) {
    const SteadyTime asked = client.now();
    const std::optional<WallTime> told = time_in(client.call({"TIME"}));
    const SteadyTime began = told ? asked + (client.now() - asked) / 2 : asked;
    return [&client, start = told.value_or(here), began] {
        return start + std::chrono::duration_cast<milliseconds>(client.now() - began);
    };
}

}  // namespace cachectl
