#include "output/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "output/escape.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

bool is_plain_in_json(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

std::string escape(char32_t code_point) {
    switch (code_point) {
        case '"':
            return "\\\"";
        case '\\':
            return "\\\\";
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        default:
            break;
    }
    const auto number = static_cast<std::uint32_t>(code_point);
    if (number < 0x10000) {
        return fmt::format("\\u{:04x}", number);
    }
    const std::uint32_t offset = number - 0x10000;
    return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (offset >> 10), 0xDC00 + (offset & 0x3FF));
}

}  // namespace

void JsonWriter::key(std::string_view name) {
    assert(!m_levels.empty() && m_levels.back().kind == Kind::object && !m_after_key);
    next_item(m_levels.back());
    string(name);
    m_out.write(m_layout == JsonLayout::compact ? ":" : ": ");
    m_after_key = true;
}

void JsonWriter::value(std::string_view text) {
    before_value();
    string(text);
    after_value();
}

void JsonWriter::value(std::nullptr_t) { literal("null"); }

void JsonWriter::value(double number) {
    if (std::isfinite(number)) {
        literal(fmt::format("{}", number));
    } else {
        value(nullptr);
    }
}

void JsonWriter::bytes_field(std::string_view name, std::string_view bytes) {
    field(name, bytes);
    if (!is_utf8(bytes)) {
        field(std::string(name) + "_base64", base64(bytes));
    }
}

void JsonWriter::begin(char bracket) {
    before_value();
    const bool in_array = !m_levels.empty() && m_levels.back().kind == Kind::array;
    const bool in_one_line = !m_levels.empty() && m_levels.back().on_one_line;
    m_out.write({&bracket, 1});
    m_levels.push_back({bracket == '{' ? Kind::object : Kind::array, in_array || in_one_line});
}

void JsonWriter::end(char bracket) {
    assert(!m_levels.empty() && !m_after_key);
    assert(m_levels.back().kind == (bracket == '}' ? Kind::object : Kind::array));
    const Level level = m_levels.back();
    m_levels.pop_back();
    if (m_layout == JsonLayout::lines && !level.on_one_line && !level.empty) {
        line_break(m_levels.size());
    }
    m_out.write({&bracket, 1});
    after_value();
}

void JsonWriter::literal(std::string_view text) {
    before_value();
    m_out.write(text);
    after_value();
}

void JsonWriter::integer(std::int64_t n) {
    const fmt::format_int text(n);
    literal({text.data(), text.size()});
}

void JsonWriter::integer(std::uint64_t n) {
    const fmt::format_int text(n);
    literal({text.data(), text.size()});
}

void JsonWriter::string(std::string_view text) {
    m_out.write("\"");
    while (true) {
        const auto special = std::find_if_not(text.begin(), text.end(), is_plain_in_json);
        const auto plain_bytes = static_cast<std::size_t>(special - text.begin());
        m_out.write(text.substr(0, plain_bytes));
        text.remove_prefix(plain_bytes);
        if (text.empty()) {
            break;
        }

        const Utf8Step step = decode_utf8(text);
        if (!step.valid) {
            m_out.write("\uFFFD");
        } else if (step.code_point == '"' || step.code_point == '\\' ||
                   !is_printable(step.code_point)) {
            m_out.write(escape(step.code_point));
        } else {
            m_out.write(text.substr(0, step.bytes));
        }
        text.remove_prefix(step.bytes);
    }
    m_out.write("\"");
}

void JsonWriter::before_value() {
    if (m_after_key) {
        m_after_key = false;
    } else if (!m_levels.empty()) {
        assert(m_levels.back().kind == Kind::array);
        next_item(m_levels.back());
    }
}

void JsonWriter::after_value() {
    if (m_levels.empty()) {
        m_out.write("\n");
    }
}

/// The comma after the item before, and where the next one stands.
void JsonWriter::next_item(Level& level) {
    if (!level.empty) {
        m_out.write(",");
    }
    if (m_layout == JsonLayout::lines) {
        if (!level.on_one_line) {
            line_break(m_levels.size());
        } else if (!level.empty) {
            m_out.write(" ");
        }
    }
    level.empty = false;
}

void JsonWriter::line_break(std::size_t depth) {
    m_out.write("\n");
    for (std::size_t i = 0; i < depth; ++i) {
        m_out.write("  ");
    }
}

}  // namespace cachectl
