#include "walk/completeness.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

using Strings = std::vector<std::string>;

/// A node of a cluster with a thousand keys in each slot.
struct Node {
    Node() { client.answer("CLUSTER", Reply::make_integer(1'000)); }
    FakeClient client;
};

/// Keys of one slot, by their hash tag.
Strings keys_of(const std::string& tag, int count) {
    Strings keys;
    for (int i = 0; i < count; ++i) {
        keys.push_back('{' + tag + '}' + std::to_string(i));
    }
    return keys;
}

bool falls_short(const SlotSet& slots, const Strings& met) {
    Node node;
    CompletenessCheck check = CompletenessCheck::by_slots(node.client, slots);
    check.take(met);
    return check.shortfall(node.client).has_value();
}

}  // namespace

TEST_CASE("of a single slot the keys that were met are counted") {
    SlotSet slots;
    slots.set(slot_of("a"));
    CHECK_FALSE(falls_short(slots, keys_of("a", 1'000)));
    CHECK(falls_short(slots, keys_of("a", 700)));
    CHECK(falls_short(slots, keys_of("b", 1'000)));
}

TEST_CASE("of many slots some are counted, the first among them") {
    Node node;
    (void)CompletenessCheck::by_slots(node.client, ~SlotSet());
    CHECK(node.client.count("CLUSTER COUNTKEYSINSLOT") == 128);
    CHECK(node.client.lines().front() == "CLUSTER COUNTKEYSINSLOT 0");
}
