#include "dump/json_extent.hpp"

#include <array>
#include <cstring>

namespace cachectl {

namespace {

/// The bytes that matter outside of strings.
constexpr std::array<bool, 256> make_stops(std::string_view bytes) {
    std::array<bool, 256> stops{};
    for (const char byte : bytes) {
        stops[static_cast<unsigned char>(byte)] = true;
    }
    return stops;
}
constexpr auto k_structure = make_stops("\"{}[]");
constexpr auto k_scalar_end = make_stops(",]}{[\" \t\r\n");

std::size_t find_stop(std::string_view text, std::size_t from, const std::array<bool, 256>& stops) {
    while (from < text.size() && !stops[static_cast<unsigned char>(text[from])]) {
        ++from;
    }
    return from;
}

}  // namespace

void JsonExtent::reset() noexcept {
    m_position = 0;
    m_in_string = false;
    m_depth = 0;
}

bool JsonExtent::skip_string(std::string_view text) {
    while (m_position < text.size()) {
        const char* const from = text.data() + m_position;
        const auto* quote =
            static_cast<const char*>(std::memchr(from, '"', text.size() - m_position));
        if (quote == nullptr) {
            m_position = text.size();
            return false;
        }
        // A quote is escaped if an odd number of backslashes stands before it.
        const char* const begin = text.data() + m_string_begin;
        const char* backslash = quote;
        while (backslash != begin && backslash[-1] == '\\') {
            --backslash;
        }
        m_position = static_cast<std::size_t>(quote - text.data()) + 1;
        if ((quote - backslash) % 2 == 0) {
            m_in_string = false;
            return true;
        }
        m_string_begin = m_position;
    }
    return false;
}

std::size_t JsonExtent::forget(std::string_view text) noexcept {
    std::size_t count = m_position;
    if (m_in_string) {
        // Whether the next quote is escaped depends on the backslashes before it.
        while (count > m_string_begin && text[count - 1] == '\\') {
            --count;
        }
        m_string_begin = 0;
    } else if (m_depth == 0) {
        return 0;
    }
    m_position -= count;
    return count;
}

void JsonExtent::open(bool brace) {
    if (m_depth < k_max_depth) {
        m_braces[m_depth] = brace;
    }
    ++m_depth;
}

bool JsonExtent::close(bool brace) {
    if (m_depth == 0) {
        return false;
    }
    --m_depth;
    return m_depth >= k_max_depth || m_braces[m_depth] == brace;
}

JsonExtent::Result JsonExtent::scan(std::string_view text) {
    while (true) {
        if (m_in_string) {
            if (!skip_string(text)) {
                return Result::more;
            }
            if (m_depth == 0) {
                return Result::complete;
            }
        }
        m_position = find_stop(text, m_position, m_depth == 0 ? k_scalar_end : k_structure);
        if (m_position == text.size()) {
            return Result::more;
        }
        const char stop = text[m_position];
        if (m_depth == 0 && m_position != 0) {
            return Result::complete;
        }
        if (stop == '"') {
            m_in_string = true;
            m_string_begin = ++m_position;
        } else if (stop == '{' || stop == '[') {
            open(stop == '{');
            ++m_position;
        } else if (!close(stop == '}')) {
            return Result::mismatched;
        } else {
            ++m_position;
            if (m_depth == 0) {
                return Result::complete;
            }
        }
    }
}

}  // namespace cachectl
