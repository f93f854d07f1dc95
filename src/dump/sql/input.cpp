#include "dump/sql/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_mib = 1024 * 1024;

/// By memchr, for what is counted has few line ends to its length.
std::uint64_t count_lines(std::string_view text) {
    std::uint64_t count = 0;
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos; ++at) {
        ++count;
    }
    return count;
}

bool is_escaped(std::string_view text, std::size_t at) {
    std::size_t backslashes = 0;
    while (backslashes < at && text[at - backslashes - 1] == '\\') {
        ++backslashes;
    }
    return backslashes % 2 == 1;
}

}  // namespace

SqlInput::SqlInput(Source& source, const SqlRules& rules, std::size_t max_bytes)
    : m_source(source), m_lexer(rules), m_max_bytes(max_bytes) {}

bool SqlInput::fill() {
    if (text().size() > m_max_bytes) {
        fail(0,
             m_max_bytes < k_mib
                 ? fmt::format("a row or a statement is longer than {} bytes", m_max_bytes)
                 : fmt::format("a row or a statement is longer than {} MiB", m_max_bytes / k_mib));
    }
    m_ended = m_ended || !m_source.fill();
    return !m_ended;
}

void SqlInput::consume(std::size_t count) {
    m_line += count_lines(text().substr(0, count));
    m_source.consume(count);
}

const SqlToken& SqlInput::next() {
    while (true) {
        const auto ending = m_ended ? SqlLexer::Ending::final : SqlLexer::Ending::open;
        switch (m_lexer.scan(text(), m_at, ending, m_token)) {
            case SqlLexer::Result::token:
                m_at = m_token.end;
                return m_token;
            case SqlLexer::Result::more:
                fill();
                break;
            case SqlLexer::Result::unclosed:
                fail(m_token.begin, fmt::format("the {} that begins here has no end: was the dump "
                                                "cut?",
                                                m_lexer.unclosed()));
        }
    }
}

std::optional<std::string_view> SqlInput::take_copy_line() {
    drop();
    std::size_t searched = 0;
    while (true) {
        const std::size_t end = text().find('\n', searched);
        if (end == std::string_view::npos) {
            searched = text().size();
            if (!fill()) {
                return std::nullopt;
            }
            continue;
        }
        searched = end + 1;
        if (end > 0 && text()[end - 1] == '\\' && is_escaped(text(), end)) {
            continue;
        }
        const bool cr = end > 0 && text()[end - 1] == '\r';
        const std::string_view line = text().substr(0, end - (cr ? 1 : 0));
        consume(end + 1);
        return line;
    }
}

std::optional<std::string_view> SqlInput::take_whole_line() {
    drop();
    std::size_t searched = 0;
    std::size_t end = 0;
    while ((end = text().find('\n', searched)) == std::string_view::npos) {
        searched = text().size();
        if (!fill()) {
            return std::nullopt;
        }
    }
    const std::string_view line = text().substr(0, end + 1);
    consume(end + 1);
    return line;
}

std::string_view SqlInput::take_rest_of_line() {
    drop();
    std::size_t searched = 0;
    std::size_t end = 0;
    while ((end = text().find('\n', searched)) == std::string_view::npos) {
        searched = text().size();
        if (!fill()) {
            end = searched;
            break;
        }
    }
    const std::string_view line = text().substr(0, end);
    consume(std::min(end + 1, text().size()));
    return line;
}

std::string_view SqlInput::line_from(const SqlToken& token) {
    std::size_t end = 0;
    while ((end = text().find('\n', token.begin)) == std::string_view::npos && fill()) {
    }
    const std::string_view line = text().substr(token.begin);
    return line.substr(0, line.find('\n'));
}

bool SqlInput::skip_known(std::string_view known) {
    const std::string_view rest = text().substr(m_at);
    const auto continues_word = [](char c) {
        return c == '_' || static_cast<unsigned char>(c) >= 0x80 ||
               std::isalnum(static_cast<unsigned char>(c)) != 0;
    };
    if (rest.size() <= known.size() || !rest.starts_with(known) ||
        continues_word(rest[known.size()])) {
        return false;
    }
    m_at += known.size();
    return true;
}

void SqlInput::drop() {
    consume(m_at);
    m_at = 0;
}

void SqlInput::drop_if_long() {
    constexpr std::size_t k_long = 64 * 1024;
    if (m_at > k_long) {
        drop();
    }
}

std::uint64_t SqlInput::line_at(std::size_t offset) const {
    return m_line + count_lines(text().substr(0, offset));
}

void SqlInput::fail(std::size_t offset, std::string_view what, std::string hint) const {
    fail_at(line_at(offset), byte_at(offset), what, std::move(hint));
}

void SqlInput::fail_at(std::uint64_t line, std::uint64_t byte, std::string_view what,
                       std::string hint) const {
    throw Error(ExitCode::bad_input,
                fmt::format("{}:{}: {} (byte {} of the input)", m_source.name(), line, what, byte),
                hint.empty() ? m_hint : std::move(hint));
}

}  // namespace cachectl
