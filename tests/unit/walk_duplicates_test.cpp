#include "walk/duplicates.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cachectl;

namespace {

/// How many of the page's keys, first … last, are new.
int add(Duplicates& repeats, const Duplicates::Page& page, int first, int last) {
    std::vector<std::string> keys;
    for (int i = first; i <= last; ++i) {
        keys.push_back("key:" + std::to_string(i));
    }
    repeats.leave_new(page, keys);
    return static_cast<int>(keys.size());
}

}  // namespace

TEST_CASE("nearby: a key of the current or the two pages before is not new") {
    Duplicates repeats(Remember::nearby, 1);
    CHECK(add(repeats, {.count = 10}, 0, 9) == 10);
    CHECK(add(repeats, {.count = 10}, 5, 14) == 5);
    CHECK(add(repeats, {.count = 10}, 0, 3) == 0);
    CHECK(add(repeats, {.count = 10}, 20, 29) == 10);
    CHECK(add(repeats, {.count = 10}, 5, 9) == 5);  // forgotten
    CHECK_FALSE(repeats.remembers_all());
}

TEST_CASE("nearby: the bucket at the head of a page, and no more of it, is looked for") {
    Duplicates repeats(Remember::nearby, 1);
    const int bucket = static_cast<int>(Duplicates::k_longest_bucket);
    CHECK(add(repeats, {.count = 1000}, 0, 999) == 1000);
    CHECK(add(repeats, {.count = 1000}, 1000 - bucket, 1999) == 1000);
    CHECK(add(repeats, {.count = 1000}, 2000 - bucket - 1, 2999) == 1001);
}

TEST_CASE("what is left stands in the server's order, whatever bytes it is of") {
    for (const Remember remember : {Remember::nearby, Remember::everything}) {
        Duplicates repeats(remember, 1);
        std::vector<std::string> keys = {"b", "", "d"};
        repeats.leave_new({.count = 10}, keys);
        CHECK(keys == std::vector<std::string>{"b", "", "d"});
        keys = {"d", "", "c", std::string("b\0", 2), "b", "a"};
        repeats.leave_new({.count = 10}, keys);
        CHECK(keys == std::vector<std::string>{"c", std::string("b\0", 2), "a"});
    }
}

TEST_CASE("everything: twice in one page is once") {
    Duplicates repeats(Remember::everything, 1);
    std::vector<std::string> keys = {"a", "b", "a", "", "b", ""};
    repeats.leave_new({.count = 10}, keys);
    CHECK(keys == std::vector<std::string>{"a", "b", ""});
}

TEST_CASE("nearby: what a partition's last page reads of the next one, in either order") {
    for (const bool head_first : {true, false}) {
        Duplicates repeats(Remember::nearby, 2);
        const Duplicates::Page tail{.partition = 0, .count = 500, .completes = true};
        const Duplicates::Page head{.partition = 1, .count = 500};
        if (head_first) {
            CHECK(add(repeats, head, 100, 599) == 500);
            for (int i = 1; i < 5; ++i) {
                add(repeats, {.partition = 1, .count = 500}, i * 1000, i * 1000 + 499);
            }
            CHECK(add(repeats, tail, 0, 149) == 100);
        } else {
            CHECK(add(repeats, tail, 0, 149) == 150);
            for (int i = 1; i < 5; ++i) {
                add(repeats, {.partition = 0, .count = 500}, i * 1000, i * 1000 + 499);
            }
            CHECK(add(repeats, head, 100, 599) == 450);
        }
    }
}

TEST_CASE("everything: however long ago, in whatever partition") {
    Duplicates repeats(Remember::everything, 4);
    for (std::size_t i = 0; i < 50; ++i) {
        const int first = static_cast<int>(i) * 100;
        CHECK(add(repeats, {.partition = i % 4, .count = 100}, first, first + 99) == 100);
    }
    CHECK(add(repeats, {.partition = 0, .count = 5000}, 0, 4999) == 0);
    CHECK(repeats.remembers_all());
}

TEST_CASE("what fits: everything, until it is too much") {
    Duplicates repeats(Remember::what_fits, 1);
    repeats.restart(1, Duplicates::Old::keep);  // at its start there is nothing to keep
    CHECK(add(repeats, {.count = 1}, 0, 189'999) == 190'000);
    CHECK(add(repeats, {.count = 1}, 0, 9) == 0);
    CHECK(repeats.remembers_all());
    CHECK(add(repeats, {.count = 1}, 190'000, 200'000) == 10'001);
    CHECK(add(repeats, {.count = 1}, 195'000, 195'009) == 0);  // still one of the latest pages
    for (int i = 0; i < 3; ++i) {
        CHECK(add(repeats, {.count = 1}, 300'000 + i, 300'000 + i) == 1);
    }
    CHECK(add(repeats, {.count = 1}, 0, 9) == 10);
    CHECK_FALSE(repeats.remembers_all());
}

TEST_CASE("a page that comes again is new again, once; its repeats are not") {
    for (const Remember remember : {Remember::nearby, Remember::everything}) {
        Duplicates repeats(remember, 1);
        add(repeats, {.count = 10}, 0, 9);
        CHECK(add(repeats, {.count = 10}, 8, 19) == 10);
        repeats.forget_page(0);
        CHECK(add(repeats, {.count = 10}, 8, 19) == 10);
        CHECK(add(repeats, {.count = 10}, 8, 19) == 0);
    }
}

TEST_CASE("after a restart the old keys are new, or not, as asked") {
    Duplicates repeats(Remember::what_fits, 2);
    add(repeats, {.partition = 1, .count = 10}, 0, 9);
    repeats.restart(1, Duplicates::Old::keep);
    CHECK(add(repeats, {.count = 10}, 5, 14) == 5);
    repeats.restart(1, Duplicates::Old::forget);
    CHECK(add(repeats, {.count = 10}, 5, 14) == 10);
}

TEST_CASE("what was met before a restart stays old, also when there is too much after it") {
    Duplicates repeats(Remember::what_fits, 1);
    add(repeats, {.count = 1000}, 0, 999);
    repeats.restart(1, Duplicates::Old::keep);
    int found_new = 0;
    for (int first = 300'000; first >= 0; first -= 1000) {
        found_new += add(repeats, {.count = 1000}, first, first + 999);
    }
    CHECK(found_new == 300'000);
    CHECK_FALSE(repeats.remembers_all());
    repeats.restart(1, Duplicates::Old::keep);
    CHECK(add(repeats, {.count = 1000}, 0, 999) == 0);
    repeats.restart(1, Duplicates::Old::forget);
    CHECK(add(repeats, {.count = 1000}, 0, 999) == 1000);
}

TEST_CASE("hashes: the same for the same bytes, others for others, and another seed each time") {
    const KeyHasher hasher;
    CHECK(hasher("key:1") == hasher("key:1"));
    HashSet<KeyHash> all;
    HashSet<std::uint64_t> halves;
    for (int i = 0; i < 200'000; ++i) {
        const KeyHash hash = hasher("key:" + std::to_string(i));
        CHECK(all.insert(hash));
        CHECK(halves.insert(hash.high));
    }
    CHECK(all.size() == 200'000);
    CHECK(all.contains(hasher("key:7")));
    CHECK_FALSE(all.contains(hasher("key:7 ")));
    CHECK(hasher("0123456789abcdef0") != hasher("0123456789abcdef00"));
    CHECK(KeyHasher()("a") != KeyHasher()("a"));
}

TEST_CASE("a border is known from its start, also when all was remembered at first") {
    Duplicates repeats(Remember::what_fits, 2);
    CHECK(add(repeats, {.partition = 1, .count = 10}, 1, 10) == 10);
    // More than can be remembered.
    constexpr int k_keys = 1'000;
    for (int i = 1; i <= 500; ++i) {
        add(repeats, {.partition = 0, .count = k_keys}, i * k_keys, i * k_keys + k_keys - 1);
    }
    REQUIRE_FALSE(repeats.remembers_all());
    CHECK(add(repeats, {.partition = 0, .count = 10, .completes = true}, 1, 10) == 0);
}

TEST_CASE("of several walks side by side each has its part of what fits") {
    Duplicates repeats(Remember::what_fits, 1, 1000);
    CHECK(add(repeats, {.count = 1}, 0, 1000) == 1001);
    CHECK(repeats.remembers_all());
    CHECK(add(repeats, {.count = 1}, 1001, 2000) == 1000);
    CHECK_FALSE(repeats.remembers_all());
}
