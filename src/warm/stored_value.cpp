#include "warm/stored_value.hpp"

#include <charconv>
#include <optional>

#include "util/free_memory.hpp"

namespace cachectl {

namespace {

std::optional<double> as_score(std::string_view text) {
    double score = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, score);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        return std::nullopt;
    }
    return score;
}

}  // namespace

bool is_same_score(std::string_view a, std::string_view b) {
    return a == b || (as_score(a) && as_score(a) == as_score(b));
}

void StoredValue::assign(const Encoded& value) {
    m_as = value.as;
    m_bytes.clear();
    m_ends.clear();
    for (const std::string_view part : value.parts) {
        m_bytes += part;
        m_ends.push_back(m_bytes.size());
    }
}

void StoredValue::get(Encoded& value) const {
    value.as = m_as;
    value.parts = parts();
}

void StoredValue::shrink(std::size_t bytes_kept) {
    if (m_bytes.capacity() > bytes_kept) {
        free_memory(m_bytes);
    }
    if (m_ends.capacity() * sizeof(std::size_t) > bytes_kept) {
        free_memory(m_ends);
    }
}

std::vector<std::string_view> StoredValue::parts() const {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (const std::size_t end : m_ends) {
        parts.push_back(std::string_view(m_bytes).substr(begin, end - begin));
        begin = end;
    }
    return parts;
}

}  // namespace cachectl
