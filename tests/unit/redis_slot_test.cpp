#include "redis/slot.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cachectl;

TEST_CASE("the specification's own value") {
    // "123456789" has the CRC16 0x31C3 (cluster specification, appendix A).
    CHECK(slot_of("123456789") == 0x31C3 % 16384);
    CHECK(slot_of("foo") == 12182);
    CHECK(slot_of("") == 0);
}

TEST_CASE("only a hash tag is hashed") {
    CHECK(slot_of("{user1000}.following") == slot_of("user1000"));
    CHECK(slot_of("{user1000}.followers") == slot_of("user1000"));
    CHECK(slot_of("foo{bar}{zap}") == slot_of("bar"));
    CHECK(slot_of("foo{{bar}}zap") == slot_of("{bar"));
}

TEST_CASE("an empty or unfinished tag is none") {
    CHECK(slot_of("foo{}{bar}") == 8363);
    CHECK(slot_of("foo{}{bar}") != slot_of("bar"));
    CHECK(slot_of("foo{bar") != slot_of("bar"));
    CHECK(slot_of("foo}bar{") != slot_of("bar"));
}

TEST_CASE("bytes above 127 and NUL are bytes like others") {
    CHECK(slot_of(std::string("\xff\xfe", 2)) < k_slots);
    CHECK(slot_of(std::string("a\0b", 3)) != slot_of("a"));
}

TEST_CASE("slots in a message") {
    CHECK(format_slots(std::vector<SlotRange>{}).empty());
    CHECK(format_slots(std::vector<SlotRange>{{0, 5460}, {9000, 9000}}) == "0-5460, 9000");
    std::vector<SlotRange> many;
    for (std::uint16_t i = 0; i < 12; ++i) {
        many.push_back({static_cast<std::uint16_t>(2 * i), static_cast<std::uint16_t>(2 * i)});
    }
    CHECK(format_slots(many) == "0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and 2 more ranges");
}

TEST_CASE("both ends of a range belong to it") {
    const std::vector<SlotRange> ranges = {{0, 5}, {9, 9}};
    CHECK(contains(ranges, 0));
    CHECK(contains(ranges, 5));
    CHECK(contains(ranges, 9));
    CHECK_FALSE(contains(ranges, 6));
    CHECK_FALSE(contains(ranges, 10));
    CHECK_FALSE(contains({}, 0));
}
