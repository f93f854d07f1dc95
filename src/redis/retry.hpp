// Waiting out what passes by itself: BUSY, LOADING and TRYAGAIN, with which a server refuses a
// command that it has not executed.
#pragma once

#include <chrono>

#include "redis/error_reply.hpp"

namespace cachectl {

/// Counts the tries of one command.
class Retry {
public:
    /// From one try to the next.
    static constexpr std::chrono::milliseconds k_step{100};

    Retry() = default;
    explicit Retry(std::chrono::milliseconds patience) : m_left(patience) {}

    /// Whether to try again, k_step from now: the refusal passes, and there is patience left.
    bool pays(const Reply& refused) { return is_passing(refused) && has_patience(); }

    /// The same where the caller knows that it passes.
    bool has_patience() {
        if (m_left <= std::chrono::milliseconds(0)) {
            return false;
        }
        m_left -= k_step;
        return true;
    }

private:
    std::chrono::milliseconds m_left{5'000};
};

}  // namespace cachectl
