#include "warm/read_back.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "util/text.hpp"

namespace cachectl {

namespace {

std::string text_difference(std::string_view wanted, std::string_view found) {
    const auto [at, other] =
        std::mismatch(wanted.begin(), wanted.end(), found.begin(), found.end());
    return fmt::format("it differs from byte {} on, and has {} of them instead of {}",
                       format_count(static_cast<std::uint64_t>(at - wanted.begin()) + 1),
                       format_count(found.size()), format_count(wanted.size()));
}

std::string_view noun_of_parts(EncodeAs as) {
    switch (as) {
        case EncodeAs::hash:
            return "fields";
        case EncodeAs::list:
            return "elements";
        case EncodeAs::set:
        case EncodeAs::zset:
            return "members";
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return "bytes";
}

}  // namespace

ReadBack::ReadBack(const StoredValue& value) : m_value(value) {
    if (!is_string(value.as()) || value.bytes() > k_most_text_read) {
        Encoded parts;
        value.get(parts);
        m_pieces.emplace(parts, m_rights);
    }
}

std::vector<std::string_view> ReadBack::first_command(std::string_view key) const {
    return {m_pieces ? length_verb(m_value.as()) : "GET", key};
}

std::vector<std::string_view> ReadBack::next_piece(std::string_view key) {
    return m_pieces->next_command(key);
}

void ReadBack::take_first(const Reply& reply) {
    if (!m_pieces) {
        const bool same = reply.is_text() && reply.text == m_value.text();
        const bool other = reply.is_text() && !same;
        const Existing found = same             ? Existing::stays
                               : other          ? Existing::replaced
                               : reply.is_nil() ? Existing::absent
                                                : Existing::unknown;
        return take(found, reply, other ? text_difference(m_value.text(), reply.text) : "");
    }
    const auto length =
        static_cast<std::int64_t>(is_string(m_value.as()) ? m_value.bytes() : m_pieces->size());
    if (!reply.is_integer()) {
        return take(Existing::unknown, reply, "");
    }
    if (reply.integer == 0) {
        return take(Existing::absent, reply, "");
    }
    if (reply.integer != length) {
        take(Existing::replaced, reply,
             fmt::format("it has {} {} instead of {}",
                         format_count(static_cast<std::uint64_t>(reply.integer)),
                         noun_of_parts(m_value.as()),
                         format_count(static_cast<std::uint64_t>(length))));
    }
}

// Pieces may be on their way when it is clear already what was found.
void ReadBack::take_piece(const Reply& reply) {
    if (!is_open()) {
        return;
    }
    const Existing found = reply.is_error() ? Existing::unknown : m_pieces->judge(reply);
    take(found, reply, found == Existing::replaced ? m_pieces->difference(reply) : "");
}

void ReadBack::take(Existing found, const Reply& reply, std::string difference) {
    const bool other_type = reply.error_prefix() == "WRONGTYPE";
    m_found = other_type ? Existing::replaced : found;
    m_difference = other_type ? "it is of another type" : std::move(difference);
    if (m_found == Existing::unknown) {
        m_refusal = reply;
    }
}

}  // namespace cachectl
