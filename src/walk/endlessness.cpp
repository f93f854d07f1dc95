#include "walk/endlessness.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "redis/reply_slice.hpp"
#include "util/text.hpp"
#include "walk/cursor_kind.hpp"

namespace cachectl {

namespace {

// A table that shrinks under a walk gives a key twice, a few times at the most.
constexpr unsigned k_most_repeats = 8;
// Kvrocks counts its cursors in 16 bits, so that they do come again in a long walk.
constexpr unsigned k_most_rounds = 16;
constexpr std::uint64_t k_asked_in_rounds = 100'000;
constexpr std::uint64_t k_keys_above_size = 1'000'000;
constexpr std::uint64_t k_times_size = 16;
// Buckets that stand empty after many keys have gone are walked too, ten for each COUNT.
constexpr std::uint64_t k_asked_above_size = 100'000'000;
constexpr std::uint64_t k_asked_times_size = 1'000;

}  // namespace

Endlessness::Endlessness(const ServerInfo& server)
    : m_size_is_exact(why_cursors_are_unknown(server).empty()), m_size(server.info.keys()) {}

bool Endlessness::take_question_of_size() {
    if (m_state != Size::exceeded) {
        return false;
    }
    m_state = Size::asked;
    return true;
}

void Endlessness::size_is(std::uint64_t keys) {
    m_state = keys > m_size ? Size::of_login : Size::certain;
    m_size = std::max(m_size, keys);
}

void Endlessness::begin_page(unsigned count, std::string_view cursor, bool is_empty) {
    m_asked += count;
    if (!is_empty) {
        m_cursor_came_again = 0;
    }
    if (++m_pages == m_keep_until) {
        m_keep_until *= 2;
        m_cursor = cursor;
        m_key.clear();
        m_key_came_again = m_cursor_came_again = 0;
    } else if (is_empty && cursor == m_cursor) {
        ++m_cursor_came_again;
    }
}

std::optional<std::string> Endlessness::verdict() {
    if (m_key_came_again >= k_most_repeats) {
        return "the server gives the same keys again and again";
    }
    if (m_cursor_came_again >= k_most_rounds && m_asked > k_asked_in_rounds + 100 * m_size) {
        return "the server gives the same cursors again and again, without keys";
    }
    if (!is_implausible()) {
        return std::nullopt;
    }
    if (m_state == Size::of_login) {
        m_state = Size::exceeded;
    }
    if (m_state != Size::certain) {
        return std::nullopt;
    }
    return fmt::format(
        "the server has given {} keys and does not come to an end; it says that it "
        "holds {}",
        format_count(m_keys), format_count(m_size));
}

bool Endlessness::is_implausible() const {
    if (m_asked > k_asked_above_size + k_asked_times_size * m_size) {
        return true;
    }
    return m_size_is_exact && m_keys > k_keys_above_size + k_times_size * m_size;
}

}  // namespace cachectl
