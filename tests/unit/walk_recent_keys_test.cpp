#include "walk/recent_keys.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

TEST_CASE("a key of the current or the two pages before is not new") {
    RecentKeys recent;
    recent.begin_page(2);
    CHECK(recent.add("a"));
    CHECK_FALSE(recent.add("a"));
    CHECK(recent.add("b"));
    recent.begin_page(1);
    CHECK_FALSE(recent.add("a"));
    CHECK(recent.add("c"));
    recent.begin_page(1);
    CHECK_FALSE(recent.add("b"));
    recent.begin_page(2);
    CHECK(recent.add("a"));  // forgotten
    CHECK_FALSE(recent.add("c"));
}

TEST_CASE("keys are bytes: empty ones, ones with NUL, ones that begin alike") {
    RecentKeys recent;
    recent.begin_page(4);
    CHECK(recent.add(""));
    CHECK(recent.add(std::string_view("\0", 1)));
    CHECK(recent.add(std::string_view("\0\0", 2)));
    CHECK(recent.add("ab"));
    CHECK(recent.add("a"));
    recent.begin_page(4);
    CHECK_FALSE(recent.add(""));
    CHECK_FALSE(recent.add(std::string_view("\0\0", 2)));
    CHECK_FALSE(recent.add("a"));
    CHECK(recent.add("abc"));
}

TEST_CASE("an empty page is a page") {
    RecentKeys recent;
    recent.begin_page(1);
    CHECK(recent.add("a"));
    for (int i = 0; i < 3; ++i) recent.begin_page(0);
    CHECK(recent.add("a"));
}

TEST_CASE("all keys of a full page are known in the next") {
    RecentKeys recent;
    constexpr int k_keys = 20'000;
    recent.begin_page(k_keys);
    for (int i = 0; i < k_keys; ++i) CHECK(recent.add("key:" + std::to_string(i)));
    recent.begin_page(k_keys);
    int known = 0;
    for (int i = 0; i < k_keys; ++i) known += recent.add("key:" + std::to_string(i)) ? 0 : 1;
    CHECK(known == k_keys);
}

TEST_CASE("clear() forgets") {
    RecentKeys recent;
    recent.begin_page(1);
    CHECK(recent.add("a"));
    recent.clear();
    recent.begin_page(1);
    CHECK(recent.add("a"));
}
