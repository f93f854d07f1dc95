#include "keyspace/top_keys.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace cachectl;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

KeyFacts key(const std::string& name, std::optional<std::uint64_t> size = {},
             std::optional<milliseconds> ttl = {}, std::optional<seconds> idle = {}) {
    KeyFacts facts;
    facts.key = name;
    facts.size_bytes = size;
    facts.ttl = ttl;
    facts.idle = idle;
    return facts;
}

std::vector<std::string> names(TopKeys& top) {
    std::vector<std::string> names;
    for (const KeyFacts& facts : top.take()) {
        names.push_back(facts.key);
    }
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("each order, of equals by name, what is not known last") {
    TopKeys size(SortOrder::size, 3);
    TopKeys ttl(SortOrder::ttl, 3);
    TopKeys idle(SortOrder::idle, 3);
    TopKeys name(SortOrder::name, 3);
    for (TopKeys* top : {&size, &ttl, &idle, &name}) {
        top->add(key("d", 5, milliseconds(10), seconds(0)));
        top->add(key("b", 7, milliseconds(10), seconds(9)));
        top->add(key("c", 7, {}, {}));
        top->add(key("a", {}, milliseconds(30), seconds(3)));
    }
    CHECK(names(size) == Names{"b", "c", "d"});
    CHECK(size.unknown() == 1);
    CHECK(size.seen() == 4);
    CHECK(names(ttl) == Names{"b", "d", "a"});
    CHECK(names(idle) == Names{"b", "a", "d"});
    CHECK(names(name) == Names{"a", "b", "c"});
}

TEST_CASE("out of many the first are kept, as sorting all of them gives it") {
    std::mt19937_64 random(3);
    std::vector<std::pair<std::uint64_t, std::string>> all;
    TopKeys top(SortOrder::size, 50);
    for (int i = 0; i < 5'000; ++i) {
        all.emplace_back(random() % 300, "k" + std::to_string(i));
        top.add(key(all.back().second, all.back().first));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    Names expected;
    for (std::size_t i = 0; i < 50; ++i) {
        expected.push_back(all[i].second);
    }
    CHECK(names(top) == expected);
    CHECK(top.seen() == 5'000);
}

TEST_CASE("a key that comes again has one place, and a walk that begins anew has none") {
    TopKeys top(SortOrder::size, 2);
    top.add(key("a", 9));
    top.add(key("b", 5));
    top.add(key("a", 1));
    CHECK(top.seen() == 2);
    CHECK(names(top) == Names{"b", "a"});
    top.add(key("a", 9));
    top.reset();
    top.add(key("c", 1));
    CHECK(top.seen() == 1);
    CHECK(names(top) == Names{"c"});
}
