#include "restore/value_slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "rdb/input.hpp"

namespace cachectl {

namespace {

std::string_view verb_of(RdbType type) {
    switch (type) {
        case RdbType::list:
            return "RPUSH";
        case RdbType::set:
            return "SADD";
        case RdbType::hash:
            return "HSET";
        case RdbType::zset_2:
            return "ZADD";
        default:
            return "APPEND";
    }
}

/// As ZADD reads it, exactly.
std::string score_text(double score) {
    if (std::isinf(score)) {
        return score > 0 ? "inf" : "-inf";
    }
    return fmt::format("{:.17g}", score);
}

}  // namespace

bool ValueSlices::are_possible(RdbType type) {
    return type == RdbType::string || type == RdbType::list || type == RdbType::set ||
           type == RdbType::hash || type == RdbType::zset_2;
}

ValueSlices::ValueSlices(const RdbFile& file, const RdbKey& key)
    : m_in(file.input(key.value_offset)), m_type(key.type) {
    const RdbLength length = read_rdb_length_or_encoding(m_in);
    m_left = length.value;
    if (m_type == RdbType::string && length.is_encoding) {
        RdbInput again = file.input(key.value_offset);
        m_text = read_rdb_string(again);
        m_is_raw = false;
        m_left = m_text.size();
    } else if (length.is_encoding) {
        m_in.damaged("a number of elements that is none");
    }
}

std::optional<ValueSlice> ValueSlices::next() {
    if (m_left == 0) {
        return std::nullopt;
    }
    if (m_type == RdbType::string) {
        return next_text();
    }
    ValueSlice slice{.verb = verb_of(m_type), .words = {}};
    while (m_left != 0 && slice.words.size() < k_most_words && slice.bytes < k_most_bytes) {
        add_element(slice);
        --m_left;
    }
    return slice;
}

std::optional<ValueSlice> ValueSlices::next_text() {
    const std::uint64_t bytes = std::min<std::uint64_t>(m_left, k_most_bytes);
    std::string text = m_is_raw ? m_in.text(bytes) : m_text.substr(m_text_used, bytes);
    m_text_used += bytes;
    m_left -= bytes;
    ValueSlice slice{.verb = verb_of(m_type), .words = {}, .bytes = text.size()};
    slice.words.push_back(std::move(text));
    return slice;
}

// ZADD has the score before its member, the file behind it.
void ValueSlices::add_element(ValueSlice& slice) {
    std::string element = read_rdb_string(m_in);
    slice.bytes += element.size();
    if (m_type == RdbType::zset_2) {
        slice.words.push_back(score_text(std::bit_cast<double>(m_in.number(sizeof(double)))));
    }
    slice.words.push_back(std::move(element));
    if (m_type == RdbType::hash) {
        slice.words.push_back(read_rdb_string(m_in));
        slice.bytes += slice.words.back().size();
    }
}

}  // namespace cachectl
