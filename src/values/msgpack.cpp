#include "values/msgpack.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <vector>

#include "util/text.hpp"
#include "values/byte_reader.hpp"

namespace cachectl {

namespace {

using Kind = Node::Kind;

constexpr std::size_t k_deepest = 100'000;  // what is nested deeper is not called msgpack

std::string float_text(double number) {
    return std::isnan(number)   ? "nan"
           : std::isinf(number) ? (number < 0 ? "-inf" : "inf")
                                : fmt::format("{}", number);
}

/// What the first byte of a value says of it.
struct Head {
    enum class What {
        unsigned_number,
        signed_number,
        real,
        text,
        bytes,
        extension,
        array,
        map,
        null,
        no,
        yes,
        unused
    };
    What what;
    std::size_t size_bytes = 0;  // of the number, or of the length, that follows; 0: see `size`
    std::uint64_t size = 0;
};

Head head_of(std::uint8_t byte) {
    using What = Head::What;
    if (byte < 0x80) {
        return {What::unsigned_number, 0, byte};
    }
    if (byte < 0xC0) {
        return byte < 0x90   ? Head{What::map, 0, byte & 0x0FU}
               : byte < 0xA0 ? Head{What::array, 0, byte & 0x0FU}
                             : Head{What::text, 0, byte & 0x1FU};
    }
    if (byte >= 0xE0) {
        return {What::signed_number, 0, static_cast<std::uint64_t>(static_cast<std::int8_t>(byte))};
    }
    constexpr Head k_heads[] = {
        {What::null},
        {What::unused},
        {What::no},
        {What::yes},
        {What::bytes, 1},
        {What::bytes, 2},
        {What::bytes, 4},
        {What::extension, 1},
        {What::extension, 2},
        {What::extension, 4},
        {What::real, 4},
        {What::real, 8},
        {What::unsigned_number, 1},
        {What::unsigned_number, 2},
        {What::unsigned_number, 4},
        {What::unsigned_number, 8},
        {What::signed_number, 1},
        {What::signed_number, 2},
        {What::signed_number, 4},
        {What::signed_number, 8},
        {What::extension, 0, 1},
        {What::extension, 0, 2},
        {What::extension, 0, 4},
        {What::extension, 0, 8},
        {What::extension, 0, 16},
        {What::text, 1},
        {What::text, 2},
        {What::text, 4},
        {What::array, 2},
        {What::array, 4},
        {What::map, 2},
        {What::map, 4},
    };
    return k_heads[byte - 0xC0];
}

std::int64_t with_sign(std::uint64_t number, std::size_t bytes) {
    return bytes == 1   ? static_cast<std::int8_t>(number)
           : bytes == 2 ? static_cast<std::int16_t>(number)
           : bytes == 4 ? static_cast<std::int32_t>(number)
                        : static_cast<std::int64_t>(number);
}

class MsgpackDecoder {
public:
    MsgpackDecoder(std::string_view bytes, const NodeBounds& bounds)
        : m_in(bytes), m_tree(bounds) {}

    Decoded run() {
        DecodeEnd end = value();
        if (end == DecodeEnd::whole && m_open.empty()) {
            return {};  // a number or a text alone could be anything
        }
        while (end == DecodeEnd::whole && close_full()) {
            end = value();
        }
        if (end == DecodeEnd::no || (end == DecodeEnd::whole && !m_in.at_end()) || m_values < 2) {
            return {};
        }
        for (; !m_open.empty(); m_open.pop_back()) {
            m_tree.leave_out(m_open.back().map ? (m_open.back().left + 1) / 2 : m_open.back().left);
            m_tree.end();
        }
        return {end, m_tree.take()};
    }

private:
    struct Open {
        std::uint64_t left;  // values that are still to come; of a map, its names too
        bool map;
    };

    /// Ends what has all its members; false when nothing is open any more.
    bool close_full() {
        while (!m_open.empty() && m_open.back().left == 0) {
            m_tree.end();
            m_open.pop_back();
        }
        return !m_open.empty();
    }

    DecodeEnd value() {
        const bool name = !m_open.empty() && m_open.back().map && m_open.back().left % 2 == 0;
        const auto first = m_in.byte();
        if (!first) {
            return DecodeEnd::cut;
        }
        Head head = head_of(*first);
        if (head.size_bytes != 0) {
            const auto size = m_in.big_endian(head.size_bytes);
            if (!size) {
                return DecodeEnd::cut;
            }
            head.size = *size;
        }
        const DecodeEnd end = name ? member_name(head) : content(head);
        m_values += end == DecodeEnd::no ? 0 : 1;
        return end;
    }

    void count_member() {
        if (!m_open.empty()) {
            --m_open.back().left;
        }
    }

    DecodeEnd member_name(const Head& head) {
        if (head.what == Head::What::text || head.what == Head::What::bytes) {
            const auto name = m_in.bytes(head.size);
            if (!name) {
                return DecodeEnd::cut;
            }
            if (!is_utf8(*name)) {
                return DecodeEnd::no;
            }
            m_tree.name(*name);
        } else if (head.what == Head::What::unsigned_number ||
                   head.what == Head::What::signed_number) {
            m_tree.name(number_text(head));
        } else {
            return DecodeEnd::no;
        }
        count_member();
        return DecodeEnd::whole;
    }

    static std::string number_text(const Head& head) {
        return head.what == Head::What::unsigned_number
                   ? fmt::to_string(head.size)
                   : fmt::to_string(with_sign(head.size, head.size_bytes));
    }

    DecodeEnd content(const Head& head) {
        using What = Head::What;
        switch (head.what) {
            case What::array:
            case What::map:
                return open(head);
            case What::text:
            case What::bytes:
            case What::extension:
                return long_value(head);
            case What::unused:
                return DecodeEnd::no;
            case What::null:
                m_tree.scalar(Kind::null, "null");
                break;
            case What::no:
            case What::yes:
                m_tree.scalar(Kind::boolean, head.what == What::yes ? "true" : "false");
                break;
            case What::real:
                m_tree.scalar(
                    Kind::number,
                    float_text(head.size_bytes == 4 ? static_cast<double>(std::bit_cast<float>(
                                                          static_cast<std::uint32_t>(head.size)))
                                                    : std::bit_cast<double>(head.size)));
                break;
            case What::unsigned_number:
            case What::signed_number:
                m_tree.scalar(Kind::number, number_text(head));
                break;
        }
        count_member();
        return DecodeEnd::whole;
    }

    DecodeEnd open(const Head& head) {
        if (m_open.size() >= k_deepest) {
            return DecodeEnd::no;
        }
        count_member();
        const bool map = head.what == Head::What::map;
        m_tree.begin(map ? Kind::object : Kind::array);
        m_open.push_back({map ? 2 * head.size : head.size, map});
        return DecodeEnd::whole;
    }

    DecodeEnd long_value(const Head& head) {
        const bool text = head.what == Head::What::text;
        std::uint8_t type = 0;
        if (head.what == Head::What::extension) {
            const auto byte = m_in.byte();
            if (!byte) {
                return DecodeEnd::cut;
            }
            type = *byte;
        }
        const auto bytes = m_in.bytes(head.size);
        if (text && bytes && !is_utf8(*bytes)) {
            return DecodeEnd::no;
        }
        if (head.what == Head::What::extension) {
            m_tree.scalar(Kind::remark,
                          fmt::format("extension {}, {}", static_cast<int>(with_sign(type, 1)),
                                      format_size(head.size)));
        } else if (bytes) {
            m_tree.scalar(text ? Kind::text : Kind::bytes, *bytes);
        } else {
            m_tree.cut_text(text ? Kind::text : Kind::bytes, m_in.rest());
        }
        count_member();
        return bytes ? DecodeEnd::whole : DecodeEnd::cut;
    }

    ByteReader m_in;
    NodeBuilder m_tree;
    std::vector<Open> m_open;
    std::uint64_t m_values = 0;
};

}  // namespace

Decoded decode_msgpack(std::string_view bytes, const NodeBounds& bounds) {
    if (is_utf8(bytes)) {
        return {};
    }
    return MsgpackDecoder(bytes, bounds).run();
}

}  // namespace cachectl
