#include "warm/key_order.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

TEST_CASE("keys that are all written in one way never wait") {
    KeyOrder order;
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(order.must_wait("7", EncodeAs::json, IfExists::skip));
        CHECK_FALSE(order.must_wait("7", EncodeAs::string, IfExists::skip));
    }
}

TEST_CASE("from the first that is written in another way on, the second of two waits") {
    for (const auto& [as, if_exists] :
         {std::pair{EncodeAs::hash, IfExists::skip}, {EncodeAs::json, IfExists::overwrite}}) {
        KeyOrder order;
        CHECK_FALSE(order.must_wait("1", EncodeAs::json, IfExists::skip));
        CHECK(order.must_wait("2", as, if_exists));  // the first may be any
        CHECK_FALSE(order.must_wait("3", EncodeAs::json, IfExists::skip));
        CHECK(order.must_wait("2", EncodeAs::json, IfExists::skip));
        CHECK_FALSE(order.must_wait("3", as, if_exists));  // all before have been answered
        CHECK(order.must_wait("3", as, if_exists));
    }
}
