// --max-rate: how many keys leave at a time, not only how many in the end.
#include <doctest/doctest.h>

#include <vector>

#include "pace/pace.hpp"
#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

constexpr std::uint64_t k_rate = 100;      // keys a second
constexpr std::uint64_t k_each = 10;       // keys a command
constexpr std::uint64_t k_commands = 100;  // some 11 us each: many would fit into one slice

struct Sent {
    SteadyTime at;
    std::uint64_t keys;
};

/// The most keys by which what has left was ever ahead of the rate.
double most_ahead(const std::vector<Sent>& sent) {
    double most = 0, keys = 0;
    for (const Sent& one : sent) {
        const std::chrono::duration<double> time = one.at - sent.front().at;
        keys += static_cast<double>(one.keys);
        most = std::max(most, keys - time.count() * k_rate);
    }
    return most;
}

}  // namespace

TEST_CASE("a rate of changes is kept to within a tenth of a second, and a command") {
    FakeClient client;
    Pace pace(client, {.max_rate = k_rate, .rate_of = RateOf::changed});
    const auto owner = std::make_shared<char>();
    std::vector<Sent> sent;
    for (std::uint64_t i = 0; i < k_commands; ++i) {
        pace.submit(
            owner, VerbCost{Verb::unlink, 1, 11},
            [&] {
                sent.push_back({client.now(), k_each});
            },
            k_each);
    }
    client.run_until([&] { return sent.size() == k_commands; });
    CHECK(sent.back().at - sent.front().at > std::chrono::milliseconds(9'700));
    CHECK(most_ahead(sent) <= k_each * 2.0);
}

TEST_CASE("a rate of walked keys is kept to within a tenth of a second, and a page") {
    FakeClient client;
    Pace pace(client, {.max_rate = k_rate});
    const auto owner = std::make_shared<char>();
    std::vector<Sent> sent;
    for (std::uint64_t i = 0; i < k_commands; ++i) {
        pace.submit_elastic(owner, [&](double) {
            sent.push_back({client.now(), k_each});
            return Pace::Sent{scan_cost(k_each), k_each};
        });
    }
    client.run_until([&] { return sent.size() == k_commands; });
    CHECK(sent.back().at - sent.front().at > std::chrono::milliseconds(9'700));
    CHECK(most_ahead(sent) <= k_each * 2.0);
}

TEST_CASE("those who wait for leave before they send are kept to it as well") {
    FakeClient client;
    Pace pace(client, {.max_rate = k_rate, .rate_of = RateOf::changed});
    std::vector<Sent> sent;
    for (std::uint64_t i = 0; i < k_rate * 10; ++i) {
        pace.wait_for(VerbCost{Verb::set, 1, write_cost(10)}, 1);
        sent.push_back({client.now(), 1});
    }
    CHECK(sent.back().at - sent.front().at > std::chrono::milliseconds(9'700));
    CHECK(most_ahead(sent) <= k_each * 2.0);
}
