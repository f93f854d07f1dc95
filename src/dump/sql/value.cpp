#include "dump/sql/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "dump/json_text.hpp"
#include "dump/json_value.hpp"
#include "dump/source.hpp"
#include "dump/sql/escapes.hpp"
#include "dump/sql/number.hpp"
#include "dump/sql/pg_array.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

bool lies_in(std::string_view inner, std::string_view outer) {
    return inner.data() >= outer.data() &&
           inner.data() + inner.size() <= outer.data() + outer.size();
}

/// Is this too large for the double that SQLite writes so? 1e999 is how it writes infinity.
bool is_infinite(std::string_view number) {
    if (number.find_first_of("eE") == std::string_view::npos) {
        return false;
    }
    double value = 0;
    const std::string_view digits = number.substr(number.find_first_not_of("+-"));
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return result.ec == std::errc::result_out_of_range &&
           number.find("e-") == std::string_view::npos &&
           number.find("E-") == std::string_view::npos;
}

bool is_bit_one(const SqlColumn& column) {
    return column.declared.size() == 3 || column.declared.find("(1)") != std::string::npos;
}

}  // namespace

std::optional<BinaryAs> parse_binary_as(std::string_view name) noexcept {
    if (name == "base64") {
        return BinaryAs::base64;
    }
    if (name == "hex") {
        return BinaryAs::hex;
    }
    if (name == "raw") {
        return BinaryAs::raw;
    }
    return std::nullopt;
}

void SqlValues::add(const SqlLiteral& literal, std::string_view window, const SqlColumn& column,
                    SqlRow& row) {
    const Typed value = convert(literal, column);
    if (value.text.empty() || lies_in(value.text, window)) {
        row.add(column.name, value.kind, value.text);
    } else {
        row.add_copy(column.name, value.kind, value.text);
    }
}

SqlValues::Typed SqlValues::convert(const SqlLiteral& literal, const SqlColumn& column) {
    using Kind = SqlLiteral::Kind;
    switch (literal.kind) {
        case Kind::null:
        case Kind::unspecified:
            return {ValueKind::null, {}};
        case Kind::boolean:
            if (m_dialect == SqlDialect::mysql || m_dialect == SqlDialect::sqlite) {
                return {ValueKind::number, literal.text == "true" ? "1" : "0"};
            }
            return {ValueKind::boolean, literal.text};
        case Kind::number:
            return convert_number(literal.text, column);
        case Kind::text:
            return convert_text(literal.text, column);
        case Kind::bytes:
            return convert_bytes(literal.text, column);
        case Kind::bits:
            return convert_bits(literal.text, column);
    }
    return {ValueKind::null, {}};
}

SqlValues::Typed SqlValues::convert_number(std::string_view text, const SqlColumn& column) {
    if (m_dialect == SqlDialect::sqlite && is_infinite(text)) {
        return {ValueKind::text, text.starts_with('-') ? "-Infinity" : "Infinity"};
    }
    if (column.type == SqlType::text || column.array) {
        return {ValueKind::text, text};
    }
    if (column.type == SqlType::bit && is_bit_one(column)) {
        return {ValueKind::boolean, text == "0" ? "false" : "true"};
    }
    return column.type == SqlType::boolean ? boolean_or_text(text) : number_or_text(text);
}

SqlValues::Typed SqlValues::convert_text(std::string_view text, const SqlColumn& column) {
    if (column.array) {
        return array(text, column);
    }
    switch (column.type) {
        case SqlType::integer:
        case SqlType::decimal:
        case SqlType::floating:
            return number_or_text(text);
        case SqlType::boolean:
            return boolean_or_text(text);
        case SqlType::json:
            return nested(text);
        case SqlType::binary:
            return m_dialect == SqlDialect::postgres ? bytea(text) : binary(text);
        case SqlType::bit:
            return big_endian(text, column);
        case SqlType::unknown:
        case SqlType::text:
            break;
    }
    return {ValueKind::text, text};
}

SqlValues::Typed SqlValues::convert_bytes(std::string_view bytes, const SqlColumn& column) {
    if (m_dialect == SqlDialect::postgres) {
        m_bytes.clear();
        for (const char c : bytes) {
            fmt::format_to(std::back_inserter(m_bytes), "{:08b}", static_cast<unsigned char>(c));
        }
        return {ValueKind::text, m_bytes};
    }
    if (m_dialect == SqlDialect::sqlite) {
        return binary(bytes);
    }
    switch (column.type) {
        case SqlType::integer:
        case SqlType::decimal:
        case SqlType::floating:
        case SqlType::bit:
            return big_endian(bytes, column);
        case SqlType::text:
            return {ValueKind::text, bytes};
        case SqlType::json:
            return nested(bytes);
        case SqlType::boolean:
        case SqlType::binary:
        case SqlType::unknown:
            break;
    }
    return binary(bytes);
}

SqlValues::Typed SqlValues::convert_bits(std::string_view bits, const SqlColumn& column) {
    if (m_dialect == SqlDialect::postgres || bits.size() > 64) {
        return {ValueKind::text, bits};
    }
    m_bytes.clear();
    const std::string padded = std::string((8 - bits.size() % 8) % 8, '0') + std::string(bits);
    for (std::size_t i = 0; i < padded.size(); i += 8) {
        unsigned value = 0;
        std::from_chars(padded.data() + i, padded.data() + i + 8, value, 2);
        m_bytes += static_cast<char>(value);
    }
    return column.type == SqlType::binary ? binary(m_bytes) : big_endian(m_bytes, column);
}

SqlValues::Typed SqlValues::number_or_text(std::string_view text) {
    if (const auto number = normal_number(text, m_made)) {
        return {ValueKind::number, *number};
    }
    return {ValueKind::text, text};
}

SqlValues::Typed SqlValues::boolean_or_text(std::string_view text) {
    for (const std::string_view yes : {"t", "true", "y", "yes", "on", "1"}) {
        if (same_sql_name(text, yes)) {
            return {ValueKind::boolean, "true"};
        }
    }
    for (const std::string_view no : {"f", "false", "n", "no", "off", "0"}) {
        if (same_sql_name(text, no)) {
            return {ValueKind::boolean, "false"};
        }
    }
    return {ValueKind::text, text};
}

/// Whatever JSON it is: parsed as the one element of an array.
SqlValues::Typed SqlValues::nested(std::string_view text) {
    m_json.assign(1, '[');
    m_json += text;
    m_json += ']';
    const std::size_t length = m_json.size();
    m_json.append(Source::k_padding, '\0');
    if (!m_parser.parse_array(std::string_view(m_json).substr(0, length), 0, m_parsed) ||
        m_parsed.size() != 1) {
        return {ValueKind::text, text};
    }
    return {m_parsed.value(0).kind, m_parsed.value(0).text};
}

/// bytea in either of its two forms: https://www.postgresql.org/docs/current/datatype-binary.html
SqlValues::Typed SqlValues::bytea(std::string_view text) {
    m_bytes.clear();
    if (text.starts_with("\\x")) {
        return append_unhexed(text.substr(2), m_bytes) ? binary(m_bytes)
                                                       : Typed{ValueKind::text, text};
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            m_bytes += text[i];
            continue;
        }
        const std::string_view escape = text.substr(i + 1, 3);
        unsigned value = 0;
        if (escape.starts_with('\\')) {
            m_bytes += '\\';
            ++i;
        } else if (escape.size() == 3 &&
                   std::from_chars(escape.data(), escape.data() + 3, value, 8).ptr ==
                       escape.data() + 3 &&
                   value < 256) {
            m_bytes += static_cast<char>(value);
            i += 3;
        } else {
            return {ValueKind::text, text};
        }
    }
    return binary(m_bytes);
}

SqlValues::Typed SqlValues::binary(std::string_view bytes) {
    switch (m_binary) {
        case BinaryAs::raw:
            break;
        case BinaryAs::base64:
            m_made = base64(bytes);
            return {ValueKind::text, m_made};
        case BinaryAs::hex:
            m_made.clear();
            for (const char c : bytes) {
                constexpr std::string_view k_hex = "0123456789abcdef";
                m_made += k_hex[static_cast<unsigned char>(c) >> 4];
                m_made += k_hex[static_cast<unsigned char>(c) & 15];
            }
            return {ValueKind::text, m_made};
    }
    return {ValueKind::text, bytes};
}

SqlValues::Typed SqlValues::big_endian(std::string_view bytes, const SqlColumn& column) {
    bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
    if (bytes.size() > sizeof(std::uint64_t)) {
        return binary(bytes);
    }
    std::uint64_t value = 0;
    for (const char c : bytes) {
        value = value << 8 | static_cast<unsigned char>(c);
    }
    if (column.type == SqlType::bit && is_bit_one(column)) {
        return {ValueKind::boolean, value != 0 ? "true" : "false"};
    }
    m_made = std::to_string(value);
    return {ValueKind::number, m_made};
}

SqlValues::Typed SqlValues::array(std::string_view text, const SqlColumn& column) {
    SqlColumn element = column;
    element.array = false;
    const bool boxes = column.declared.starts_with("box[");
    m_array.clear();
    const bool sound = append_pg_array(
        text, boxes ? ';' : ',',
        [&](std::string_view part, std::string& out) { return append_element(part, element, out); },
        m_array);
    return sound ? Typed{ValueKind::json, m_array} : Typed{ValueKind::text, text};
}

bool SqlValues::append_element(std::string_view text, const SqlColumn& element, std::string& out) {
    const Typed value = convert_text(text, element);
    return append_json(value.kind, value.text, out);
}

}  // namespace cachectl
