#include "dump/copy_reader.hpp"

#include <algorithm>
#include <charconv>

namespace cachectl {

namespace {

/// The value of up to `most` digits of `base` at `at`, which goes past them; nothing if there are
/// none.
std::optional<char> take_code(std::string_view raw, std::size_t& at, std::size_t most, int base) {
    unsigned value = 0;
    const char* const begin = raw.data() + at;
    const char* const end = begin + std::min(most, raw.size() - at);
    const char* const behind = std::from_chars(begin, end, value, base).ptr;
    if (behind == begin) {
        return std::nullopt;
    }
    at += static_cast<std::size_t>(behind - begin);
    return static_cast<char>(value);
}

}  // namespace

std::optional<CopyLine::Field> CopyLine::next() {
    if (m_ended) {
        return std::nullopt;
    }
    // A tab within a value is written \t, and a backslash before a raw one would make it part of
    // the value.
    std::size_t end = m_rest.find('\t');
    Field field;
    std::size_t backslash = 0;
    while ((backslash = m_rest.substr(0, end).find('\\', backslash)) != std::string_view::npos) {
        field.escaped = true;
        backslash += 2;
        end = backslash > end ? m_rest.find('\t', backslash) : end;
    }
    m_ended = end >= m_rest.size();
    field.raw = m_rest.substr(0, end);
    m_rest.remove_prefix(std::min(m_ended ? m_rest.size() : end + 1, m_rest.size()));
    field.null = field.raw == "\\N";
    return field;
}

void unescape_copy(std::string_view raw, std::string& out) {
    std::size_t at = 0;
    while (true) {
        const std::size_t plain = std::min(raw.find('\\', at), raw.size());
        out.append(raw, at, plain - at);
        at = plain + 1;
        if (at >= raw.size()) {
            out.append(plain < raw.size() ? 1 : 0, '\\');
            return;
        }
        constexpr std::string_view k_letters = "bfnrtv";
        constexpr std::string_view k_meant = "\b\f\n\r\t\v";
        const char letter = raw[at];
        if (const std::size_t known = k_letters.find(letter); known != std::string_view::npos) {
            out += k_meant[known];
            ++at;
        } else if (letter == 'x') {
            ++at;
            out += take_code(raw, at, 2, 16).value_or(letter);
        } else if (letter >= '0' && letter <= '7') {
            out += take_code(raw, at, 3, 8).value_or(letter);
        } else {
            out += letter;
            ++at;
        }
    }
}

}  // namespace cachectl
