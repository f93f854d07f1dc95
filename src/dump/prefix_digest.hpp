// A CRC-32 of how a text begins, taken piece by piece; and besides it that of the first so many
// bytes, to compare with one that was taken earlier.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace cachectl {

class PrefixDigest {
public:
    static constexpr std::uint64_t k_no_mark = std::numeric_limits<std::uint64_t>::max();

    explicit PrefixDigest(std::uint64_t mark = k_no_mark) : m_mark(mark) { note_mark(); }

    void add(std::string_view bytes);

    /// How many bytes were added.
    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; }
    [[nodiscard]] std::uint32_t value() const { return m_value; }
    [[nodiscard]] std::uint64_t mark() const { return m_mark; }
    /// Of the bytes before the mark; nothing before they have all been added.
    [[nodiscard]] std::optional<std::uint32_t> at_mark() const { return m_at_mark; }

private:
    void note_mark();

    std::uint64_t m_mark;
    std::uint64_t m_bytes = 0;
    std::uint32_t m_value = 0;
    std::optional<std::uint32_t> m_at_mark;
};

}  // namespace cachectl
