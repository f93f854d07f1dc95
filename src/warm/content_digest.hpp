// A 64-bit digest of what a run makes of its input: the same keys and values give the same digest
// in every run, whatever file or pipe they came through.
#pragma once

#include <cstdint>
#include <string_view>

namespace cachectl {

class ContentDigest {
public:
    /// Each text counts with its length, so that "ab", "c" differs from "a", "bc".
    void add(std::string_view text);
    void add(std::uint64_t number);

    [[nodiscard]] std::uint64_t value() const { return m_value; }

private:
    std::uint64_t m_value = 0x243f6a8885a308d3;  // the first 64 bits of pi's fraction
};

}  // namespace cachectl
