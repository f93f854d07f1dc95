// A cachectl that runs beside a test for as long as that takes, and is watched: neither its memory
// nor its descriptors may grow.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace cachectl::test {

class Companion {
public:
    enum class Input { none, fed };
    Companion(std::vector<std::string> words, Input input);

    /// Moves its output, gives it that input, and looks at it. One that has given up, with 3 or 5,
    /// is begun again; any other end is a failed check.
    void tend(const std::string& input = "");
    /// Ends it: of what is fed the input, else by SIGINT. Checks how it ended, and how much it
    /// grew.
    void end();

private:
    void begin();

    std::vector<std::string> m_words;
    Input m_input;
    std::unique_ptr<Process> m_process;
    std::chrono::steady_clock::time_point m_begun;
    std::size_t m_first_kib = 0;  // when it had settled
    std::size_t m_most_growth_kib = 0, m_most_descriptors = 0;
    std::uint64_t m_given_up = 0;
};

}  // namespace cachectl::test
