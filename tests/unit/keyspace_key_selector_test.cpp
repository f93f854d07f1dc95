#include "keyspace/key_selector.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <set>

#include "support/fake_client.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace std::chrono_literals;
using cachectl::test::FakeClient;

namespace {

using Keys = std::vector<std::string>;

FakeClient ten_keys() {
    FakeClient client;
    for (int i = 0; i < 10; ++i) {
        client.keys["key:" + std::to_string(i)] = {.ttl_ms = 1000 * (i + 1)};
    }
    return client;
}

std::function<bool(std::string&)> list_of(Keys keys) {
    return [keys = std::move(keys), at = std::size_t{0}](std::string& key) mutable {
        if (at == keys.size()) {
            return false;
        }
        key = keys[at++];
        return true;
    };
}

struct Selected {
    SelectionOutcome outcome;
    Keys keys;
    std::size_t pages = 0;
};

Selected select(FakeClient& client, Selection selection) {
    Selected result;
    Paces pace(client, {});
    Selector selector(client, pace, std::move(selection));
    result.outcome = selector.run([&](std::span<KeyFacts> page) {
        for (const KeyFacts& key : page) {
            result.keys.push_back(key.exists ? key.key : key.key + " is missing");
        }
        ++result.pages;
        return Flow::go_on;
    });
    return result;
}

}  // namespace

TEST_CASE("all keys, page by page; a page without a selected key is not handed on") {
    FakeClient client = ten_keys();
    client.scan_page = 4;
    const Selected all = select(client, {});
    CHECK(all.keys.size() == 10);
    CHECK(all.pages == 3);
    CHECK(all.outcome.selected == 10);
    CHECK(all.outcome.complete());
    const Selected one = select(client, {.filter = {.patterns = {"key:9", "none"}}});
    CHECK(one.keys == Keys{"key:9"});
    CHECK(one.pages == 1);
}

TEST_CASE("the limit cuts a page and ends the walk") {
    FakeClient client = ten_keys();
    client.scan_page = 4;
    Selected some = select(client, {.limit = 6});
    CHECK(some.keys.size() == 6);
    CHECK(some.outcome.limit_reached);
    CHECK(some.outcome.complete());
    CHECK_FALSE(some.outcome.walk.interrupted);
    some = select(client, {.limit = 10});
    CHECK(some.keys.size() == 10);
    some = select(client, {.limit = 11});
    CHECK(some.keys.size() == 10);
    CHECK_FALSE(some.outcome.limit_reached);
    some = select(client, {.limit = 2, .next_listed_key = list_of({"key:1", "key:2", "key:3"})});
    CHECK(some.keys == Keys{"key:1", "key:2"});
}

TEST_CASE("the limit counts selected keys, not those that were looked at") {
    FakeClient client = ten_keys();
    const Selected some = select(client, {.filter = {.ttl_above = 5s}, .limit = 3});
    CHECK(some.keys == Keys{"key:5", "key:6", "key:7"});
    CHECK(client.count("PTTL") == 10);
}

TEST_CASE("a key that SCAN returns twice is handed on once") {
    FakeClient client;
    client.on("SCAN", [](const FakeClient::Args& args) {
        const bool first = args[1] == "0";
        return Reply::make_array(
            {Reply::make_string(first ? "4" : "0"),
             Reply::make_array({Reply::make_string("a"), Reply::make_string(first ? "a" : "b")})});
    });
    const Selected all = select(client, {});
    CHECK(all.keys == Keys{"a", "b"});
    CHECK(all.outcome.selected == 2);
}

TEST_CASE("after a lost reply the page is looked at once more, and nothing is handed on twice") {
    FakeClient client = ten_keys();
    client.scan_page = 5;
    bool lose = true;
    client.on("PTTL", [&](const FakeClient::Args& args) {
        if (args[1] == "key:7" && std::exchange(lose, false)) {
            return Reply{Reply::Type::lost, 0, "connection reset", {}};
        }
        return Reply::make_integer(-1);
    });
    const Selected all = select(client, {.facts = {.ttl = true}});
    CHECK(all.keys == Keys{"key:0", "key:1", "key:2", "key:3", "key:4", "key:5", "key:6", "key:7",
                           "key:8", "key:9"});
    CHECK(all.outcome.complete());
    CHECK(client.reconnect_calls == 1);
    CHECK(client.count("SCAN 5") == 2);
}

TEST_CASE("keys that are gone are counted, and listed ones handed on where that is wanted") {
    FakeClient client = ten_keys();
    const Keys list = {"key:1", "gone", "key:2"};
    Selected some =
        select(client, {.facts = {.existence = true}, .next_listed_key = list_of(list)});
    CHECK(some.keys == Keys{"key:1", "key:2"});
    CHECK(some.outcome.vanished == 1);
    CHECK(some.outcome.complete());
    some = select(
        client,
        {.facts = {.existence = true}, .next_listed_key = list_of(list), .keep_missing = true});
    CHECK(some.keys == Keys{"key:1", "gone is missing", "key:2"});
    CHECK(some.outcome.vanished == 0);
    CHECK(client.count("SCAN") == 0);
}

TEST_CASE("a list is matched against the patterns before anything is asked") {
    FakeClient client = ten_keys();
    const Selected some = select(client, {.filter = {.patterns = {"*:1"}, .only_persistent = false},
                                          .facts = {.ttl = true},
                                          .next_listed_key = list_of({"key:1", "key:2"})});
    CHECK(some.keys == Keys{"key:1"});
    CHECK(client.lines() == Keys{"PTTL key:1"});
}

TEST_CASE("a walk leaves the type to SCAN, a list has to ask for it") {
    FakeClient client = ten_keys();
    client.keys["key:3"].type = "hash";
    CHECK(select(client, {.filter = {.type = "hash"}}).keys == Keys{"key:3"});
    CHECK(client.count("TYPE") == 0);
    CHECK(
        select(client, {.filter = {.type = "hash"}, .next_listed_key = list_of({"key:2", "key:3"})})
            .keys == Keys{"key:3"});
    CHECK(client.count("TYPE") == 2);
}

TEST_CASE("what was lost with a server that is another process then is not taken for handed on") {
    FakeClient client = ten_keys();
    client.scan_page = 4;
    client.same_server_after_reconnect = false;
    const auto pttl = [&client](const FakeClient::Args& args) {
        return Reply::make_integer(client.keys.at(args[1]).ttl_ms.value_or(-1));
    };
    client.on("PTTL", [pttl, n = 0](const FakeClient::Args& args) mutable {
        return ++n == 6 ? Reply{Reply::Type::lost, 0, "connection reset", {}} : pttl(args);
    });
    Selection selection{.facts = {.ttl = true}};
    selection.after_restart = AfterRestart::new_ones;
    const Selected selected = select(client, std::move(selection));
    CHECK(selected.outcome.complete());
    CHECK(selected.keys.size() == 10);
    CHECK(std::set<std::string>(selected.keys.begin(), selected.keys.end()).size() == 10);
}

TEST_CASE("a list is read in pages, each looked at again when the connection is lost") {
    FakeClient client = ten_keys();
    int lose = 2;
    client.on("PTTL", [&](const FakeClient::Args& args) {
        if (args[1] == "key:4" && lose-- > 0) {
            return Reply{Reply::Type::unsent, 0, "connection reset", {}};
        }
        return Reply::make_integer(5);
    });
    Keys list;
    for (const auto& [name, key] : client.keys) {
        list.push_back(name);
    }
    Selected all =
        select(client, {.facts = {.ttl = true}, .count = 3, .next_listed_key = list_of(list)});
    CHECK(all.keys == list);
    CHECK(all.pages == 4);
    CHECK(client.reconnect_calls == 2);

    lose = 3;
    all = select(client, {.facts = {.ttl = true}, .count = 3, .next_listed_key = list_of(list)});
    CHECK(all.keys == Keys{"key:0", "key:1", "key:2"});
    REQUIRE(all.outcome.walk.failure);
    CHECK(all.outcome.walk.failure->code() == ExitCode::unreachable);
    CHECK_FALSE(all.outcome.complete());
}

TEST_CASE("a refusal to tell a fact ends the selection with its reason") {
    FakeClient client = ten_keys();
    client.scan_page = 3;
    client.on("PTTL", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM User bob has no permissions to run the 'pttl' command");
    });
    const Selected none = select(client, {.facts = {.ttl = true}});
    CHECK(none.keys.empty());
    REQUIRE(none.outcome.walk.failure);
    CHECK(none.outcome.walk.failure->code() == ExitCode::refused);
    CHECK_FALSE(none.outcome.complete());
    CHECK(client.count("SCAN") == 2);  // the one on its way
}

TEST_CASE("the handler may end the selection, and what it sends leaves before the next SCAN") {
    FakeClient client = ten_keys();
    client.scan_page = 2;
    Paces pace(client, {});
    Selector selector(client, pace, {});
    std::size_t pages = 0;
    const SelectionOutcome outcome = selector.run([&](std::span<KeyFacts> page) {
        client.send({"UNLINK", page[0].key}, [](const Reply&) {});
        return ++pages == 2 ? Flow::stop : Flow::go_on;
    });
    CHECK(pages == 2);
    CHECK_FALSE(outcome.complete());
    CHECK_FALSE(outcome.walk.failure);
    CHECK(client.lines().size() == 4);
    CHECK(client.lines()[1] == "UNLINK key:0");
    CHECK(client.lines()[2].starts_with("SCAN 2 "));
}

TEST_CASE("progress: how far, and how many") {
    FakeClient client = ten_keys();
    client.scan_page = 8;
    Paces pace(client, {});
    Selector selector(client, pace, {});
    std::vector<std::pair<double, std::uint64_t>> seen;
    selector.on_progress = [&](double fraction, std::uint64_t selected) {
        seen.emplace_back(fraction, selected);
    };
    selector.run([](std::span<KeyFacts>) { return Flow::go_on; });
    CHECK(seen == std::vector<std::pair<double, std::uint64_t>>{{0.0625, 8}, {1.0, 10}});
}

TEST_CASE("a signal ends a list between two pages") {
    FakeClient client = ten_keys();
    Paces pace(client, {});
    Selector selector(client, pace, {.count = 1, .next_listed_key = list_of({"key:1", "key:2"})});
    Keys keys;
    const SelectionOutcome outcome = selector.run([&](std::span<KeyFacts> page) {
        keys.push_back(page[0].key);
        set_stop_signal(SIGINT);
        return Flow::go_on;
    });
    set_stop_signal(0);
    CHECK(keys == Keys{"key:1"});
    CHECK(outcome.walk.interrupted);
    CHECK_FALSE(outcome.complete());
}

TEST_CASE("no idle times under an LFU policy: refused before anything is sent") {
    FakeClient client = ten_keys();
    Paces pace(client, {});
    client.info.info = InfoFields("maxmemory_policy:allkeys-lfu\n");
    CHECK_THROWS_WITH(Selector(client, pace, {.filter = {.idle_over = 1s}}),
                      "the server keeps no idle times under an LFU policy");
    CHECK_NOTHROW(Selector(client, pace, {.filter = {.ttl_below = 1s}}));
    client.info.info = InfoFields("maxmemory_policy:allkeys-lru\n");
    CHECK_NOTHROW(Selector(client, pace, {.filter = {.idle_over = 1s}}));
    CHECK(client.lines().empty());
}
