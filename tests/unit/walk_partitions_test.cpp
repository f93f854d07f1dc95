// The walker in partitions, on a model of the servers' hash table.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "keyspace/glob.hpp"
#include "support/fake_client.hpp"
#include "support/model_dict.hpp"
#include "walk/walker.hpp"

using namespace cachectl;
using cachectl::test::FakeClient;
using cachectl::test::ModelDict;

namespace {

constexpr std::size_t k_keys = 33'000;

InfoFields info_of(const std::string& run_id) {
    return InfoFields("redis_version:7.0.15\nredis_mode:standalone\nos:Linux\nrun_id:" + run_id +
                      "\n");
}

std::string option(const FakeClient::Args& args, const std::string& name) {
    for (std::size_t i = 2; i + 1 < args.size(); i += 2) {
        if (args[i] == name) {
            return args[i + 1];
        }
    }
    return {};
}

/// Redis as far as a walk sees it.
struct DictServer {
    DictServer() {
        for (std::size_t i = 0; i < k_keys; ++i) {
            dict.add("key:" + std::to_string(i));
        }
        client.info.info = info_of("one");
        client.info.run_id = "one";
        client.on("DBSIZE", [this](const FakeClient::Args&) {
            return Reply::make_integer(static_cast<std::int64_t>(dict.size()));
        });
        client.on("SCAN", [this](const FakeClient::Args& args) { return scan(args); });
    }

    Reply scan(const FakeClient::Args& args) {
        if (before_scan) {
            before_scan();
        }
        if (lose_next) {
            lose_next = false;
            return {Reply::Type::lost, 0, "connection reset", {}};
        }
        std::vector<std::string> found;
        const std::uint64_t cursor =
            dict.scan(std::stoull(args.at(1)), std::stoul(option(args, "COUNT")), found);
        const std::string match = option(args, "MATCH");
        std::vector<Reply> keys;
        for (std::string& key : found) {
            if (match.empty() || glob_match(match, key)) {
                keys.push_back(Reply::make_string(std::move(key)));
            }
        }
        return Reply::make_array({Reply::make_string(std::to_string(next_cursor(cursor))),
                                  Reply::make_array(std::move(keys))});
    }

    ModelDict dict{15};
    FakeClient client;
    std::function<void()> before_scan;
    std::function<std::uint64_t(std::uint64_t)> next_cursor = [](std::uint64_t c) { return c; };
    bool lose_next = false;
};

struct Walked {
    WalkOutcome outcome;
    std::map<std::string, int> times;
    std::size_t partitions = 0;
    std::string note;
    std::vector<bool> resumed;

    [[nodiscard]] std::size_t twice() const {
        std::size_t n = 0;
        for (const auto& [key, count] : times) {
            n += count > 1 ? 1 : 0;
        }
        return n;
    }
};

Walked walk(DictServer& server, ScanOptions options) {
    Pace pace(server.client, {});
    Walker walker(server.client, pace, options);
    Walked walked;
    walker.on_note = [&](const std::string& note) { walked.note = note; };
    walker.on_resume = [&](bool from_start) {
        walked.resumed.push_back(from_start);
        if (from_start && options.after_restart == AfterRestart::all_again) {
            walked.times.clear();
        }
    };
    walked.outcome = walker.run([&](const ScanPage& page) {
        for (const std::string& key : page.keys) {
            ++walked.times[key];
        }
        walked.partitions = std::max(walked.partitions, walker.partitions());
    });
    return walked;
}

}  // namespace

TEST_CASE("sixteen partitions side by side: every key once, whatever is remembered") {
    for (const Remember remember : {Remember::nearby, Remember::what_fits, Remember::everything}) {
        DictServer server;
        const Walked walked = walk(server, {.mode = WalkMode::partitioned, .remember = remember});
        CHECK(walked.partitions == 16);
        CHECK(walked.outcome.complete);
        CHECK_FALSE(walked.outcome.redone);
        CHECK(walked.outcome.keys == k_keys);
        CHECK(walked.times.size() == k_keys);
        CHECK(walked.twice() == 0);
        CHECK(walked.note.empty());
    }
}

TEST_CASE("a page's overrun is small: no more is fetched than in one piece") {
    DictServer server;
    const auto pages = [&](WalkMode mode) {
        ScanOptions options;
        options.mode = mode;
        options.count = 300;
        const std::size_t before = server.client.count("SCAN");
        walk(server, options);
        return server.client.count("SCAN") - before;
    };
    CHECK(pages(WalkMode::partitioned) < pages(WalkMode::plain) + 40);
}

TEST_CASE("partitions are worth some pages each") {
    DictServer server;
    server.dict = ModelDict(10);
    for (int i = 0; i < 4100; ++i) {
        server.dict.add(std::to_string(i));
    }
    CHECK(walk(server, {.mode = WalkMode::partitioned}).partitions == 2);  // of COUNT 500
    server.dict = ModelDict(10);
    const Walked empty = walk(server, {.mode = WalkMode::partitioned});
    CHECK(empty.outcome.complete);
    CHECK(empty.outcome.keys == 0);
}

TEST_CASE("with a pattern one partition comes unfiltered, to be counted") {
    DictServer server;
    const Walked walked = walk(server, {.match = "key:1*", .mode = WalkMode::partitioned});
    CHECK(walked.outcome.complete);
    CHECK_FALSE(walked.outcome.redone);
    std::size_t matching = 0;
    for (const auto& [key, count] : walked.times) {
        matching += key.starts_with("key:1") ? 1 : 0;
    }
    CHECK(matching == 11'111);
    CHECK(walked.times.size() > matching + 1000);  // a sixteenth of the others
    CHECK(walked.times.size() < matching + 1800);
}

TEST_CASE(
    "keys that have expired are counted by the server until it removes them: no false alarm") {
    const auto walk_among_expired = [](const std::string& role, const std::string& match) {
        DictServer server;
        server.client.info.role = role;
        std::size_t expired = k_keys / 3;  // besides those that SCAN still finds
        server.client.on("DBSIZE", [&](const FakeClient::Args&) {
            return Reply::make_integer(static_cast<std::int64_t>(server.dict.size() + expired));
        });
        // A master removes those that SCAN meets, but only meets those that match.
        if (role == "master" && match.empty()) {
            server.before_scan = [&] { expired = 0; };
        }
        return walk(server, {.match = match, .mode = WalkMode::partitioned});
    };
    CHECK_FALSE(walk_among_expired("master", "").outcome.redone);
    CHECK_FALSE(walk_among_expired("master", "key:1*").outcome.redone);
    CHECK_FALSE(walk_among_expired("replica", "").outcome.redone);
}

TEST_CASE("cursors that mean something else: noticed, said, and walked again in one piece") {
    std::string role = "master", match;
    SUBCASE("all keys") {}
    SUBCASE("all keys of a replica") { role = "replica"; }
    SUBCASE("some keys") { match = "key:1*"; }
    DictServer server;
    // A number for each page handed out, and nothing behind one that was not.
    std::vector<std::uint64_t> places = {0};
    server.client.on("SCAN", [&](const FakeClient::Args& args) {
        FakeClient::Args inner = args;
        const std::size_t number = std::stoull(args.at(1));
        if (number >= places.size()) {
            return Reply::make_array({Reply::make_string("0"), Reply::make_array({})});
        }
        inner[1] = std::to_string(places[number]);
        return server.scan(inner);
    });
    server.next_cursor = [&](std::uint64_t cursor) {
        if (cursor == 0) {
            return cursor;
        }
        places.push_back(cursor);
        return static_cast<std::uint64_t>(places.size() - 1);
    };
    server.client.info.role = role;
    const Walked walked = walk(server, {.match = match, .mode = WalkMode::partitioned});
    CHECK(walked.outcome.complete);
    CHECK(walked.outcome.redone);
    CHECK(walked.times.size() == (match.empty() ? k_keys : 11'111));
    CHECK(walked.resumed == std::vector<bool>{true});
    CHECK(walked.note.find(match.empty() ? "where about 33,000 are: walking again in one piece"
                                         : "where about 2,062 are: walking again in one piece") !=
          std::string::npos);
    CHECK(walked.outcome.may_repeat == false);  // what_fits: they fit
}

TEST_CASE("a server whose cursors are not known is walked in one piece, or not at all") {
    DictServer server;
    server.client.info.info = InfoFields("redis_version:7.0.15\ndragonfly_version:1.0\n");
    CHECK_THROWS_WITH(walk(server, {.mode = WalkMode::partitioned}),
                      "cannot walk in partitions: the server is not Redis or Valkey itself");
    CHECK(server.client.lines().empty());
    const Walked walked = walk(server, {});
    CHECK(walked.partitions == 1);
    CHECK(walked.outcome.keys == k_keys);
    CHECK(server.client.count("DBSIZE") == 0);
}

TEST_CASE("a lost connection: each partition goes on where it was") {
    DictServer server;
    int scans = 0;
    server.before_scan = [&] { server.lose_next = ++scans == 40; };
    const Walked walked = walk(server, {.mode = WalkMode::partitioned});
    CHECK(walked.outcome.complete);
    CHECK(walked.outcome.keys == k_keys);
    CHECK(walked.twice() == 0);
    CHECK(walked.resumed == std::vector<bool>{false});
    CHECK(server.client.count("SCAN") < 200);
}

TEST_CASE("another server process: from the start, and what was met is left out if that is asked") {
    for (const AfterRestart after : {AfterRestart::all_again, AfterRestart::new_ones}) {
        DictServer server;
        server.client.same_server_after_reconnect = false;
        int scans = 0;
        server.before_scan = [&] { server.lose_next = ++scans == 40; };
        const Walked walked = walk(server, {.mode = WalkMode::partitioned, .after_restart = after});
        CHECK(walked.outcome.complete);
        CHECK(walked.outcome.restarts == 1);
        CHECK(walked.outcome.keys == k_keys);
        CHECK(walked.times.size() == k_keys);
        CHECK(walked.twice() == 0);
        CHECK(walked.resumed == std::vector<bool>{true});
    }
}

TEST_CASE("a page that is repeated is repeated once, its neighbours not at all") {
    DictServer server;
    Pace pace(server.client, {});
    Walker walker(server.client, pace,
                  {.mode = WalkMode::partitioned, .remember = Remember::nearby});
    std::map<std::string, int> times;
    std::set<std::string> lost;
    int pages = 0;
    const WalkOutcome outcome = walker.run([&](const ScanPage& page) {
        if (++pages == 20) {
            lost.insert(page.keys.begin(), page.keys.end());
            walker.repeat_page(page.partition);
            return;
        }
        for (const std::string& key : page.keys) {
            ++times[key];
        }
    });
    CHECK(outcome.complete);
    CHECK(lost.size() > 250);
    CHECK(times.size() == k_keys);
    int sum = 0;
    for (const auto& [key, count] : times) {
        sum += count;
    }
    CHECK(sum == k_keys);
}

TEST_CASE(
    "while the table grows and shrinks: every key that stays, and with all remembered, once") {
    DictServer server;
    std::size_t guests = 0;
    server.before_scan = [&] {
        for (int i = 0; i < 100; ++i) {
            server.dict.add("guest:" + std::to_string(guests++));
        }
        if (guests % 800 == 0) {
            server.dict.resize(server.dict.bits() == 15 ? 17 : 15);
        }
        server.dict.rehash(10'000);
    };
    const Walked walked =
        walk(server, {.mode = WalkMode::partitioned, .remember = Remember::everything});
    CHECK(walked.outcome.complete);
    CHECK(walked.twice() == 0);
    std::size_t stable = 0;
    for (const auto& [key, count] : walked.times) {
        stable += key.starts_with("key:") ? 1 : 0;
    }
    CHECK(stable == k_keys);
}

TEST_CASE("progress adds up over the partitions") {
    DictServer server;
    Pace pace(server.client, {});
    Walker walker(server.client, pace, {.mode = WalkMode::partitioned});
    double last = 0;
    std::size_t keys = 0;
    walker.run([&](const ScanPage& page) {
        keys += page.keys.size();
        CHECK(walker.fraction() >= last);
        last = walker.fraction();
        CHECK(last == doctest::Approx(static_cast<double>(keys) / k_keys).epsilon(0.03));
    });
    CHECK(last == 1);
}
