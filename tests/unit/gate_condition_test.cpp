#include "gate/condition.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

TEST_CASE("conditions as people read them") {
    using Unit = Condition::Unit;
    Condition keys{"keys", "keys of a:*", Unit::keys, std::int64_t{1'000}};
    CHECK(missing_text(keys) == "keys of a:* not known, wanted at least 1,000");
    keys.fails(std::int64_t{412});
    CHECK(missing_text(keys) == "keys of a:* 412, wanted at least 1,000");
    Condition ratio{"hit-ratio", "hit ratio", Unit::ratio, 0.8};
    ratio.fails(0.79999, "why");
    CHECK(missing_text(ratio) == "hit ratio 79.9 %, wanted at least 80.0 % (why)");
    ratio.holds(0.8);
    CHECK(value_text(ratio) == "80.0 %");
    CHECK(ratio.reason.empty());
    Condition lag{"replica-lag", "replica lag", Unit::milliseconds, std::int64_t{1'000}};
    lag.fails(std::int64_t{19'000});
    CHECK(missing_text(lag) == "replica lag 19s, wanted at most 1s");
    lag.unseen("away");
    CHECK_FALSE(lag.ok);
    CHECK(value_text(lag) == "19s");
}
