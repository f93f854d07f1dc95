#include "values/pickle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>

#include "util/text.hpp"
#include "values/byte_reader.hpp"

namespace cachectl {

namespace {

using Kind = Node::Kind;

enum class Argument {
    none,
    skipped,      // so many bytes of no interest
    line,         // of no interest, ended by a newline
    number_line,  // a number in decimal
    quoted_line,  // a text in quotes
    text_line,
    two_lines,  // module and name
    unsigned_number,
    signed_number,
    real,
    long_number,  // a length, and a number of so many bytes
    text,         // a length, and UTF-8
    bytes,        // a length, and bytes
};

struct Opcode {
    char code;
    Argument argument = Argument::none;
    std::size_t bytes = 0;  // of the argument, or of its length
};

// Python 3.12, Lib/pickletools.py.
constexpr Opcode k_opcodes[] = {
    {'('},
    {'.'},
    {'0'},
    {'1'},
    {'2'},
    {'a'},
    {'b'},
    {'d'},
    {'e'},
    {'l'},
    {'o'},
    {'s'},
    {'t'},
    {'u'},
    {'}'},
    {']'},
    {')'},
    {'R'},
    {'N'},
    {'Q'},
    {'\x81'},
    {'\x85'},
    {'\x86'},
    {'\x87'},
    {'\x88'},
    {'\x89'},
    {'\x8f'},
    {'\x90'},
    {'\x91'},
    {'\x92'},
    {'\x93'},
    {'\x94'},
    {'\x97'},
    {'\x98'},
    {'F', Argument::number_line},
    {'I', Argument::number_line},
    {'L', Argument::number_line},
    {'S', Argument::quoted_line},
    {'V', Argument::text_line},
    {'c', Argument::two_lines},
    {'i', Argument::two_lines},
    {'g', Argument::line},
    {'p', Argument::line},
    {'P', Argument::line},
    {'q', Argument::skipped, 1},
    {'r', Argument::skipped, 4},
    {'h', Argument::skipped, 1},
    {'j', Argument::skipped, 4},
    {'\x80', Argument::skipped, 1},
    {'\x82', Argument::skipped, 1},
    {'\x83', Argument::skipped, 2},
    {'\x84', Argument::skipped, 4},
    {'\x95', Argument::skipped, 8},
    {'K', Argument::unsigned_number, 1},
    {'M', Argument::unsigned_number, 2},
    {'J', Argument::signed_number, 4},
    {'G', Argument::real, 8},
    {'\x8a', Argument::long_number, 1},
    {'\x8b', Argument::long_number, 4},
    {'U', Argument::text, 1},
    {'T', Argument::text, 4},
    {'X', Argument::text, 4},
    {'\x8c', Argument::text, 1},
    {'\x8d', Argument::text, 8},
    {'C', Argument::bytes, 1},
    {'B', Argument::bytes, 4},
    {'\x8e', Argument::bytes, 8},
    {'\x96', Argument::bytes, 8},
};

bool is_decimal(std::string_view text) {
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos &&
           (digits.size() == 1 || digits[0] != '0');
}

class PickleReader {
public:
    PickleReader(std::string_view bytes, const NodeBounds& bounds) : m_in(bytes), m_found(bounds) {}

    Pickle run() {
        Pickle pickle;
        if (m_in.skip("\x80")) {
            pickle.protocol = m_in.byte().value_or(0);
            if (pickle.protocol < 2 || pickle.protocol > 5) {
                return pickle;
            }
        } else if (!begins_as_text()) {
            return pickle;
        }
        m_found.begin(Kind::array);
        pickle.end = read();
        if (pickle.end == DecodeEnd::no) {
            return pickle;
        }
        if (pickle.end == DecodeEnd::cut) {
            m_found.end_of_input();
        } else {
            m_found.end();
        }
        pickle.found = m_found.take();
        return pickle;
    }

private:
    /// Protocol 0 has no mark.
    [[nodiscard]] bool begins_as_text() const {
        constexpr std::array<std::string_view, 5> k_beginnings = {"(dp", "(lp", "ccopy_reg\n",
                                                                  "c__builtin__\n", "(iP"};
        return std::any_of(k_beginnings.begin(), k_beginnings.end(),
                           [this](std::string_view text) { return m_in.rest().starts_with(text); });
    }

    DecodeEnd read() {
        while (const auto code = m_in.byte()) {
            const auto opcode =
                std::find_if(std::begin(k_opcodes), std::end(k_opcodes), [&](const Opcode& known) {
                    return static_cast<std::uint8_t>(known.code) == *code;
                });
            if (opcode == std::end(k_opcodes)) {
                return DecodeEnd::no;
            }
            if (opcode->code == '.') {
                return m_in.at_end() ? DecodeEnd::whole : DecodeEnd::no;
            }
            if (!take(*opcode)) {
                return DecodeEnd::cut;
            }
        }
        return DecodeEnd::cut;
    }

    /// False if the input ends within the argument.
    bool take(const Opcode& opcode) {
        switch (opcode.argument) {
            case Argument::none:
                return true;
            case Argument::skipped:
                return m_in.bytes(opcode.bytes).has_value();
            case Argument::line:
            case Argument::number_line:
            case Argument::quoted_line:
            case Argument::text_line:
                return take_line(opcode.argument);
            case Argument::two_lines: {
                const auto module = m_in.until('\n');
                const auto name = m_in.until('\n');
                if (name) {
                    m_found.scalar(Kind::remark, fmt::format("{}.{}", *module, *name));
                }
                return name.has_value();
            }
            case Argument::unsigned_number:
            case Argument::signed_number:
            case Argument::real:
                return take_number(opcode);
            case Argument::long_number:
            case Argument::text:
            case Argument::bytes:
                return take_long(opcode);
        }
        return false;
    }

    bool take_line(Argument argument) {
        const auto line = m_in.until('\n');
        if (!line || argument == Argument::line) {
            return line.has_value();
        }
        std::string_view text = *line;
        if (argument == Argument::number_line) {
            if (text == "00" || text == "01") {
                m_found.scalar(Kind::boolean, text == "01" ? "true" : "false");
                return true;
            }
            text.remove_suffix(text.ends_with('L') ? 1 : 0);
            m_found.scalar(is_decimal(text) ? Kind::number : Kind::text, text);
            return true;
        }
        if (argument == Argument::quoted_line && text.size() >= 2) {
            text = text.substr(1, text.size() - 2);
        }
        m_found.scalar(Kind::text, text);
        return true;
    }

    bool take_number(const Opcode& opcode) {
        const auto bits = opcode.argument == Argument::real ? m_in.big_endian(opcode.bytes)
                                                            : m_in.little_endian(opcode.bytes);
        if (!bits) {
            return false;
        }
        if (opcode.argument == Argument::real) {
            const auto number = std::bit_cast<double>(*bits);
            m_found.scalar(std::isfinite(number) ? Kind::number : Kind::text,
                           fmt::format("{}", number));
        } else if (opcode.argument == Argument::signed_number) {
            m_found.scalar(Kind::number, fmt::to_string(static_cast<std::int32_t>(*bits)));
        } else {
            m_found.scalar(Kind::number, fmt::to_string(*bits));
        }
        return true;
    }

    bool take_long(const Opcode& opcode) {
        const auto length = m_in.little_endian(opcode.bytes);
        if (!length) {
            return false;
        }
        const Kind kind = opcode.argument == Argument::bytes ? Kind::bytes : Kind::text;
        if (opcode.argument == Argument::long_number) {
            return take_long_number(*length);
        }
        const auto bytes = m_in.bytes(*length);
        if (bytes) {
            m_found.scalar(kind, *bytes);
        } else {
            m_found.cut_text(kind, m_in.rest());
        }
        return bytes.has_value();
    }

    /// Two's complement of any length; what is beyond 64 bits is told by its size.
    bool take_long_number(std::uint64_t length) {
        const auto bytes = m_in.bytes(length);
        if (!bytes) {
            return false;
        }
        if (length > 8) {
            m_found.scalar(Kind::remark, fmt::format("a number of {}", format_size(length)));
            return true;
        }
        std::uint64_t number = 0;
        const bool negative = length != 0 && static_cast<std::int8_t>(bytes->back()) < 0;
        for (std::size_t i = 8; i > 0; --i) {
            const std::uint64_t byte = i <= length ? static_cast<std::uint8_t>((*bytes)[i - 1])
                                       : negative  ? 0xFFU
                                                   : 0U;
            number = number << 8 | byte;
        }
        m_found.scalar(Kind::number, fmt::to_string(static_cast<std::int64_t>(number)));
        return true;
    }

    ByteReader m_in;
    NodeBuilder m_found;
};

}  // namespace

Pickle read_pickle(std::string_view bytes, const NodeBounds& bounds) {
    return PickleReader(bytes, bounds).run();
}

}  // namespace cachectl
