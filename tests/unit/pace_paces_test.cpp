// A cluster of fake servers: which pace is whose.
#include "pace/paces.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

/// Keys that begin with "a" are at the first node, all others at the second.
class FakeCluster : public FakeClient {
public:
    FakeClient first, second, joined;

    std::vector<ServerNode> nodes() override { return {{"first", &first}, {"second", &second}}; }
    Client& home_of(std::string_view key) override { return key.starts_with("a") ? first : second; }
};

const Cost k_much = VerbCost{Verb::unlink, 1, 200};
const Cost k_little = VerbCost{Verb::unlink, 1, 1};

}  // namespace

TEST_CASE("a single server has one pace, whatever it is asked for") {
    FakeClient client;
    Paces paces(client, {});
    CHECK(&paces.common() == &paces.of(client));
    CHECK(&paces.common() == &paces.for_key("a"));
}

TEST_CASE("each node of a cluster has its own, and one does not wait for the other's") {
    FakeCluster cluster;
    Paces paces(cluster, {.level = PaceLevel::gentle});
    CHECK(&paces.for_key("a:1") == &paces.of(cluster.first));
    CHECK(&paces.for_key("b:1") == &paces.of(cluster.second));
    const auto owner = std::make_shared<char>();
    std::string sent;
    paces.for_key("a:1").submit(owner, k_much, [&] { sent += "a1 "; });
    paces.for_key("a:2").submit(owner, k_much, [&] { sent += "a2 "; });
    paces.for_key("b:1").submit(owner, k_much, [&] { sent += "b1 "; });
    CHECK(sent == "a1 b1 ");
    CHECK_FALSE(paces.of(cluster.first).idle());
    CHECK(paces.of(cluster.second).idle());
    CHECK(paces.common().idle());
    CHECK_FALSE(paces.idle());
}

TEST_CASE("a node that joins later gets a pace without being asked for anything") {
    FakeCluster cluster;
    Paces paces(cluster, {});
    Pace& pace = paces.of(cluster.joined);
    CHECK(&pace == &paces.of(cluster.joined));
    CHECK(cluster.joined.pending() == 0);
}

TEST_CASE("nothing leaves while all are held") {
    FakeCluster cluster;
    Paces paces(cluster, {});
    const auto owner = std::make_shared<char>();
    std::string sent;
    {
        const Paces::Hold hold(paces);
        paces.for_key("a").submit(owner, k_little, [&] { sent += "a"; });
        paces.for_key("b").submit(owner, k_little, [&] { sent += "b"; });
        CHECK(sent.empty());
    }
    CHECK(sent == "ab");
}

TEST_CASE("the rate that is allowed is that of all nodes together") {
    FakeCluster cluster;
    Paces paces(cluster, {.max_rate = 1000});
    CHECK(paces.common().max_keys() == 100);  // of a tenth of a second
    CHECK(paces.of(cluster.first).max_keys() == 50);
    CHECK(paces.of(cluster.second).max_keys() == 50);
    CHECK(paces.of(cluster.joined).max_keys() == 50);
}
