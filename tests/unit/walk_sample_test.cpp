#include "walk/sample.hpp"

#include <doctest/doctest.h>

#include <set>

#include "keyspace/key_selector.hpp"
#include "support/fake_client.hpp"
#include "support/model_dict.hpp"

using namespace cachectl;
using cachectl::test::FakeClient;
using cachectl::test::ModelDict;

namespace {

/// Keys on a known server; every tenth is "rare:…".
struct DictServer {
    explicit DictServer(std::size_t keys, unsigned bits) : dict(bits) {
        for (std::size_t i = 0; i < keys; ++i) {
            dict.add((i % 10 == 0 ? "rare:" : "key:") + std::to_string(i));
        }
        client.info.info = InfoFields("redis_version:7.0.15\nredis_mode:standalone\nrun_id:1\n");
        client.on("DBSIZE", [this](const FakeClient::Args&) {
            return Reply::make_integer(static_cast<std::int64_t>(dict.size()));
        });
        client.on("SCAN", [this](const FakeClient::Args& args) {
            std::vector<std::string> found;
            const std::uint64_t next =
                dict.scan(std::stoull(args.at(1)), std::stoul(args.at(3)), found);
            std::vector<Reply> keys_of_page;
            for (std::string& key : found) {
                if (expired(key)) {
                    continue;
                }
                keys_of_page.push_back(Reply::make_string(std::move(key)));
            }
            return Reply::make_array({Reply::make_string(std::to_string(next)),
                                      Reply::make_array(std::move(keys_of_page))});
        });
    }
    ModelDict dict;
    FakeClient client;
    std::function<bool(const std::string&)> expired = [](const std::string&) { return false; };
};

struct Drawn {
    SampleOutcome outcome;
    std::set<std::string> keys;
    std::uint64_t rare = 0;
};

Drawn draw(DictServer& server, Pace& pace, std::uint64_t keys, std::uint64_t seed) {
    Drawn drawn;
    Sampler sampler(server.client, pace, keys, seed);
    drawn.outcome = sampler.run([&](const ScanPage& page) {
        for (const std::string& key : page.keys) {
            CHECK(drawn.keys.insert(key).second);
            drawn.rare += key.starts_with("rare:") ? 1 : 0;
        }
    });
    return drawn;
}

SampleOutcome sample_of(std::uint64_t drawn, std::uint64_t population) {
    SampleOutcome sample;
    sample.drawn = drawn;
    sample.population = population;
    return sample;
}

/// A cluster's node with a table for each slot: 1,000 keys alone in theirs, and three slots of
/// 1,000 each, "rare:…".
struct SlotServer {
    SlotServer() : slots(cachectl::k_slots) {
        for (std::size_t i = 0; i < 1'000; ++i) {
            slots[i * 16].push_back("key:" + std::to_string(i));
        }
        for (const std::size_t slot : {5, 77, 16'383}) {
            for (std::size_t i = 0; i < 1'000; ++i) {
                slots[slot].push_back("rare:" + std::to_string(slot) + ":" + std::to_string(i));
            }
        }
        client.info.mode = "cluster";
        client.info.version = "8.0.2";
        client.info.info = InfoFields("redis_version:8.0.2\nredis_mode:cluster\nrun_id:1\n");
        client.on("DBSIZE", [](const FakeClient::Args&) { return Reply::make_integer(4'000); });
        client.on("CLUSTER", [this](const FakeClient::Args& args) {
            if (args.at(1) == "NODES" && !own_slots.empty()) {
                return Reply::make_string("id 127.0.0.1:1@2 myself,master - 0 0 1 connected " +
                                          own_slots + '\n');
            }
            if (args.at(1) != "COUNTKEYSINSLOT" || refused) {
                return Reply::make_error("ERR unknown subcommand");
            }
            return Reply::make_integer(
                static_cast<std::int64_t>(slots.at(std::stoul(args.at(2))).size()));
        });
        client.on("SCAN", [this](const FakeClient::Args& args) {
            const std::uint64_t cursor = std::stoull(args.at(1));
            const std::vector<std::string>& keys = slots.at(cursor & 16'383);
            const std::size_t count = std::stoul(args.at(3));
            std::vector<Reply> page;
            for (std::size_t i = 0; i < (cursor < cachectl::k_slots ? count : 1); ++i) {
                const std::string& key = keys.at(((cursor >> 14) + i) % keys.size());
                if (!expired(key)) {
                    page.push_back(Reply::make_string(key));
                }
            }
            return Reply::make_array({Reply::make_string("7"), Reply::make_array(std::move(page))});
        });
    }
    std::vector<std::vector<std::string>> slots;
    bool refused = false;
    std::function<bool(const std::string&)> expired = [](const std::string&) { return false; };
    std::string own_slots;  // as CLUSTER NODES has them; empty: it does not tell
    FakeClient client;
};

/// Two masters, each with a part of the keys; what is asked of a key, the client is asked.
struct TwoNodes : FakeClient {
    TwoNodes(std::size_t first_keys, std::size_t second_keys)
        : first(first_keys, 7), second(second_keys, 7) {}
    std::vector<cachectl::ServerNode> nodes() override {
        return {{"first", &first.client}, {"second", &second.client}};
    }
    void run_until(const std::function<bool()>& finished) override {
        const auto any = [&] { return first.client.pending() + second.client.pending() != 0; };
        while (!finished() && any()) {
            for (FakeClient* node : {&first.client, &second.client}) {
                node->run_until([&] { return node->pending() == 0 || finished(); });
            }
        }
        FakeClient::run_until(finished);
    }

    DictServer first, second;
};

}  // namespace

TEST_CASE("1,000 samples of a known keyspace: the true value is inside some 950 times") {
    DictServer server(20'000, 14);
    Pace pace(server.client, {});
    int inside = 0;
    for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
        const Drawn drawn = draw(server, pace, 400, seed);
        const Estimate rare = estimate_count(drawn.rare, drawn.outcome);
        inside += rare.low <= 2'000 && 2'000 <= rare.high ? 1 : 0;
    }
    CHECK(inside >= 930);
    CHECK(inside <= 970);
}

TEST_CASE("as many keys as were asked for, all different, in few requests") {
    DictServer server(20'000, 14);
    Pace pace(server.client, {});
    const Drawn drawn = draw(server, pace, 3'000, 7);
    CHECK(drawn.outcome.population == 20'000);
    CHECK(drawn.outcome.drawn == 3'000);
    CHECK(drawn.keys.size() == drawn.outcome.drawn);
    // Ten at first, because this server does not say what its keys take.
    CHECK(server.client.count("SCAN") < 25);
}

TEST_CASE("of long names no more are on their way at once than a slice has room for") {
    DictServer server(2'000, 11);
    const std::string long_name(100'000, 'n');
    std::size_t most = 0;
    server.client.on("SCAN", [&, scan = server.client.handler("SCAN")](const auto& args) {
        most = std::max(most, server.client.pending());
        Reply page = scan(args);
        for (Reply& key : page.elements[1].elements) {
            key.text += long_name;
        }
        return page;
    });
    const auto run = [&](const std::string& info) {
        server.client.info.info =
            InfoFields("redis_version:7.0.15\nredis_mode:standalone\nrun_id:1\n" + info);
        most = 0;
        Pace pace(server.client, {});
        CHECK(draw(server, pace, 200, 1).outcome.drawn == 200);
    };
    run("used_memory:200000000\nmaxmemory:203000000\ndb0:keys=2000\n");
    CHECK(most == 1);
    run("");  // nothing is known, until the first page has come
    CHECK(most == 1);
}

TEST_CASE("a table with few keys in many buckets, and one that is being made larger") {
    DictServer sparse(2'000, 16);
    Pace pace(sparse.client, {});
    CHECK(draw(sparse, pace, 500, 1).outcome.drawn == 500);
    DictServer growing(20'000, 12);
    growing.dict.resize(16);
    growing.dict.rehash(1'000);
    Pace other(growing.client, {});
    const Drawn drawn = draw(growing, other, 4'000, 1);
    CHECK(drawn.outcome.drawn == 4'000);
    const Estimate rare = estimate_count(drawn.rare, drawn.outcome);
    CHECK(rare.low < 2'000);
    CHECK(rare.high > 2'000);
}

TEST_CASE("fewer keys than were asked for, and none") {
    DictServer server(300, 8);
    Pace pace(server.client, {});
    const Drawn all = draw(server, pace, 1'000, 1);
    CHECK(all.outcome.too_few);  // better to walk them all
    CHECK(all.outcome.drawn == 0);
    CHECK_FALSE(all.outcome.failure);
    DictServer empty(0, 2);
    Pace other(empty.client, {});
    CHECK(draw(empty, other, 1'000, 1).outcome.drawn == 0);
    CHECK(empty.client.count("SCAN") == 0);
}

TEST_CASE("keys that have expired, and that the server still counts, are not among all keys") {
    DictServer server(20'000, 14);
    server.expired = [](const std::string& key) { return key.back() % 2 == 0; };
    Pace pace(server.client, {});
    int inside = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const Drawn drawn = draw(server, pace, 2'000, seed);
        const SampleOutcome& outcome = drawn.outcome;
        CHECK(outcome.drawn > 700);
        const auto all = static_cast<double>(outcome.population);
        const Estimate keys = outcome.widened({all, all, all}, 0);
        inside += keys.low <= 10'000 && 10'000 <= keys.high ? 1 : 0;
    }
    CHECK(inside >= 180);
}

TEST_CASE("where no key has expired, those that the server counts are all") {
    DictServer full(20'000, 14);
    DictServer small(2'000, 11);
    DictServer sparse(2'000, 16);
    for (DictServer* server : {&full, &small, &sparse}) {
        Pace pace(server->client, {});
        int exact = 0;
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            const SampleOutcome outcome = draw(*server, pace, 500, seed).outcome;
            exact += outcome.population == server->dict.size() ? 1 : 0;
            CHECK(outcome.drawn >= 450);
        }
        CHECK(exact == 200);
    }
}

TEST_CASE("a server whose cursors are not known is not sampled") {
    FakeClient client;
    client.info.info = {};
    Pace pace(client, {});
    CHECK_THROWS_WITH(
        Sampler(client, pace, 10),
        "cannot draw a sample of the keys: the server does not say what it is (INFO)");
}

TEST_CASE("a refusal is the outcome's failure") {
    DictServer server(20'000, 14);
    server.client.on("SCAN", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM User bob has no permissions to run the 'scan' command");
    });
    Pace pace(server.client, {});
    const Drawn drawn = draw(server, pace, 1'000, 1);
    REQUIRE(drawn.outcome.failure);
    CHECK(drawn.outcome.failure->hint() == "the user lacks the ACL rule +scan");
}

TEST_CASE("estimates: Wilson's interval, and none where all has been seen") {
    const Estimate half = estimate_count(50, sample_of(100, 1'000'000));
    CHECK(half.value == doctest::Approx(500'000));
    CHECK(half.low == doctest::Approx(403'837).epsilon(0.001));
    CHECK(half.high == doctest::Approx(596'163).epsilon(0.001));
    const Estimate none = estimate_count(0, sample_of(100, 1'000'000));
    CHECK(none.value == 0);
    CHECK(none.low == 0);
    CHECK(none.high == doctest::Approx(36'990).epsilon(0.01));
    const Estimate all = estimate_count(30, sample_of(100, 100));
    CHECK(all.low == 30);
    CHECK(all.high == 30);
    // Of 100 of 110 keys seen, 50 hits: no fewer than those, and no more than with the other ten.
    const Estimate most = estimate_count(50, sample_of(100, 110));
    CHECK(most.low >= 50);
    CHECK(most.high <= 60);
    const Estimate nothing = estimate_count(0, sample_of(0, 77));
    CHECK(nothing.high == 77);
}

TEST_CASE(
    "a cluster's sample of nearly all keys, or of very few, is drawn from its masters as well") {
    for (const std::size_t wanted : {1UL, 3UL, 99UL}) {
        CAPTURE(wanted);
        TwoNodes cluster(50, 50);
        // These replies come when the nodes have nothing more to say.
        cluster.on("PTTL", [](const FakeClient::Args&) { return Reply::make_integer(-1); });
        Paces paces(cluster, {});
        Selection selection;
        selection.sample = wanted;
        selection.facts.ttl = true;
        Selector selector(cluster, paces, selection);
        const SelectionOutcome outcome = selector.run([](auto) { return Flow::go_on; });
        REQUIRE(outcome.sample);
        CHECK(outcome.sample->population == 100);
        CHECK(outcome.sample->drawn >= wanted / 4);  // by lot, in a few rounds
        CHECK(outcome.sample->drawn > 0);
        CHECK(outcome.selected == outcome.sample->drawn);
    }
}

TEST_CASE("of one key wanted two are drawn: how different they are is not told by one") {
    DictServer server(5'000, 12);
    server.client.on("PTTL", [](const FakeClient::Args&) { return Reply::make_integer(-1); });
    Paces paces(server.client, {});
    Selection selection;
    selection.sample = 1;
    selection.facts.ttl = true;
    Selector selector(server.client, paces, selection);
    const SelectionOutcome outcome = selector.run([](auto) { return Flow::go_on; });
    REQUIRE(outcome.sample);
    CHECK(outcome.sample->drawn == 2);
}

TEST_CASE("where each slot has a table, a key of a large slot is as likely as one that is alone") {
    SlotServer server;
    Pace pace(server.client, {});
    int inside = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        std::uint64_t rare = 0;
        Sampler sampler(server.client, pace, 500, seed);
        const SampleOutcome outcome = sampler.run([&](const ScanPage& page) {
            for (const std::string& key : page.keys) {
                rare += key.starts_with("rare:") ? 1 : 0;
            }
        });
        CHECK(outcome.drawn == 500);
        CHECK(outcome.repeats);
        const Estimate all = estimate_count(rare, outcome);
        inside += all.low <= 3'000 && 3'000 <= all.high ? 1 : 0;
    }
    CHECK(inside >= 180);
    CHECK(inside <= 199);
}

TEST_CASE("where each slot has a table, a few slots tell how many of their keys have expired") {
    SlotServer server;
    server.expired = [](const std::string& key) { return key.back() % 2 == 0; };
    Pace pace(server.client, {});
    int inside = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        Sampler sampler(server.client, pace, 500, seed);
        const SampleOutcome outcome = sampler.run([](const ScanPage&) {});
        const auto all = static_cast<double>(outcome.population);
        const Estimate keys = outcome.widened({all, all, all}, 0);
        inside += keys.low <= 2'000 && 2'000 <= keys.high ? 1 : 0;
    }
    CHECK(inside >= 88);
}

TEST_CASE("slots that the server does not count are no sample") {
    SlotServer server;
    server.refused = true;
    Pace pace(server.client, {});
    Sampler sampler(server.client, pace, 500, 1);
    const SampleOutcome outcome = sampler.run([](const ScanPage&) {});
    REQUIRE(outcome.failure);
    CHECK(outcome.drawn == 0);
}

TEST_CASE("a slot whose keys are still arriving is not drawn from, nor asked for its size") {
    SlotServer server;
    server.own_slots =
        "6-16383";  // slot 5 comes from another node: its keys are counted and hidden
    server.client.on("DBSIZE", [](const FakeClient::Args&) { return Reply::make_integer(3'000); });
    Pace pace(server.client, {});
    std::size_t arriving = 0;
    Sampler sampler(server.client, pace, 500, 1);
    const SampleOutcome outcome = sampler.run([&](const ScanPage& page) {
        for (const std::string& key : page.keys) {
            arriving += key.starts_with("rare:5:") ? 1 : 0;
        }
    });
    CHECK(outcome.drawn == 500);
    CHECK(arriving == 0);
    CHECK(server.client.count("CLUSTER COUNTKEYSINSLOT") == 16'378);
}
