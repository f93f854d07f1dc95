#include "warm/stored_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>

#include "util/text.hpp"

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

std::string text_difference(std::string_view wanted, std::string_view found) {
    const auto [at, other] =
        std::mismatch(wanted.begin(), wanted.end(), found.begin(), found.end());
    return fmt::format("it differs from byte {} on, and has {} of them instead of {}",
                       format_count(static_cast<std::uint64_t>(at - wanted.begin()) + 1),
                       format_count(found.size()), format_count(wanted.size()));
}

std::string count_difference(std::size_t wanted, std::size_t found, std::string_view noun) {
    return fmt::format("it has {} {} instead of {}", format_count(found), noun,
                       format_count(wanted));
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
        m_bytes = {};
    }
    if (m_ends.capacity() * sizeof(std::size_t) > bytes_kept) {
        m_ends = {};
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

std::vector<std::string_view> StoredValue::read_command(std::string_view key) const {
    switch (m_as) {
        case EncodeAs::hash:
            return {"HGETALL", key};
        case EncodeAs::list:
            return {"LRANGE", key, "0", "-1"};
        case EncodeAs::set:
            return {"SMEMBERS", key};
        case EncodeAs::zset:
            return {"ZRANGE", key, "0", "-1", "WITHSCORES"};
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return {"GET", key};
}

std::optional<std::string> StoredValue::difference(const Reply& reply) const {
    switch (m_as) {
        case EncodeAs::hash:
        case EncodeAs::zset:
            return pair_difference(reply);
        case EncodeAs::list:
            return list_difference(reply);
        case EncodeAs::set:
            return set_difference(reply);
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    if (reply.text == m_bytes) {
        return std::nullopt;
    }
    return text_difference(m_bytes, reply.text);
}

// What is sent twice is there once, and its last value counts. A zset is sent as score and member,
// and comes back the other way round.
std::optional<std::string> StoredValue::pair_difference(const Reply& reply) const {
    const bool scored = m_as == EncodeAs::zset;
    const auto sent = parts();
    std::unordered_map<std::string_view, std::string_view> wanted;
    for (std::size_t i = 0; i + 1 < sent.size(); i += 2) {
        wanted.insert_or_assign(sent[i + (scored ? 1 : 0)], sent[i + (scored ? 0 : 1)]);
    }
    const std::string_view noun = scored ? "members" : "fields";
    if (reply.elements.size() != 2 * wanted.size()) {
        return count_difference(wanted.size(), reply.elements.size() / 2, noun);
    }
    for (std::size_t i = 0; i < reply.elements.size(); i += 2) {
        const std::string& name = reply.elements[i].text;
        const std::string& value = reply.elements[i + 1].text;
        const auto found = wanted.find(name);
        if (found == wanted.end()) {
            return fmt::format("it has the {} '{}'", scored ? "member" : "field", name);
        }
        if (scored ? is_same_score(found->second, value) : found->second == value) {
            continue;
        }
        return scored ? fmt::format("the score of '{}' is {} instead of {}", name, value,
                                    found->second)
                      : fmt::format("the value of the field '{}' is another one", name);
    }
    return std::nullopt;
}

std::optional<std::string> StoredValue::list_difference(const Reply& reply) const {
    const auto wanted = parts();
    if (reply.elements.size() != wanted.size()) {
        return count_difference(wanted.size(), reply.elements.size(), "elements");
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (reply.elements[i].text == wanted[i]) {
            continue;
        }
        return fmt::format("its element {} is another one", format_count(i + 1));
    }
    return std::nullopt;
}

std::optional<std::string> StoredValue::set_difference(const Reply& reply) const {
    const auto sent = parts();
    const std::unordered_set<std::string_view> wanted(sent.begin(), sent.end());
    if (reply.elements.size() != wanted.size()) {
        return count_difference(wanted.size(), reply.elements.size(), "members");
    }
    for (const Reply& member : reply.elements) {
        if (!wanted.contains(member.text)) {
            return fmt::format("it has the member '{}'", member.text);
        }
    }
    return std::nullopt;
}

}  // namespace cachectl
