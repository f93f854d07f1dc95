#include "util/lifetime.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <optional>

using namespace cachectl;

TEST_CASE("a guarded callback is called while its owner lives, and does nothing after") {
    std::optional<Lifetime> owner(std::in_place);
    int sum = 0;
    const std::function<void(int)> add = owner->guard([&](int n) { sum += n; });
    add(2);
    owner.reset();
    add(3);
    CHECK(sum == 2);
}

TEST_CASE("a new lifetime ends what the one before guarded") {
    Lifetime owner;
    int calls = 0;
    const std::function<void()> before = owner.guard([&] { ++calls; });
    const std::weak_ptr<void> observed = owner;
    owner.renew();
    const std::function<void()> after = owner.guard([&] { ++calls; });
    before();
    CHECK(calls == 0);
    CHECK(observed.expired());
    after();
    CHECK(calls == 1);
}
