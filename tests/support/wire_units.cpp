#include "support/wire_units.hpp"

#include <cstdlib>

namespace cachectl::test {

std::size_t WireUnits::read_unit(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        m_at_end = take(bytes[i]);
        if (m_at_end) {
            return i + 1;
        }
    }
    return bytes.size();
}

bool WireUnits::take(char c) { return m_wire == Wire::tls ? take_tls(c) : take_resp(c); }

// Five bytes: the type, the version (2), and the length (2, the high byte first).
bool WireUnits::take_tls(char c) {
    constexpr std::size_t k_head = 5;
    if (m_body > 0) {
        return --m_body == 0;
    }
    m_head += c;
    if (m_head.size() < k_head) {
        return false;
    }
    m_body = static_cast<unsigned char>(m_head[3]) * std::size_t{256} +
             static_cast<unsigned char>(m_head[4]);
    m_head.clear();
    return m_body == 0;
}

bool WireUnits::take_resp(char c) {
    if (m_body > 0) {
        return --m_body == 0 && end_value();
    }
    m_head += c;
    return c == '\n' && end_line();
}

// A count of -1 is the nil of RESP2.
bool WireUnits::end_line() {
    const char type = m_head.front();
    const long long count = std::atoll(m_head.c_str() + 1);
    m_head.clear();
    switch (type) {
        case '$':
        case '=':
        case '!':
            if (count < 0) {
                return end_value();
            }
            m_body = static_cast<std::size_t>(count) + 2;
            return false;
        case '*':
        case '~':
        case '>':
        case '%':
            if (count <= 0) {
                return end_value();
            }
            m_open.push_back(static_cast<std::size_t>(count) * (type == '%' ? 2 : 1));
            return false;
        default:
            return end_value();
    }
}

bool WireUnits::end_value() {
    while (!m_open.empty() && --m_open.back() == 0) {
        m_open.pop_back();
    }
    return m_open.empty();
}

}  // namespace cachectl::test
