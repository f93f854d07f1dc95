#include "walk/cursor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

#include "support/model_dict.hpp"

using namespace cachectl;
using cachectl::test::ModelDict;

namespace {

/// Walks a partition to its end, `between` each two pages.
template <typename Between>
std::set<std::string> walk(const ModelDict& dict, const Partition& part, std::size_t count,
                           Between between) {
    std::set<std::string> seen;
    std::uint64_t cursor = part.first_cursor();
    double fraction = 0;
    do {
        std::vector<std::string> keys;
        cursor = dict.scan(cursor, count, keys);
        seen.insert(keys.begin(), keys.end());
        CHECK(part.fraction(cursor) >= 0);
        CHECK(part.fraction(cursor) <= 1);
        fraction = part.fraction(cursor);
        between();
    } while (!part.ends_at(cursor));
    CHECK(fraction == 1);
    return seen;
}

std::string key_name(const std::string& kind, std::size_t i) {
    return kind + ':' + std::to_string(i);
}

}  // namespace

TEST_CASE("a cursor's bits, reversed, are how far the walk has come") {
    CHECK(fraction_walked("1") == 0.5);  // the lowest bit counts for half
    CHECK(fraction_walked("2") == 0.25);
    CHECK(fraction_walked("3") == 0.75);
    CHECK(fraction_walked("1024") == 1.0 / 2048);
    CHECK(fraction_walked("9223372036854775808") == 0x1p-64);  // the highest for next to nothing
    CHECK(fraction_walked("18446744073709551615") == 1.0);
}

TEST_CASE("zero is what a walk ends with") { CHECK(fraction_walked("0") == 1.0); }

TEST_CASE("a cursor that is no number tells nothing") {
    CHECK_FALSE(fraction_walked(""));
    CHECK_FALSE(fraction_walked("_key"));
    CHECK_FALSE(fraction_walked("12x"));
    CHECK_FALSE(fraction_walked("-1"));
    CHECK_FALSE(fraction_walked(" 1"));
    CHECK_FALSE(fraction_walked("18446744073709551616"));
    CHECK(parse_cursor("18446744073709551615") == ~std::uint64_t{0});
    CHECK_FALSE(parse_cursor("1.5"));
}

TEST_CASE("reversed bits") {
    CHECK(reverse_bits(1) == std::uint64_t{1} << 63);
    CHECK(reverse_bits(0b1101) == std::uint64_t{0b1011} << 60);
    std::mt19937_64 random(1);
    for (int i = 0; i < 100; ++i) {
        const std::uint64_t bits = random();
        CHECK(reverse_bits(reverse_bits(bits)) == bits);
    }
}

TEST_CASE("partitions by low bits, in the order of the walk") {
    const auto parts = Partition::by_low_bits(2);
    REQUIRE(parts.size() == 4);
    CHECK(parts[0].first_cursor() == 0);
    CHECK(parts[1].first_cursor() == 2);
    CHECK(parts[2].first_cursor() == 1);
    CHECK(parts[3].first_cursor() == 3);
    CHECK(parts[1].ends_at(0));
    CHECK(parts[1].ends_at(1));        // the next one's first
    CHECK_FALSE(parts[1].ends_at(6));  // 110: still …10
    CHECK(parts[1].fraction(6) == 0.5);
    CHECK(parts[1].fraction(1) == 1);
    CHECK(Partition::by_low_bits(0).size() == 1);
    CHECK_FALSE(Partition::by_low_bits(0)[0].ends_at(3));
    CHECK(Partition::by_low_bits(0)[0].fraction(3) == 0.75);
    CHECK(Partition::by_low_bits(0)[0].ends_at(0));
}

TEST_CASE("partitions by slots") {
    const Partition part = Partition::of_slots(100, 199);
    CHECK(part.first_cursor() == 100);
    CHECK_FALSE(part.ends_at(100 | 1 << 14));
    CHECK_FALSE(part.ends_at(199));
    CHECK(part.ends_at(200));
    CHECK(part.ends_at(0));
    CHECK(part.fraction(150) == 0.5);
    CHECK(part.fraction(150 | 1 << 14) == doctest::Approx(0.505));
    CHECK(part.fraction(16383) == 1);
}

TEST_CASE("runs of slots have as many of the wanted ones each, and leave none out") {
    SlotSet slots;
    for (unsigned slot = 0; slot < 100; ++slot) {
        slots.set(slot * 3);
    }
    for (unsigned bits = 0; bits <= Partition::k_max_bits; ++bits) {
        const auto parts = Partition::by_slots(slots, bits);
        CHECK(parts.size() == std::size_t{1} << bits);
        for (std::uint16_t slot = 0; slot < k_slots; ++slot) {
            if (!slots[slot]) {
                continue;
            }
            CHECK(std::count_if(parts.begin(), parts.end(),
                                [&](const Partition& part) { return part.has_slot(slot); }) == 1);
        }
    }
    const auto halves = Partition::by_slots(slots, 1);
    CHECK(halves[0].first_cursor() == 0);
    CHECK(halves[0].has_slot(49 * 3));
    CHECK(halves[1].first_cursor() == 150);
    CHECK(halves[1].ends_at(99 * 3 + 1));
    const auto all = Partition::by_slots({}, 2);
    CHECK(all.size() == 4);
    CHECK(all[3].has_slot(k_slots - 1));
    CHECK(Partition::by_slots(SlotSet(5), 4).size() == 2);  // slots 0 and 2
}

TEST_CASE("the partitions of a table at rest have every key, and little more than their own") {
    ModelDict dict(12);
    for (std::size_t i = 0; i < 4000; ++i) {
        dict.add(key_name("k", i));
    }
    for (unsigned bits = 0; bits <= Partition::k_max_bits; ++bits) {
        std::set<std::string> all;
        std::size_t sum = 0;
        for (const Partition& part : Partition::by_low_bits(bits)) {
            const auto seen = walk(dict, part, 10, [] {});
            all.insert(seen.begin(), seen.end());
            sum += seen.size();
        }
        CHECK(all.size() == 4000);
        CHECK(sum < 4000 + (std::size_t{20} << bits));
    }
}

TEST_CASE("whatever the table does in the meantime, no key that stays is missed") {
    std::mt19937 random(20240607);
    const auto upto = [&](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>(0, n)(random);
    };
    std::size_t checks = 0;
    std::size_t missed = 0;
    for (int trial = 0; trial < 600; ++trial) {
        ModelDict dict(static_cast<unsigned>(upto(9)));
        const std::size_t stable = 1 + upto(300);
        for (std::size_t i = 0; i < stable; ++i) {
            dict.add(key_name("stays", i));
        }
        std::size_t guests = 0;
        const auto churn = [&] {
            for (std::size_t i = upto(20); i > 0; --i) {
                dict.add(key_name("guest", guests++));
            }
            for (std::size_t i = upto(20); i > 0 && guests > 0; --i) {
                dict.remove(key_name("guest", upto(guests - 1)));
            }
            if (upto(4) == 0) {
                dict.resize(static_cast<unsigned>(upto(11)));
            }
            dict.rehash(upto(64));
        };
        // Side by side, as the walker does: a page of each in turn.
        const auto parts =
            Partition::by_low_bits(static_cast<unsigned>(upto(Partition::k_max_bits)));
        std::vector<std::uint64_t> cursors;
        std::vector<bool> ended(parts.size());
        for (const Partition& part : parts) {
            cursors.push_back(part.first_cursor());
        }
        std::set<std::string> seen;
        const std::size_t count = 1 + upto(40);
        for (std::size_t open = parts.size(); open > 0;) {
            const std::size_t i = upto(parts.size() - 1);
            if (ended[i]) {
                continue;
            }
            std::vector<std::string> keys;
            cursors[i] = dict.scan(cursors[i], count, keys);
            seen.insert(keys.begin(), keys.end());
            if (parts[i].ends_at(cursors[i])) {
                ended[i] = true;
                --open;
            }
            churn();
        }
        for (std::size_t i = 0; i < stable; ++i, ++checks) {
            missed += seen.contains(key_name("stays", i)) ? 0 : 1;
        }
    }
    CHECK(missed == 0);
    CHECK(checks > 80'000);
}
