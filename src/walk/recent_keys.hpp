// The keys of the latest pages, to tell what SCAN returns twice.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

/// SCAN repeats keys when the server's table shrinks under it: it steps back to the start of the
/// now larger bucket, which is never further than about a page. So the latest pages are enough
/// to tell on a server at rest, and memory does not grow with the keyspace.
class RecentKeys {
public:
    /// Forgets the oldest page and makes room for one of `keys` keys.
    void begin_page(std::size_t keys);

    /// Notes a key of the current page; false if it, or one of the pages before, had it already.
    bool add(std::string_view key);

    void clear();

private:
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t offset = 0;
        std::uint32_t size_plus_one = 0;  // 0: the slot is free
    };
    struct Page {
        std::vector<Slot> slots;  // open addressing, at most half full
        std::string bytes;

        [[nodiscard]] Slot* find(std::string_view key, std::uint64_t hash);
    };

    static constexpr std::size_t k_pages = 3;

    std::array<Page, k_pages> m_pages;
    std::size_t m_current = 0;
};

}  // namespace cachectl
