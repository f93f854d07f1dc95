#include "redis/retry.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::chrono_literals;

TEST_CASE("what passes by itself is tried again for five seconds, all else not at all") {
    const Reply busy = Reply::make_error("BUSY Redis is busy running a script");
    Retry retry;
    CHECK_FALSE(retry.pays(Reply::make_error("NOPERM no")));
    CHECK_FALSE(retry.pays(Reply::make_status("OK")));
    int tries = 0;
    while (retry.pays(busy)) {
        ++tries;
    }
    CHECK(tries * Retry::k_step == 5s);
    CHECK_FALSE(retry.pays(busy));
}

TEST_CASE("a patience of one's own") {
    Retry retry(150ms);
    CHECK(retry.pays(Reply::make_error("LOADING dataset")));
    CHECK(retry.pays(Reply::make_error("TRYAGAIN Multiple keys request")));
    CHECK_FALSE(retry.pays(Reply::make_error("BUSY")));
}
