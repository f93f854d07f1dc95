#include "warm/piecewise.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "redis/error_reply.hpp"
#include "util/text.hpp"
#include "warm/name_table.hpp"
#include "warm/stored_value.hpp"

namespace cachectl {

PiecewiseComparison::PiecewiseComparison(const Encoded& value, PiecewiseRights& rights)
    : m_as(value.as), m_bytes(value.bytes()), m_rights(rights) {
    if (is_string(m_as)) {
        split_text(value.parts.at(0));
        m_step = Step::values;
        begin_piece();
        return;
    }
    const bool pairs = m_as == EncodeAs::hash || m_as == EncodeAs::zset;
    // What is sent twice is there once, and its last value counts. A zset is sent as score and
    // member.
    const std::size_t step = pairs ? 2 : 1;
    NameTable names(m_as == EncodeAs::list ? 0 : value.parts.size() / step);
    m_parts.reserve(value.parts.size() / step);
    for (std::size_t i = 0; i + step <= value.parts.size(); i += step) {
        Part part{value.parts[i], pairs ? value.parts[i + 1] : std::string_view()};
        if (m_as == EncodeAs::zset) {
            std::swap(part.name, part.value);
        }
        std::size_t place = m_parts.size();
        if (m_as != EncodeAs::list) {
            place = names.find_or_add(part.name, place,
                                      [this](std::size_t at) { return m_parts[at].name; });
        }
        if (place == m_parts.size()) {
            m_parts.push_back(part);
        } else {
            m_parts[place] = part;
        }
    }
    // Members of sets and zsets are asked for by their names, whose replies are numbers.
    const bool reads_values = m_as == EncodeAs::hash || m_as == EncodeAs::list;
    if (!reads_values || !m_rights.memory) {
        m_step = Step::values;
        begin_piece();
    }
}

/// Each part is then a piece of its own.
void PiecewiseComparison::split_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += k_most_bytes) {
        m_parts.push_back({text.substr(at, k_most_bytes), {}});
    }
}

void PiecewiseComparison::begin_piece() {
    m_begin = m_end;
    std::size_t bytes = 0;
    while (m_end < m_parts.size() && m_end - m_begin < k_most_parts) {
        bytes += m_parts[m_end].name.size() + m_parts[m_end].value.size();
        if (m_end != m_begin && (bytes > k_most_bytes || is_string(m_as))) {
            break;
        }
        ++m_end;
    }
}

std::vector<std::string_view> PiecewiseComparison::next_command(std::string_view key) {
    if (m_step == Step::size) {
        return {"MEMORY", "USAGE", key, "SAMPLES", "0"};
    }
    if (is_string(m_as)) {
        const std::size_t first = m_begin * k_most_bytes;
        m_first = std::to_string(first);
        m_last = std::to_string(first + m_parts[m_begin].name.size() - 1);
        return {"GETRANGE", key, m_first, m_last};
    }
    if (m_as == EncodeAs::list) {
        m_first = std::to_string(m_begin);
        m_last = std::to_string(m_end - 1);
        return {"LRANGE", key, m_first, m_last};
    }
    std::vector<std::string_view> words;
    if (m_step == Step::field_ttls) {
        m_first = std::to_string(m_end - m_begin);
        words = {"HPTTL", key, "FIELDS", m_first};
    } else {
        words = {m_as == EncodeAs::hash  ? "HMGET"
                 : m_as == EncodeAs::set ? "SMISMEMBER"
                                         : "ZMSCORE",
                 key};
    }
    for (std::size_t i = m_begin; i < m_end; ++i) {
        words.push_back(m_parts[i].name);
    }
    return words;
}

Existing PiecewiseComparison::judge(const Reply& reply) {
    if (reply.is_broken()) {
        return Existing::unknown;
    }
    if (reply.error_prefix() == "WRONGTYPE") {
        return Existing::replaced;
    }
    const bool may_not_ask = denied_by(reply) == Denied::command;
    switch (m_step) {
        case Step::size:
            m_rights.memory = !may_not_ask;
            if (!may_not_ask && reply.is_error()) {
                return Existing::unknown;
            }
            if (!may_be_as_large(reply)) {
                return Existing::replaced;
            }
            m_step = Step::values;
            begin_piece();
            return Existing::to_be_read;
        case Step::values: {
            const Existing found = judge_values(reply);
            if (found != Existing::stays) {
                return found;
            }
            if (m_as == EncodeAs::hash && m_rights.field_ttls) {
                m_step = Step::field_ttls;
                return Existing::to_be_read;
            }
            return go_on();
        }
        case Step::field_ttls:
            break;
    }
    constexpr std::int64_t k_never_expires = -1;
    m_rights.field_ttls = !may_not_ask;
    if (!may_not_ask && reply.is_error()) {
        return Existing::unknown;
    }
    const bool all_stay = std::all_of(
        reply.elements.begin(), reply.elements.end(),
        [](const Reply& ttl) { return ttl.is_integer() && ttl.integer == k_never_expires; });
    if (!all_stay) {
        return Existing::replaced;
    }
    m_step = Step::values;
    return go_on();
}

Existing PiecewiseComparison::go_on() {
    begin_piece();
    return m_begin == m_end ? Existing::stays : Existing::to_be_read;
}

/// Whether a key that takes that much memory can hold nothing larger than the value: what it takes
/// besides is its table and up to some hundred bytes for each part.
bool PiecewiseComparison::may_be_as_large(const Reply& usage) const {
    if (!usage.is_integer()) {
        return true;
    }
    constexpr std::size_t k_of_a_part = 256;
    const std::size_t most = 2 * m_bytes + k_of_a_part * m_parts.size() + k_most_bytes;
    return usage.integer <= static_cast<std::int64_t>(most);
}

Existing PiecewiseComparison::judge_values(const Reply& reply) const {
    // An older server has not all of the commands: what cannot be compared is written.
    if (denied_by(reply) == Denied::command && reply.error_prefix() == "ERR") {
        return Existing::replaced;
    }
    if (is_string(m_as) && reply.is_text()) {
        return reply.text == m_parts[m_begin].name ? Existing::stays : Existing::replaced;
    }
    if (!reply.is_array()) {
        return Existing::unknown;
    }
    if (reply.elements.size() != m_end - m_begin) {
        return Existing::replaced;
    }
    return first_other(reply) == m_end ? Existing::stays : Existing::replaced;
}

std::size_t PiecewiseComparison::first_other(const Reply& reply) const {
    std::size_t at = m_begin;
    while (at < m_end && is_same(m_parts[at], reply.elements[at - m_begin])) {
        ++at;
    }
    return at;
}

std::string PiecewiseComparison::difference(const Reply& reply) const {
    if (is_string(m_as)) {
        return fmt::format("it differs behind its byte {}", format_count(m_begin * k_most_bytes));
    }
    if (m_step != Step::values || !reply.is_array() || reply.elements.size() != m_end - m_begin) {
        return "its value is another one";
    }
    const std::size_t at = first_other(reply);
    const Part& part = m_parts.at(at);
    const Reply& found = reply.elements[at - m_begin];
    if (m_as == EncodeAs::list) {
        return fmt::format("its element {} is another one", format_count(at + 1));
    }
    if (m_as == EncodeAs::set || found.is_nil()) {
        return fmt::format("it lacks the {} '{}'", m_as == EncodeAs::hash ? "field" : "member",
                           part.name);
    }
    if (m_as == EncodeAs::hash) {
        return fmt::format("the value of the field '{}' is another one", part.name);
    }
    return fmt::format("the score of '{}' is {} instead of {}", part.name, found.text, part.value);
}

bool PiecewiseComparison::is_same(const Part& part, const Reply& found) const {
    switch (m_as) {
        case EncodeAs::list:
            return found.text == part.name;
        case EncodeAs::set:
            return found.is_integer() && found.integer == 1;
        case EncodeAs::zset:
            return !found.is_nil() && is_same_score(part.value, found.text);
        case EncodeAs::hash:
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return found.is_text() && found.text == part.value;
}

}  // namespace cachectl
