#include "fuzz/json_check.hpp"

#include <string>

namespace cachectl {

namespace {

class Checker {
public:
    explicit Checker(std::string_view text) : m_text(text) {}

    bool run() {
        // Brackets are kept in a string rather than on the stack, for they may be many.
        std::string open;
        do {
            if (take('[') || take('{')) {
                open += m_text[m_at - 1] == '[' ? ']' : '}';
                if (!take(open.back())) {
                    if (open.back() == '}' && !name()) {
                        return false;
                    }
                    continue;
                }
                open.pop_back();
            } else if (!scalar()) {
                return false;
            }
            while (!open.empty() && take(open.back())) {
                open.pop_back();
            }
            if (!open.empty() && (!take(',') || (open.back() == '}' && !name()))) {
                return false;
            }
            if (open.empty()) {
                return m_at == m_text.size();
            }
        } while (true);
    }

private:
    bool take(char c) {
        const bool found = m_at < m_text.size() && m_text[m_at] == c;
        m_at += found ? 1 : 0;
        return found;
    }
    bool take_any(std::string_view characters) {
        const bool found =
            m_at < m_text.size() && characters.find(m_text[m_at]) != std::string_view::npos;
        m_at += found ? 1 : 0;
        return found;
    }
    bool digits() {
        const std::size_t begin = m_at;
        while (take_any("0123456789")) {
        }
        return m_at > begin;
    }
    bool name() { return string() && take(':'); }
    bool scalar() {
        for (const std::string_view word : {"true", "false", "null"}) {
            if (m_text.substr(m_at).starts_with(word)) {
                m_at += word.size();
                return true;
            }
        }
        return m_at < m_text.size() && m_text[m_at] == '"' ? string() : number();
    }
    bool number() {
        take('-');
        if (!take('0') && !digits()) {
            return false;
        }
        if (take('.') && !digits()) {
            return false;
        }
        if (!take_any("eE")) {
            return true;
        }
        take_any("+-");
        return digits();
    }
    bool string() {
        if (!take('"')) {
            return false;
        }
        while (m_at < m_text.size()) {
            const char c = m_text[m_at++];
            if (c == '"') {
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20) {
                return false;
            }
            if (c == '\\' && !escape()) {
                return false;
            }
        }
        return false;
    }
    bool escape() {
        if (!take('u')) {
            return take_any("\"\\/bfnrt");
        }
        for (int i = 0; i < 4; ++i) {
            if (!take_any("0123456789abcdefABCDEF")) {
                return false;
            }
        }
        return true;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

}  // namespace

bool is_minified_json(std::string_view text) { return Checker(text).run(); }

}  // namespace cachectl
