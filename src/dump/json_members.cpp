#include "dump/json_members.hpp"

#include "dump/json_text.hpp"

namespace cachectl {

bool JsonMembers::skip_space() {
    m_at = m_json.find_first_not_of(" \t\r\n", m_at);
    return m_at != std::string_view::npos;
}

bool JsonMembers::take(std::string_view& value) {
    m_extent.reset();
    const auto result = m_extent.scan(m_json.substr(m_at));
    value = m_json.substr(m_at, m_extent.length());
    m_ended = result == JsonExtent::Result::more;
    m_at += m_extent.length();
    return result != JsonExtent::Result::mismatched && !value.empty();
}

bool JsonMembers::next() {
    const bool first = m_at == 0;
    if (m_ended) {
        return false;
    }
    m_at += first ? 1 : 0;
    if (!skip_space()) {
        m_ended = true;
        return false;
    }
    if (m_json[m_at] == (m_object ? '}' : ']')) {
        m_complete = m_ended = true;
        return false;
    }
    if (!first) {
        if (m_json[m_at] != ',' || !(++m_at, skip_space())) {
            m_ended = true;
            return false;
        }
    }
    if (m_object) {
        const bool named = m_json[m_at] == '"' && take(m_name) && !m_ended && skip_space() &&
                           m_json[m_at] == ':' && (++m_at, skip_space());
        if (!named) {
            m_ended = true;
            return false;
        }
    }
    if (take(m_value)) {
        return true;
    }
    m_ended = true;
    return false;
}

std::string_view json_string(std::string_view quoted, std::string& scratch) {
    const std::string_view inside = quoted.substr(1, quoted.size() - 2);
    if (inside.find('\\') == std::string_view::npos) {
        return inside;
    }
    scratch.clear();
    return unescape_json(inside, scratch) == nullptr ? std::string_view(scratch) : inside;
}

}  // namespace cachectl
