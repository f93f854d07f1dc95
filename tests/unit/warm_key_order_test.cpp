#include "warm/key_order.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

constexpr KeyOrder::Way k_string{true, IfExists::skip};
constexpr KeyOrder::Way k_hash{false, IfExists::skip};
constexpr KeyOrder::Way k_overwritten{true, IfExists::overwrite};

}  // namespace

TEST_CASE("keys that are all written in one way never wait") {
    KeyOrder order;
    for (KeyOrder::Id id = 0; id < 3; ++id) {
        CHECK_FALSE(order.earlier_than("7", k_string));
        order.sent("7", k_string, id);
    }
}

TEST_CASE("from the first that is written in another way on, the second of two waits") {
    for (const KeyOrder::Way& other : {k_hash, k_overwritten}) {
        KeyOrder order;
        order.sent("1", k_string, 0);
        order.sent("2", k_string, 1);
        CHECK(order.earlier_than("3", other) == 1);  // the keys before have not been kept
        order.sent("3", other, 2);
        CHECK_FALSE(order.earlier_than("4", k_string));
        order.sent("4", k_string, 3);
        CHECK(order.earlier_than("3", k_string) == 2);
        CHECK(order.earlier_than("4", k_string) == 3);
        order.over("3", 0);  // it is write 2 of this key that is in flight
        CHECK(order.earlier_than("3", k_string) == 2);
        order.over("3", 2);
        CHECK_FALSE(order.earlier_than("3", k_string));
    }
}

TEST_CASE("a key that is looked at holds up the next one of its name alone") {
    for (const IfExists if_exists : {IfExists::refresh, IfExists::update}) {
        const KeyOrder::Way way{true, if_exists};
        KeyOrder order;
        order.sent("1", way, 0);
        order.sent("2", way, 1);
        CHECK(order.earlier_than("1", way) == 0);
        CHECK_FALSE(order.earlier_than("3", way));
    }
}
