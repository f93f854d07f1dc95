#include "dump/record.hpp"

#include <unordered_set>

#include "dump/json_text.hpp"

namespace cachectl {

const Value* Record::find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < m_values.size(); ++i) {
        if (m_names[i] == name) {
            return &m_values[i];
        }
    }
    return nullptr;
}

std::string_view Record::json() const {
    if (!m_raw_json.empty() && m_minified.empty()) {
        minify_json(m_raw_json, m_minified);
    }
    return m_minified;
}

void Record::begin(std::uint64_t line, std::size_t keepable) {
    m_line = line;
    m_values.clear();
    m_kept.clear();
    m_kept.reserve(keepable);
    m_raw_json = {};
    m_minified.clear();
}

void Record::add(std::string_view name, ValueKind kind, std::string_view text) {
    const std::size_t index = m_values.size();
    if (index == m_names.size()) {
        m_names.emplace_back(name);
    } else if (m_names[index] != name) {
        m_names[index].assign(name);
        m_distinct = std::min(m_distinct, index);
    }
    m_values.push_back({kind, text});
}

std::string_view Record::keep(std::string_view bytes) {
    const std::size_t begin = m_kept.size();
    m_kept.append(bytes);
    return std::string_view(m_kept).substr(begin);
}

const std::string* Record::duplicate_name() {
    const std::size_t count = m_values.size();
    if (count <= m_distinct) {
        return nullptr;
    }
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < count; ++i) {
        if (!seen.insert(m_names[i]).second) {
            return &m_names[i];
        }
    }
    m_distinct = count;
    return nullptr;
}

}  // namespace cachectl
