#include "support/shell_words.hpp"

#include <algorithm>
#include <optional>

namespace cachectl::test {

namespace {

class Splitter {
public:
    explicit Splitter(std::string_view line) : m_line(line) {}

    std::vector<std::vector<std::string>> split() {
        while (m_at < m_line.size()) {
            step();
        }
        end_command();
        return std::move(m_commands);
    }

private:
    void step() {
        const char c = m_line[m_at++];
        switch (c) {
            case '\\':
                if (m_at < m_line.size() && m_line[m_at] != '\n') {
                    put(m_line[m_at]);
                }
                ++m_at;
                return;
            case '\'':
            case '"':
                quoted(c);
                return;
            case ' ':
            case '\t':
                end_word();
                return;
            case '<':
            case '>':
                redirect();
                return;
            case '|':
            case ';':
            case '&':
            case '(':
            case ')':
            case '\n':
                end_command();
                return;
            default:
                put(c);
        }
    }

    void quoted(char quote) {
        if (!m_word) {
            m_word.emplace();
        }
        for (; m_at < m_line.size() && m_line[m_at] != quote; ++m_at) {
            if (quote == '"' && m_line[m_at] == '\\') {
                ++m_at;
            }
            if (m_at < m_line.size()) {
                put(m_line[m_at]);
            }
        }
        ++m_at;
    }

    /// The number before it and the file behind it are no words of the command.
    void redirect() {
        if (m_word && m_word->find_first_not_of("0123456789") == std::string::npos) {
            m_word.reset();
        }
        end_word();
        if (m_at < m_line.size() && m_line[m_at] == '(') {
            return;
        }
        while (m_at < m_line.size() && (m_line[m_at] == '>' || m_line[m_at] == '&')) {
            ++m_at;
        }
        m_drop_next = true;
    }

    void put(char c) {
        if (!m_word) {
            m_word.emplace();
        }
        *m_word += c;
    }

    void end_word() {
        if (!m_word) {
            return;
        }
        const bool is_assignment =
            m_words.empty() && m_word->find('=') != std::string::npos && m_word->front() != '-';
        if (!m_drop_next && !is_assignment) {
            m_words.push_back(*m_word);
        }
        m_drop_next = false;
        m_word.reset();
    }

    void end_command() {
        if (m_word == "$") {
            m_word.reset();  // of $(
        }
        end_word();
        if (!m_words.empty()) {
            m_commands.push_back(std::move(m_words));
        }
        m_words.clear();
        m_drop_next = false;
    }

    std::string_view m_line;
    std::size_t m_at = 0;
    std::optional<std::string> m_word;
    bool m_drop_next = false;
    std::vector<std::string> m_words;
    std::vector<std::vector<std::string>> m_commands;
};

}  // namespace

std::vector<std::vector<std::string>> shell_commands(std::string_view line) {
    return Splitter(line).split();
}

}  // namespace cachectl::test
