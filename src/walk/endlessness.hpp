// Notices a SCAN that does not come to an end: a proxy, or a server's fault, can lead a walk round
// in a ring of cursors, or give keys without end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "redis/info.hpp"

namespace cachectl {

/// Looks at every page of a walk. One key and one cursor are kept, and replaced each time that the
/// number of pages has doubled (Brent's way to find a cycle): so a ring of any length is noticed
/// when it has been walked a few times. What is more than the server says it holds (DBSIZE) has
/// wide margins, because keys come and go, and products exist whose DBSIZE lags.
class Endlessness {
public:
    explicit Endlessness(const ServerInfo& server);

    /// A page that was asked for with COUNT `count` has led to `cursor`. A sentence that completes
    /// "cannot walk the keys: " if the walk will not end.
    template <typename Keys>
    std::optional<std::string> take(unsigned count, std::string_view cursor, const Keys& keys) {
        begin_page(count, cursor, keys.empty());
        for (const auto& key : keys) {
            take_key(key.text);
        }
        return verdict();
    }

    /// True once, when more has come than the server was said to hold: DBSIZE should be asked now,
    /// and told here; the walk is not judged by it before.
    [[nodiscard]] bool take_question_of_size();
    void size_is(std::uint64_t keys);

private:
    void begin_page(unsigned count, std::string_view cursor, bool is_empty);
    void take_key(std::string_view key) {
        if (m_key.empty()) {
            m_key = key;
        } else if (key == m_key) {
            ++m_key_came_again;
        }
        ++m_keys;
    }
    std::optional<std::string> verdict();
    [[nodiscard]] bool is_implausible() const;

    bool m_size_is_exact;      // by the server's product
    std::uint64_t m_size = 0;  // keys that the server says it holds
    enum class Size { of_login, exceeded, asked, certain } m_state = Size::of_login;
    std::uint64_t m_asked = 0;  // the sum of COUNT
    std::uint64_t m_keys = 0;   // repeated ones too
    std::uint64_t m_pages = 0;
    std::uint64_t m_keep_until = 1;  // pages, until another key and cursor are kept
    std::string m_key, m_cursor;     // kept
    unsigned m_key_came_again = 0;
    unsigned m_cursor_came_again = 0;  // without a key in between
};

}  // namespace cachectl
