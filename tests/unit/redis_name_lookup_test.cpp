// The one thread that cachectl has: it is also run under ThreadSanitizer (sanitized/threads).
#include "redis/name_lookup.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <optional>
#include <string>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

SteadyTime in(std::chrono::seconds time) { return std::chrono::steady_clock::now() + time; }

NameLookup::Result look_up(const std::string& host, SteadyTime deadline) {
    Loop loop;
    std::optional<NameLookup::Result> result;
    const NameLookup lookup(loop, host, 6379, deadline,
                            [&](NameLookup::Result found) { result = std::move(found); });
    loop.run_until([&] { return result.has_value(); });
    REQUIRE(result.has_value());
    return *result;
}

}  // namespace

TEST_CASE("a name has addresses, or the reason why not") {
    const NameLookup::Result found = look_up("localhost", in(60s));
    CHECK(found.failure.empty());
    CHECK_FALSE(found.addresses.empty());
    for (const SocketAddress& address : found.addresses) {
        CHECK((address.get()->sa_family == AF_INET || address.get()->sa_family == AF_INET6));
    }
    const NameLookup::Result none = look_up("no host has spaces", in(60s));
    CHECK_FALSE(none.failure.empty());
    CHECK(none.addresses.empty());
}

TEST_CASE("many at once") {
    Loop loop;
    int answered = 0;
    std::deque<NameLookup> lookups;
    for (int i = 0; i < 40; ++i) {
        lookups.emplace_back(loop, i % 2 == 0 ? "localhost" : "127.0.0.1", 1, in(60s),
                             [&](const NameLookup::Result& found) {
                                 CHECK(found.failure.empty());
                                 ++answered;
                             });
    }
    loop.run_until([&] { return answered == 40; });
    CHECK(answered == 40);
}

TEST_CASE("a deadline that has passed ends the wait, whatever comes afterwards") {
    for (int i = 0; i < 20; ++i) {
        const NameLookup::Result late = look_up("localhost", in(0s));
        CHECK((late.failure.empty() || late.failure == "no answer from the resolver in time"));
    }
}

TEST_CASE("a lookup that nobody waits for any more is left to itself") {
    Loop loop;
    for (int i = 0; i < 200; ++i) {
        bool called = false;
        {
            const NameLookup lookup(loop, "localhost", 1, SteadyTime::max(),
                                    [&](auto) { called = true; });
        }
        CHECK_FALSE(called);
    }
}
