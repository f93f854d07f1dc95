#include "warm/made_keys.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cachectl;
using How = MadeKeys::How;

namespace {

std::vector<std::string> duplicates(MadeKeys& keys) {
    std::vector<std::string> all;
    keys.each_duplicate([&](std::uint32_t dataset, How how) {
        all.push_back(std::to_string(dataset) + (how == How::passed      ? " passed"
                                                 : how == How::written   ? " written"
                                                 : how == How::unchanged ? " unchanged"
                                                                         : " existed"));
    });
    return all;
}

void add(MadeKeys& keys, std::string_view key, std::uint32_t dataset, How how) {
    keys.add(keys.hash(key), dataset, how);
}

}  // namespace

TEST_CASE("keys that are made once are no duplicates") {
    MadeKeys keys;
    CHECK(duplicates(keys).empty());
    add(keys, "a", 0, How::existed);
    add(keys, "b", 0, How::existed);
    CHECK(duplicates(keys).empty());
}

TEST_CASE("each making but the first is one, as it was made") {
    MadeKeys keys;
    add(keys, "a", 0, How::written);
    add(keys, "a", 7, How::written);
    add(keys, "a", 7, How::written);
    add(keys, "b", 1, How::written);
    add(keys, "b", 2, How::existed);
    CHECK(duplicates(keys).size() == 3);
    MadeKeys again;
    add(again, "b", 1, How::written);
    add(again, "b", 2, How::existed);
    CHECK(duplicates(again) == std::vector<std::string>{"2 existed"});
    add(again, "b", 3, How::unchanged);
    CHECK(duplicates(again) == std::vector<std::string>{"3 unchanged", "2 existed"});
}

TEST_CASE("what an earlier try has made twice is its duplicate, and makes one of this try") {
    MadeKeys keys;
    add(keys, "a", 0, How::passed);
    add(keys, "a", 1, How::passed);
    CHECK(duplicates(keys) == std::vector<std::string>{"1 passed"});
    add(keys, "a", 3, How::existed);
    CHECK(duplicates(keys) == std::vector<std::string>{"1 passed", "3 existed"});
}

TEST_CASE("however many there are, all are found") {
    MadeKeys keys;
    constexpr int k_keys = 700'000;
    for (int i = 0; i < k_keys; ++i) {
        add(keys, "key:" + std::to_string(i), 0, How::existed);
    }
    for (int i = 0; i < k_keys; i += 1'000) {
        add(keys, "key:" + std::to_string(i), 1, How::existed);
    }
    const auto found = duplicates(keys);
    CHECK(found.size() == 700);
    CHECK(duplicates(keys).size() == 700);
}
