// Text that is appended to until it is large: then it has pages of its own, which the system moves
// when it grows, instead of the bytes being copied while both places are held.
#pragma once

#include <cstddef>
#include <string_view>

namespace cachectl {

class GrowingText {
public:
    GrowingText() = default;
    GrowingText(GrowingText&& other) noexcept;
    GrowingText& operator=(GrowingText&& other) noexcept;
    GrowingText(const GrowingText&) = delete;
    GrowingText& operator=(const GrowingText&) = delete;
    ~GrowingText();

    /// Throws std::bad_alloc.
    void append(std::string_view text);
    /// Empties it, and keeps its memory.
    void clear() { m_size = 0; }

    [[nodiscard]] std::string_view view() const { return {m_bytes, m_size}; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    /// The memory that it takes, in bytes. What has never been written to takes none in a large
    /// one.
    [[nodiscard]] std::size_t held() const;

private:
    void grow(std::size_t capacity);

    char* m_bytes = nullptr;
    std::size_t m_size = 0;
    std::size_t m_capacity = 0;
    std::size_t m_written = 0;  // the largest size it has had
};

}  // namespace cachectl
