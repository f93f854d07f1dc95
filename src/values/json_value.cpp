#include "values/json_value.hpp"

#include <string>
#include <vector>

namespace cachectl {

namespace {

using Kind = Node::Kind;

void append_utf8(std::string& out, char32_t code_point) {
    const auto byte = [&](char32_t bits) { out += static_cast<char>(bits); };
    if (code_point < 0x80) {
        byte(code_point);
    } else if (code_point < 0x800) {
        byte(0xC0 | (code_point >> 6));
        byte(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        byte(0xE0 | (code_point >> 12));
        byte(0x80 | ((code_point >> 6) & 0x3F));
        byte(0x80 | (code_point & 0x3F));
    } else {
        byte(0xF0 | (code_point >> 18));
        byte(0x80 | ((code_point >> 12) & 0x3F));
        byte(0x80 | ((code_point >> 6) & 0x3F));
        byte(0x80 | (code_point & 0x3F));
    }
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// RFC 8259, without recursion: what is open is a byte each.
class JsonDecoder {
public:
    JsonDecoder(std::string_view text, const NodeBounds& bounds) : m_text(text), m_tree(bounds) {}

    Decoded run() {
        constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
        m_at = m_text.starts_with(k_byte_order_mark) ? k_byte_order_mark.size() : 0;
        skip_space();
        if (at_end() || (peek() != '{' && peek() != '[')) {
            return {};
        }
        DecodeEnd end = value();
        while (end == DecodeEnd::whole && !m_open.empty()) {
            skip_space();
            end = at_end() ? DecodeEnd::cut : next();
        }
        if (end == DecodeEnd::whole) {
            skip_space();
            end = at_end() ? DecodeEnd::whole : DecodeEnd::no;
        }
        if (end == DecodeEnd::no) {
            return {};
        }
        m_tree.end_of_input();
        return {end, m_tree.take()};
    }

private:
    enum class After { opening, comma, value };

    [[nodiscard]] bool at_end() const { return m_at == m_text.size(); }
    [[nodiscard]] char peek() const { return m_text[m_at]; }
    void skip_space() {
        while (!at_end() && is_space(peek())) {
            ++m_at;
        }
    }

    /// One step within what is open: its end, or a comma and a member.
    DecodeEnd next() {
        const bool object = m_open.back() == '{';
        if (m_after != After::comma && peek() == (object ? '}' : ']')) {
            ++m_at;
            m_open.pop_back();
            m_tree.end();
            m_after = After::value;
            return DecodeEnd::whole;
        }
        if (m_after == After::value) {
            if (peek() != ',') {
                return DecodeEnd::no;
            }
            ++m_at;
            m_after = After::comma;
            return DecodeEnd::whole;
        }
        if (object) {
            const DecodeEnd name = member_name();
            if (name != DecodeEnd::whole) {
                return name;
            }
        }
        return value();
    }

    DecodeEnd member_name() {
        if (peek() != '"') {
            return DecodeEnd::no;
        }
        std::string name;
        const DecodeEnd end = string(name);
        if (end != DecodeEnd::whole) {
            return end;
        }
        m_tree.name(name);
        skip_space();
        if (at_end()) {
            return DecodeEnd::cut;
        }
        if (peek() != ':') {
            return DecodeEnd::no;
        }
        ++m_at;
        skip_space();
        return at_end() ? DecodeEnd::cut : DecodeEnd::whole;
    }

    DecodeEnd value() {
        m_after = After::value;
        const char c = peek();
        if (c == '{' || c == '[') {
            ++m_at;
            m_open.push_back(c);
            m_tree.begin(c == '{' ? Kind::object : Kind::array);
            m_after = After::opening;
            return DecodeEnd::whole;
        }
        if (c == '"') {
            std::string text;
            const DecodeEnd end = string(text);
            if (end == DecodeEnd::whole) {
                m_tree.scalar(Kind::text, text);
            } else if (end == DecodeEnd::cut) {
                m_tree.cut_text(Kind::text, text);
            }
            return end;
        }
        if (c == '-' || is_digit(c)) {
            return number();
        }
        return word();
    }

    DecodeEnd word() {
        struct Word {
            std::string_view text;
            Kind kind;
        };
        constexpr Word k_words[] = {
            {"true", Kind::boolean}, {"false", Kind::boolean}, {"null", Kind::null}};
        const std::string_view rest = m_text.substr(m_at);
        for (const Word& word : k_words) {
            if (rest.starts_with(word.text)) {
                m_at += word.text.size();
                m_tree.scalar(word.kind, word.text);
                return DecodeEnd::whole;
            }
            if (word.text.starts_with(rest)) {
                return DecodeEnd::cut;
            }
        }
        return DecodeEnd::no;
    }

    DecodeEnd number() {
        const std::size_t begin = m_at;
        const auto digits = [this] {
            const std::size_t first = m_at;
            while (!at_end() && is_digit(peek())) {
                ++m_at;
            }
            return m_at - first;
        };
        m_at += peek() == '-' ? 1 : 0;
        const bool zero = !at_end() && peek() == '0';
        const std::size_t whole = digits();
        bool good = whole == 1 || (whole > 1 && !zero);
        if (good && !at_end() && peek() == '.') {
            ++m_at;
            good = digits() != 0;
        }
        if (good && !at_end() && (peek() == 'e' || peek() == 'E')) {
            ++m_at;
            m_at += !at_end() && (peek() == '+' || peek() == '-') ? 1 : 0;
            good = digits() != 0;
        }
        if (at_end()) {
            return DecodeEnd::cut;  // it stands within something that is open
        }
        if (good) {
            m_tree.scalar(Kind::number, m_text.substr(begin, m_at - begin));
        }
        return good ? DecodeEnd::whole : DecodeEnd::no;
    }

    DecodeEnd string(std::string& out) {
        ++m_at;
        while (!at_end()) {
            const char c = m_text[m_at++];
            if (c == '"') {
                return DecodeEnd::whole;
            }
            if (static_cast<unsigned char>(c) < 0x20) {
                return DecodeEnd::no;
            }
            if (c != '\\') {
                out += c;
                continue;
            }
            const DecodeEnd end = escape(out);
            if (end != DecodeEnd::whole) {
                return end;
            }
        }
        return DecodeEnd::cut;
    }

    DecodeEnd escape(std::string& out) {
        if (at_end()) {
            return DecodeEnd::cut;
        }
        constexpr std::string_view k_letters = "\"\\/bfnrt";
        constexpr std::string_view k_bytes = "\"\\/\b\f\n\r\t";
        const char c = m_text[m_at++];
        if (const std::size_t i = k_letters.find(c); i != std::string_view::npos) {
            out += k_bytes[i];
            return DecodeEnd::whole;
        }
        if (c != 'u') {
            return DecodeEnd::no;
        }
        char32_t unit = 0;
        const DecodeEnd end = four_digits(unit);
        if (end != DecodeEnd::whole) {
            return end;
        }
        constexpr char32_t k_replacement = 0xFFFD;
        if (unit < 0xD800 || unit > 0xDFFF) {
            append_utf8(out, unit);
            return DecodeEnd::whole;
        }
        char32_t low = 0;
        const std::size_t before = m_at;
        if (unit < 0xDC00 && m_text.substr(m_at, 2) == "\\u") {
            m_at += 2;
            if (four_digits(low) == DecodeEnd::whole && low >= 0xDC00 && low <= 0xDFFF) {
                append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
                return DecodeEnd::whole;
            }
            m_at = before;  // it is looked at again, for itself
        }
        append_utf8(out, k_replacement);
        return DecodeEnd::whole;
    }

    DecodeEnd four_digits(char32_t& number) {
        constexpr std::string_view k_digits = "0123456789abcdefABCDEF";
        for (int i = 0; i < 4; ++i) {
            if (at_end()) {
                return DecodeEnd::cut;
            }
            const std::size_t digit = k_digits.find(m_text[m_at++]);
            if (digit == std::string_view::npos) {
                return DecodeEnd::no;
            }
            number = number * 16 + static_cast<char32_t>(digit < 16 ? digit : digit - 6);
        }
        return DecodeEnd::whole;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    NodeBuilder m_tree;
    std::string m_open;  // '{' or '[' each
    After m_after = After::opening;
};

}  // namespace

Decoded decode_json(std::string_view text, const NodeBounds& bounds) {
    return JsonDecoder(text, bounds).run();
}

}  // namespace cachectl
