#include "support/warm_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace cachectl::test {

namespace {

using Kind = Cell::Kind;

constexpr std::size_t k_longest_text = 1000;

std::string random_text(RandomData& random, const RowRules& rules) {
    std::string text;
    if (random.one_in(3)) {
        text = random.any_of({"x", "plain", "a b", "", "Ada"});
    } else if (random.one_in(4)) {
        do {
            text = random.any_of(nasty_texts());
        } while (text.size() > k_longest_text);
    } else if (rules.any_bytes && random.one_in(6)) {
        text = random.bytes(12);
    } else {
        text = random.text(12);
    }
    if (rules.nul && random.one_in(20)) {
        text.insert(random.one_in(2) ? 0 : text.size(), 1, '\0');
    }
    if (!rules.nul) {
        std::erase(text, '\0');
    }
    if (!rules.line_ends) {
        std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
    }
    return text;
}

std::string random_number(RandomData& random, bool exponents) {
    switch (random.below(exponents ? 6 : 4)) {
        case 0:
            return random.any_of({"0", "1", "-1", "10", "2.50", "0.0", "-0.5"});
        case 1:
            return random.decimal(20, 10);
        case 4:
            return random.floating();
        case 5:
            return random.any_of({"1e400", "-1E+5", "1e-7", "9007199254740993"});
        default:
            return random.integer(3);
    }
}

Cell random_scalar(RandomData& random) {
    switch (random.below(4)) {
        case 0:
            return {Kind::null, ""};
        case 1:
            return {Kind::boolean, random.one_in(2) ? "true" : "false"};
        case 2:
            return {Kind::number, random_number(random, true)};
        default:
            return {Kind::text, random_text(random, {.nul = true})};
    }
}

Cell random_nested(RandomData& random, int depth = 2) {
    Cell cell{Kind::json, "", random.one_in(2)};
    for (std::size_t left = random.below(4); left > 0; --left) {
        const bool deeper = depth > 0 && random.one_in(5);
        const std::string member =
            cell.is_array ? "" : fmt::format("{}{}", left, random.one_in(3) ? random.text(5) : "");
        cell.members.push_back(
            {member, deeper ? random_nested(random, depth - 1) : random_scalar(random)});
    }
    cell.text = json_of(cell);
    return cell;
}

Cell random_id(RandomData& random, std::size_t row, const RowRules& rules) {
    if (random.one_in(40)) {
        return {Kind::null, ""};
    }
    if (rules.any_kind && random.one_in(12)) {
        return {Kind::text, random_text(random, rules)};
    }
    if (rules.any_kind && random.one_in(60)) {
        return random_nested(random);
    }
    const std::size_t number = random.one_in(15) ? 1 + random.below(row + 1) : row + 1;
    return {Kind::number, std::to_string(number)};
}

Cell random_cell(RandomData& random, std::size_t column, std::size_t row, const RowRules& rules) {
    if (column == Column::id) {
        return random_id(random, row, rules);
    }
    if (random.one_in(column == Column::group ? 20 : 8)) {
        return {Kind::null, ""};
    }
    switch (column) {
        case Column::group:
            if (rules.any_kind && random.one_in(3)) {
                return {Kind::number, std::to_string(random.below(4))};
            }
            return {Kind::text, random.any_of({"a", "b", "x y", "\u00fc", "2", "007"})};
        case Column::name:
            return {Kind::text, random_text(random, rules)};
        case Column::number:
            return {Kind::number, random_number(random, rules.exponents)};
        case Column::boolean:
            return {Kind::boolean, random.one_in(2) ? "true" : "false"};
        case Column::nested:
            return random_nested(random);
        default:
            return {Kind::bytes, random.bytes(12)};
    }
}

}  // namespace

std::vector<ModelRow> random_rows(RandomData& random, std::size_t count, const RowRules& rules) {
    std::vector<ModelRow> rows(count);
    const std::size_t columns = rules.has_bytes ? Column::bytes + 1 : Column::nested + 1;
    for (std::size_t row = 0; row < count; ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            Cell cell = random_cell(random, column, row, rules);
            if (rules.can_miss && random.one_in(60)) {
                cell = {Kind::missing, ""};
            }
            rows[row].cells.push_back(std::move(cell));
        }
    }
    return rows;
}

std::vector<ModelRow> random_entries(RandomData& random, std::size_t count) {
    std::vector<ModelRow> rows(count);
    for (std::size_t row = 0; row < count; ++row) {
        std::string key = random.one_in(4) ? random_text(random, {.nul = true}) : "";
        if (!random.one_in(15)) {
            key += "k:" + std::to_string(row);
        }
        rows[row].cells = {{Kind::text, key},
                           random.one_in(2) ? random_nested(random) : random_scalar(random)};
    }
    return rows;
}

std::string base64(const std::string& bytes) {
    constexpr std::string_view k_digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t three = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            three = three << 8U | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= count ? k_digits[three >> (18 - 6 * i) & 63U] : '=';
        }
    }
    return text;
}

bool is_utf8(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80                    ? 1
                                   : lead >= 0xC2 && lead <= 0xDF ? 2
                                   : lead >= 0xE0 && lead <= 0xEF ? 3
                                   : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                                  : 0;
        if (length == 0 || at + length > text.size()) {
            return false;
        }
        std::uint32_t code = length == 1 ? lead : lead & (0x7FU >> length);
        for (std::size_t i = 1; i < length; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            if ((next & 0xC0U) != 0x80) {
                return false;
            }
            code = code << 6U | (next & 0x3FU);
        }
        const bool is_short = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
        if (is_short || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
            return false;
        }
        at += length;
    }
    return true;
}

std::string json_of_text(const std::string& text) {
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            json.append(1, '\\').append(1, c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            json += c;
        }
    }
    return json + '"';
}

std::string json_of(const Cell& cell) {
    switch (cell.kind) {
        case Kind::missing:
        case Kind::null:
            return "null";
        case Kind::text:
        case Kind::bytes:
            return json_of_text(cell.text);
        case Kind::json:
            break;
        default:
            return cell.text;
    }
    std::string json(1, cell.is_array ? '[' : '{');
    for (const auto& [member, value] : cell.members) {
        if (json.size() > 1) {
            json += ',';
        }
        if (!cell.is_array) {
            json += json_of_text(member) + ':';
        }
        json += json_of(value);
    }
    return json + (cell.is_array ? ']' : '}');
}

}  // namespace cachectl::test
