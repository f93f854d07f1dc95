#include "load/made_keys.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cachectl;
using How = MadeKeys::How;

namespace {

std::vector<std::string> duplicates(MadeKeys& keys) {
    std::vector<std::string> all;
    keys.each_duplicate([&](std::uint32_t dataset, How how) {
        all.push_back(std::to_string(dataset) + (how == How::overwrite ? " overwrite" : " skip"));
    });
    return all;
}

}  // namespace

TEST_CASE("keys that are made once are no duplicates") {
    MadeKeys keys;
    CHECK(duplicates(keys).empty());
    keys.add("a", 0, How::skip);
    keys.add("b", 0, How::skip);
    CHECK(duplicates(keys).empty());
}

TEST_CASE("each making but the first is one, as it was made") {
    MadeKeys keys;
    keys.add("a", 0, How::overwrite);
    keys.add("a", 7, How::overwrite);
    keys.add("a", 7, How::overwrite);
    keys.add("b", 1, How::overwrite);
    keys.add("b", 2, How::skip);
    CHECK(duplicates(keys).size() == 3);
    MadeKeys again;
    again.add("b", 1, How::overwrite);
    again.add("b", 2, How::skip);
    CHECK(duplicates(again) == std::vector<std::string>{"2 skip"});
    again.add("b", 0, How::overwrite);
    CHECK(duplicates(again) == std::vector<std::string>{"2 skip", "0 overwrite"});
}

TEST_CASE("what an earlier try has made is no duplicate of this one, but makes one") {
    MadeKeys keys;
    keys.add("a", 0, How::passed);
    keys.add("a", 0, How::passed);
    CHECK(duplicates(keys).empty());
    keys.add("a", 3, How::skip);
    CHECK(duplicates(keys) == std::vector<std::string>{"3 skip"});
}

TEST_CASE("however many there are, all are found") {
    MadeKeys keys;
    constexpr int k_keys = 700'000;
    for (int i = 0; i < k_keys; ++i) keys.add("key:" + std::to_string(i), 0, How::skip);
    for (int i = 0; i < k_keys; i += 1'000) keys.add("key:" + std::to_string(i), 1, How::skip);
    const auto found = duplicates(keys);
    CHECK(found.size() == 700);
    CHECK(duplicates(keys).size() == 700);
}
