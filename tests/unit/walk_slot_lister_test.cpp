#include "walk/slot_lister.hpp"

#include <doctest/doctest.h>

#include "support/fake_cluster.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Strings = std::vector<std::string>;

namespace {

SlotSet slots_of(std::initializer_list<std::size_t> numbers) {
    SlotSet slots;
    for (const std::size_t slot : numbers) {
        slots.set(slot);
    }
    return slots;
}

constexpr std::size_t k_a = 15495, k_b = 3300;  // slots of the keys {a} and {b}

}  // namespace

TEST_CASE("the keys of slots, from several nodes at once") {
    FakeCluster cluster(2);
    cluster.node(0).keys = {{"{b}1", {}}, {"{b}2", {}}, {"{c}1", {}}};
    cluster.node(1).keys = {{"{a}1", {}}};
    Paces paces(cluster, {});
    SlotLister lister(cluster, paces);
    std::vector<SlotLister::Part> parts = {{cluster.node(0), slots_of({k_b, 3301}), {}},
                                           {cluster.node(1), slots_of({k_a}), {}}};
    lister.list(parts);
    CHECK(parts[0].slots == slots_of({k_b, 3301}));
    CHECK(parts[0].keys == Strings{"{b}1", "{b}2"});
    CHECK(parts[1].slots == slots_of({k_a}));
    CHECK(parts[1].keys == Strings{"{a}1"});
    CHECK(cluster.node(0).lines().front() == "CLUSTER GETKEYSINSLOT 3300 2001");
}

TEST_CASE("a slot with more keys than a server should list at once is left out") {
    FakeCluster cluster(2);
    for (int i = 0; i < 2001; ++i) {
        cluster.node(0).keys["{b}" + std::to_string(i)] = {};
    }
    Paces paces(cluster, {});
    SlotLister lister(cluster, paces);
    std::vector<SlotLister::Part> parts = {{cluster.node(0), slots_of({k_b, 3301}), {}}};
    lister.list(parts);
    CHECK(parts[0].slots == slots_of({3301}));
    CHECK(parts[0].keys.empty());
    CHECK(lister.large() == slots_of({k_b}));
    CHECK_FALSE(lister.is_refused());
}

TEST_CASE("what is lost or refused is not listed") {
    FakeCluster cluster(2);
    cluster.node(0).answers = false;
    Paces paces(cluster, {});
    SlotLister lister(cluster, paces);
    std::vector<SlotLister::Part> parts = {{cluster.node(0), slots_of({k_b}), {}}};
    lister.list(parts);
    CHECK(parts[0].slots.none());
    CHECK_FALSE(lister.is_refused());

    cluster.node(1).on("CLUSTER", [](const auto&) { return Reply::make_error("NOPERM no"); });
    parts.clear();
    parts.push_back({cluster.node(1), slots_of({k_a}), {}});
    lister.list(parts);
    CHECK(parts[0].slots.none());
    CHECK(lister.is_refused());
}

TEST_CASE("few slots in one go at first, more when they turn out to be small") {
    FakeCluster cluster(2);
    Paces paces(cluster, {});
    SlotLister lister(cluster, paces);
    const SlotSet all = SlotSet().set();
    CHECK(lister.some_of(all, cluster.node(0)) == slots_of({0, 1, 2, 3}));
    CHECK(lister.some_of(slots_of({7, 9}), cluster.node(0)) == slots_of({7, 9}));
    std::vector<SlotLister::Part> parts = {{cluster.node(0), slots_of({0, 1, 2, 3}), {}}};
    lister.list(parts);
    CHECK(lister.some_of(all, cluster.node(0)).count() == 64);
}

TEST_CASE("--max-rate holds for listed keys too") {
    FakeCluster cluster(1);
    for (int i = 0; i < 100; ++i) {
        cluster.node(0).keys["{b}" + std::to_string(i)] = {};
    }
    Paces paces(cluster, {.max_rate = 200});
    SlotLister lister(cluster, paces);
    const SteadyTime begin = cluster.now();
    for (int i = 0; i < 3; ++i) {
        lister.await_turn();
        std::vector<SlotLister::Part> parts = {{cluster.node(0), slots_of({k_b}), {}}};
        lister.list(parts);
        CHECK(parts[0].keys.size() == 100);
    }
    CHECK(cluster.now() - begin >= std::chrono::milliseconds(1000));
    CHECK(cluster.now() - begin < std::chrono::milliseconds(1200));
}

TEST_CASE("a gentle pace leaves the server alone for most of the time") {
    FakeCluster cluster(1);
    for (int i = 0; i < 1000; ++i) {
        cluster.node(0).keys["{b}" + std::to_string(i)] = {};
    }
    Paces paces(cluster, {.level = PaceLevel::gentle});
    SlotLister lister(cluster, paces);
    std::vector<SlotLister::Part> parts = {{cluster.node(0), slots_of({k_b}), {}}};
    lister.list(parts);
    const SteadyTime begin = cluster.now();
    for (int i = 0; i < 10; ++i) {
        parts.clear();
        parts.push_back({cluster.node(0), slots_of({k_b}), {}});
        lister.list(parts);
    }
    // A thousand keys are some 0.3 ms of its time.
    CHECK(cluster.now() - begin >= std::chrono::milliseconds(25));
}
