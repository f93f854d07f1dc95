#include "dump/sql/pg_array.hpp"

#include "dump/sql/dialect.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_max_array_depth = 64;  // PostgreSQL's own limit is 6

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class ArrayParser {
public:
    ArrayParser(std::string_view text, char delimiter, const PgElementWriter& write,
                std::string& out)
        : m_text(text), m_delimiter(delimiter), m_write(write), m_out(out) {}

    bool parse() {
        skip_bounds();
        if (peek() != '{') {
            return false;
        }
        do {
            if (!step()) {
                return false;
            }
        } while (m_depth != 0);
        skip_space();
        return m_at == m_text.size();
    }

private:
    [[nodiscard]] char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }

    void skip_space() {
        while (m_at < m_text.size() && is_space(m_text[m_at])) {
            ++m_at;
        }
    }

    void skip_bounds() {
        skip_space();
        if (peek() != '[') {
            return;
        }
        const std::size_t end = m_text.find('=');
        if (end != std::string_view::npos &&
            m_text.substr(m_at, end - m_at).find_first_not_of("[]:+-0123456789") ==
                std::string_view::npos) {
            m_at = end + 1;
        }
    }

    /// A bracket with its delimiters, or an element.
    bool step() {
        skip_space();
        const char c = peek();
        if (m_at == m_text.size()) {
            return false;
        }
        if (c == '}') {
            // "{}" is fine, "{1,}" is not.
            if (m_wants_element && !m_empty) {
                return false;
            }
            ++m_at;
            --m_depth;
            m_out += ']';
            m_wants_element = m_empty = false;
            return true;
        }
        if (c == m_delimiter) {
            ++m_at;
            m_out += ',';
            return !m_wants_element && (m_wants_element = true);
        }
        if (!m_wants_element) {
            return false;
        }
        m_empty = false;
        if (c == '{') {
            ++m_at;
            m_out += '[';
            m_empty = true;
            return ++m_depth <= k_max_array_depth;
        }
        m_wants_element = false;
        return c == '"' ? quoted() : bare();
    }

    bool quoted() {
        m_element.clear();
        for (++m_at; m_at < m_text.size(); ++m_at) {
            char c = m_text[m_at];
            if (c == '"') {
                ++m_at;
                return m_write(m_element, m_out);
            }
            if (c == '\\') {
                if (++m_at == m_text.size()) {
                    return false;
                }
                c = m_text[m_at];
            }
            m_element += c;
        }
        return false;
    }

    bool bare() {
        m_element.clear();
        std::size_t length = 0;  // up to the last character that is no space
        bool any_escaped = false;
        for (; m_at < m_text.size(); ++m_at) {
            char c = m_text[m_at];
            if (c == m_delimiter || c == '}') {
                break;
            }
            if (c == '{' || c == '"') {
                return false;
            }
            const bool escaped = c == '\\';
            any_escaped |= escaped;
            if (escaped) {
                if (++m_at == m_text.size()) {
                    return false;
                }
                c = m_text[m_at];
            }
            m_element += c;
            length = escaped || !is_space(c) ? m_element.size() : length;
        }
        m_element.resize(length);
        if (!any_escaped && same_sql_name(m_element, "null")) {
            m_out += "null";
            return true;
        }
        return !m_element.empty() && m_write(m_element, m_out);
    }

    std::string_view m_text;
    char m_delimiter;
    const PgElementWriter& m_write;
    std::string& m_out;
    std::string m_element;
    std::size_t m_at = 0;
    std::size_t m_depth = 0;
    bool m_wants_element = true;  // a delimiter or an opening brace stands before
    bool m_empty = false;         // it is an opening brace
};

}  // namespace

bool append_pg_array(std::string_view text, char delimiter, const PgElementWriter& write,
                     std::string& out) {
    return ArrayParser(text, delimiter, write, out).parse();
}

}  // namespace cachectl
