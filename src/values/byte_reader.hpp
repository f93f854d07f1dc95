// Bytes of an encoding, taken one after the other; never beyond their end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cachectl {

class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : m_bytes(bytes) {}

    [[nodiscard]] bool at_end() const { return m_at == m_bytes.size(); }
    [[nodiscard]] std::size_t left() const { return m_bytes.size() - m_at; }
    [[nodiscard]] std::string_view rest() const { return m_bytes.substr(m_at); }

    std::optional<std::uint8_t> byte() {
        if (at_end()) {
            return std::nullopt;
        }
        return static_cast<std::uint8_t>(m_bytes[m_at++]);
    }
    /// Nothing, and all as before, if there are fewer.
    std::optional<std::string_view> bytes(std::uint64_t count) {
        if (count > left()) {
            return std::nullopt;
        }
        const std::string_view taken = m_bytes.substr(m_at, static_cast<std::size_t>(count));
        m_at += taken.size();
        return taken;
    }
    /// A number of 1 to 8 bytes without a sign.
    std::optional<std::uint64_t> big_endian(std::size_t count) {
        const auto taken = bytes(count);
        if (!taken) {
            return std::nullopt;
        }
        std::uint64_t number = 0;
        for (const char c : *taken) {
            number = number << 8 | static_cast<std::uint8_t>(c);
        }
        return number;
    }
    std::optional<std::uint64_t> little_endian(std::size_t count) {
        const auto taken = bytes(count);
        if (!taken) {
            return std::nullopt;
        }
        std::uint64_t number = 0;
        for (std::size_t i = taken->size(); i > 0; --i) {
            number = number << 8 | static_cast<std::uint8_t>((*taken)[i - 1]);
        }
        return number;
    }
    /// Up to `end`, which is passed over; nothing if it does not come.
    std::optional<std::string_view> until(char end) {
        const std::size_t found = m_bytes.find(end, m_at);
        if (found == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view taken = m_bytes.substr(m_at, found - m_at);
        m_at = found + 1;
        return taken;
    }
    bool skip(std::string_view expected) {
        if (!rest().starts_with(expected)) {
            return false;
        }
        m_at += expected.size();
        return true;
    }

private:
    std::string_view m_bytes;
    std::size_t m_at = 0;
};

}  // namespace cachectl
