// Where the units of a byte stream end, while it goes by: replies (or commands) of RESP2 and RESP3,
// or records of TLS, whose contents nobody else can read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl::test {

enum class Wire { resp, tls };

class WireUnits {
public:
    explicit WireUnits(Wire wire) : m_wire(wire) {}

    /// Reads on until a unit ends; returns how many of the bytes it took, all if none ended.
    std::size_t read_unit(std::string_view bytes);
    /// Whether the last byte that was read was the last one of a unit.
    [[nodiscard]] bool at_end() const { return m_at_end; }

private:
    bool take(char c);
    bool take_resp(char c);
    bool take_tls(char c);
    bool end_line();
    bool end_value();

    Wire m_wire;
    bool m_at_end = false;
    std::string m_head;               // a line of RESP, or the head of a record
    std::size_t m_body = 0;           // bytes that are still to come without being looked at
    std::vector<std::size_t> m_open;  // elements that arrays around this one still lack
};

}  // namespace cachectl::test
