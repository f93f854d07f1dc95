#include "walk/walker.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include "support/fake_client.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using cachectl::test::FakeClient;

namespace {

using Keys = std::vector<std::string>;

Reply page(const std::string& cursor, const Keys& keys) {
    std::vector<Reply> elements;
    for (const std::string& key : keys) {
        elements.push_back(Reply::make_string(key));
    }
    return Reply::make_array({Reply::make_string(cursor), Reply::make_array(std::move(elements))});
}

Reply lost() { return {Reply::Type::lost, 0, "connection reset", {}}; }

/// SCAN answers these one after the other.
void script(FakeClient& client, std::vector<Reply> replies) {
    client.on("SCAN",
              [replies = std::move(replies), at = std::size_t{0}](const FakeClient::Args&) mutable {
                  REQUIRE(at < replies.size());
                  return replies[at++];
              });
}

struct Walk {
    explicit Walk(FakeClient& client, ScanOptions options = {})
        : pace(client, {}), walker(client, pace, options) {}
    WalkOutcome run() {
        return walker.run([&](const ScanPage& page) {
            keys.insert(keys.end(), page.keys.begin(), page.keys.end());
            fractions.push_back(walker.fraction());
        });
    }
    Pace pace;
    Walker walker;
    Keys keys;
    std::vector<double> fractions;
};

}  // namespace

TEST_CASE("a server that takes no TYPE is asked without, and its pages are not filtered") {
    FakeClient client;
    client.on("SCAN", [](const FakeClient::Args& args) {
        const bool asks = std::find(args.begin(), args.end(), "TYPE") != args.end();
        return asks ? Reply::make_error("ERR syntax error")
                    : page(args[1] == "0" ? "1" : "0", {"k" + args[1]});
    });
    Pace pace(client, {});
    Walker walker(client, pace, {.match = "k*", .type = "hash", .count = 10});
    Keys keys;
    const WalkOutcome outcome = walker.run([&](const ScanPage& page) {
        CHECK_FALSE(page.filtered);
        keys.insert(keys.end(), page.keys.begin(), page.keys.end());
    });
    CHECK(keys == Keys{"k0", "k1"});
    CHECK(outcome.complete);
    CHECK(client.count("SCAN") == 3);
}

TEST_CASE("a walk goes from cursor 0 to cursor 0, through empty pages") {
    FakeClient client;
    script(client, {page("2", {"a", "b"}), page("1", {}), page("0", {"c"})});
    Walk walk(client, {.match = "x*", .type = "hash", .count = 10});
    const WalkOutcome outcome = walk.run();
    CHECK(walk.keys == Keys{"a", "b", "c"});
    CHECK(outcome.complete);
    CHECK(outcome.keys == 3);
    CHECK(walk.walker.looked_at() == 30);
    CHECK_FALSE(outcome.failure);
    CHECK_FALSE(outcome.interrupted);
    CHECK(client.lines() == Keys{"SCAN 0 COUNT 10 MATCH x* TYPE hash",
                                 "SCAN 2 COUNT 10 MATCH x* TYPE hash",
                                 "SCAN 1 COUNT 10 MATCH x* TYPE hash"});
    CHECK(walk.fractions == std::vector<double>{0.25, 0.5, 1.0});
}

TEST_CASE("cursors are opaque bytes") {
    FakeClient client;
    script(client, {page("_key:1", {"a"}), page("0", {})});
    Walk walk(client);
    CHECK(walk.run().complete);
    CHECK(client.lines().back() == "SCAN _key:1 COUNT 100");
    CHECK(walk.fractions.front() == 0);
}

TEST_CASE("a stopped walk is not complete, and not a failure") {
    FakeClient client;
    script(client, {page("2", {"a"}), page("0", {"b"})});
    Pace pace(client, {});
    Walker walker(client, pace, {});
    const WalkOutcome outcome = walker.run([&](const ScanPage&) { walker.stop(); });
    CHECK_FALSE(outcome.complete);
    CHECK_FALSE(outcome.interrupted);
    CHECK_FALSE(outcome.failure);
    CHECK(client.lines().size() == 1);
}

TEST_CASE("a walk that was stopped does not mind what becomes of the page on its way") {
    FakeClient client;
    script(client, {page("2", {"a"}), lost()});
    Pace pace(client, {.level = PaceLevel::full});
    Walker walker(client, pace, {.mode = WalkMode::plain});
    const WalkOutcome outcome = walker.run([&](const ScanPage&) {
        client.send({"PTTL", "a"}, [&](const Reply&) { walker.stop(); });
    });
    CHECK(client.lines().size() == 3);
    CHECK_FALSE(outcome.failure);
    CHECK(client.reconnect_calls == 0);
}

TEST_CASE("a lost connection: the walk goes on where it was, on the same server") {
    FakeClient client;
    script(client, {page("2", {"a"}), lost(), page("0", {"b"})});
    Walk walk(client);
    std::vector<bool> resumed;
    walk.walker.on_resume = [&](bool from_start) { resumed.push_back(from_start); };
    const WalkOutcome outcome = walk.run();
    CHECK(outcome.complete);
    CHECK(outcome.restarts == 0);
    CHECK_FALSE(outcome.failure);
    CHECK(walk.keys == Keys{"a", "b"});
    CHECK(client.lines() == Keys{"SCAN 0 COUNT 10", "SCAN 2 COUNT 100", "SCAN 2 COUNT 100"});
    CHECK(resumed == std::vector<bool>{false});
}

TEST_CASE("another server process means from the start") {
    FakeClient client;
    client.same_server_after_reconnect = false;
    script(client, {page("2", {"a"}), lost(), page("2", {"a"}), page("0", {"b"})});
    Walk walk(client);
    std::vector<bool> resumed;
    walk.walker.on_resume = [&](bool from_start) { resumed.push_back(from_start); };
    const WalkOutcome outcome = walk.run();
    CHECK(outcome.complete);
    CHECK(outcome.restarts == 1);
    CHECK(walk.keys == Keys{"a", "a", "b"});
    CHECK(client.lines()[2] == "SCAN 0 COUNT 100");
    CHECK(resumed == std::vector<bool>{true});
}

TEST_CASE("a connection that is lost again and again is given up") {
    FakeClient client;
    script(client, {page("2", {"a"}), lost(), lost(), lost(), lost()});
    Walk walk(client);
    const WalkOutcome outcome = walk.run();
    CHECK_FALSE(outcome.complete);
    REQUIRE(outcome.failure);
    CHECK(outcome.failure->code() == ExitCode::unreachable);
    CHECK(std::string(outcome.failure->what()) == "cannot walk the keys: connection reset");
    CHECK(client.reconnect_calls == 3);
    CHECK(outcome.keys == 1);
}

TEST_CASE("a page between two losses is progress") {
    FakeClient client;
    std::vector<Reply> replies;
    for (int i = 0; i < 10; ++i) {
        replies.push_back(lost());
        replies.push_back(page(i < 9 ? std::to_string(i + 1) : "0", {}));
    }
    script(client, std::move(replies));
    CHECK(Walk(client).run().complete);
    CHECK(client.reconnect_calls == 10);
}

TEST_CASE("a server that cannot be had again ends the walk with the reason") {
    FakeClient client;
    client.reconnects = false;
    script(client, {page("2", {"a"}), lost()});
    const WalkOutcome outcome = Walk(client).run();
    REQUIRE(outcome.failure);
    CHECK(std::string(outcome.failure->what()) == "cannot connect to fake:6379");
}

TEST_CASE("a page whose follow-up was lost is fetched once more") {
    FakeClient client;
    script(client, {page("2", {"a"}), page("2", {"a"}), page("0", {"b"})});
    Pace pace(client, {});
    Walker walker(client, pace, {});
    Keys keys;
    bool first = true;
    const WalkOutcome outcome = walker.run([&](const ScanPage& page) {
        keys.insert(keys.end(), page.keys.begin(), page.keys.end());
        if (std::exchange(first, false)) {
            walker.repeat_page(0);
        }
    });
    CHECK(outcome.complete);
    CHECK(keys == Keys{"a", "a", "b"});
    CHECK(client.lines() == Keys{"SCAN 0 COUNT 10", "SCAN 0 COUNT 100", "SCAN 2 COUNT 500"});
}

TEST_CASE("the last page's follow-up may be lost as well") {
    FakeClient client;
    script(client, {page("0", {"a"}), page("0", {"a"})});
    Pace pace(client, {});
    Walker walker(client, pace, {});
    int pages = 0;
    const WalkOutcome outcome = walker.run([&](const ScanPage&) {
        if (++pages == 1) {
            walker.repeat_page(0);
        }
    });
    CHECK(pages == 2);
    CHECK(outcome.complete);
    CHECK(client.reconnect_calls == 1);
}

TEST_CASE("what passes is waited out") {
    FakeClient client;
    script(client,
           {Reply::make_error("BUSY Redis is busy running a script"),
            Reply::make_error("LOADING Redis is loading the dataset in memory"), page("0", {"a"})});
    Walk walk(client);
    const WalkOutcome outcome = walk.run();
    CHECK(outcome.complete);
    CHECK_FALSE(outcome.failure);
    CHECK(walk.keys == Keys{"a"});
}

TEST_CASE("but not for ever") {
    FakeClient client;
    client.on("SCAN", [](const FakeClient::Args&) {
        return Reply::make_error("BUSY Redis is busy running a script");
    });
    const WalkOutcome outcome = Walk(client).run();
    REQUIRE(outcome.failure);
    CHECK(outcome.failure->code() == ExitCode::refused);
    CHECK(client.count("SCAN") == 51);
}

TEST_CASE("a refusal ends the walk") {
    FakeClient client;
    script(client, {Reply::make_error("NOPERM this user has no permissions to run the 'scan' "
                                      "command or its subcommand")});
    const WalkOutcome outcome = Walk(client).run();
    REQUIRE(outcome.failure);
    CHECK(outcome.failure->code() == ExitCode::refused);
    CHECK(outcome.failure->hint() == "the user lacks the ACL rule +scan");
}

TEST_CASE("a reply that is no page ends the walk") {
    for (const Reply& reply :
         {Reply::make_status("OK"), Reply{}, Reply::make_array({}),
          Reply::make_array({Reply::make_string("0"), Reply::make_string("a")}),
          Reply::make_array({Reply::make_integer(0), Reply::make_array({})})}) {
        FakeClient client;
        script(client, {reply});
        const WalkOutcome outcome = Walk(client).run();
        CHECK_FALSE(outcome.complete);
        REQUIRE(outcome.failure);
        CHECK(std::string(outcome.failure->what()) ==
              "cannot walk the keys: a reply of the wrong kind");
    }
}

TEST_CASE("a ring of cursors ends the walk, with keys in it or without") {
    const auto failure_of = [](std::map<std::string, Reply> pages) {
        FakeClient client;
        client.on("SCAN", [pages](const FakeClient::Args& args) { return pages.at(args[1]); });
        Pace pace(client, {});
        Walker walker(client, pace, {});
        const WalkOutcome outcome = walker.run([&](const ScanPage&) {
            if (client.count("SCAN") == 20'000) {
                walker.stop();
            }
        });
        CHECK_FALSE(outcome.complete);
        REQUIRE(outcome.failure);
        CHECK(outcome.failure->code() == ExitCode::unreachable);
        return std::string(outcome.failure->what());
    };
    const std::string without_keys =
        "cannot walk the keys: the server gives the same cursors again and again, without keys";
    CHECK(failure_of({{"0", page("7", {})}, {"7", page("7", {})}}) == without_keys);
    CHECK(failure_of({{"0", page("7", {"a"})}, {"7", page("9", {})}, {"9", page("7", {})}}) ==
          without_keys);
    CHECK(failure_of(
              {{"0", page("7", {"a"})}, {"7", page("9", {"b", "c"})}, {"9", page("7", {"d"})}}) ==
          "cannot walk the keys: the server gives the same keys again and again");
}

TEST_CASE("a walk that brings far more keys than the server holds is ended, not a long one") {
    FakeClient client;
    client.info.name = "redis";
    client.info.version = "7.0.15";
    client.info.mode = "standalone";
    client.info.run_id = "1";
    client.info.info = InfoFields("used_memory:1000\r\nmaxmemory:0\r\ndb0:keys=1000\r\n");
    std::uint64_t given = 0;
    client.on("SCAN", [&](const FakeClient::Args&) {
        std::vector<std::string> keys;
        for (int i = 0; i < 500; ++i) {
            keys.push_back("k" + std::to_string(given++));
        }
        return page(given >= 3'000'000 ? "0" : std::to_string(given), keys);
    });
    std::int64_t size = 500'000;
    client.on("DBSIZE", [&](const FakeClient::Args&) { return Reply::make_integer(size); });
    const auto walk = [&] {
        given = 0;
        Pace pace(client, {});
        return Walker(client, pace, {.mode = WalkMode::plain}).run([](const ScanPage&) {});
    };
    CHECK(walk().complete);  // the count of the login was old
    size = 10;
    const WalkOutcome outcome = walk();
    REQUIRE(outcome.failure);
    CHECK(std::string(outcome.failure->what())
              .ends_with("keys and does not come to an end; it says that it holds 1,000"));
    CHECK(given < 1'100'000);
}

TEST_CASE("a signal ends the walk with the page that is on its way") {
    FakeClient client;
    script(client, {page("2", {"a"}), page("1", {"b"}), page("0", {"c"})});
    Walk walk(client);
    client.on("PTTL", [](const FakeClient::Args&) {
        set_stop_signal(SIGINT);
        return Reply{};
    });
    const WalkOutcome outcome = walk.walker.run([&](const ScanPage& page) {
        walk.keys.insert(walk.keys.end(), page.keys.begin(), page.keys.end());
        client.send({"PTTL", "a"}, [](const Reply&) {});
    });
    set_stop_signal(0);
    CHECK(outcome.interrupted);
    CHECK_FALSE(outcome.complete);
    CHECK_FALSE(outcome.failure);
    CHECK(walk.keys == Keys{"a"});
}

TEST_CASE("a signal while the server is waited for is no failure") {
    FakeClient client;
    client.on("SCAN", [n = 0](const FakeClient::Args&) mutable {
        if (++n == 3) {
            set_stop_signal(SIGTERM);
        }
        return Reply::make_error("BUSY Redis is busy running a script");
    });
    const WalkOutcome outcome = Walk(client).run();
    set_stop_signal(0);
    CHECK(outcome.interrupted);
    CHECK_FALSE(outcome.failure);
}

TEST_CASE("a cursor is not sent to another process that somebody else has connected to") {
    FakeClient client;
    script(client, {page("2", {"a"}), page("0", {"a", "b"})});
    Pace pace(client, {});
    Walker walker(client, pace, {});
    Keys keys;
    const WalkOutcome outcome = walker.run([&](const ScanPage& page) {
        keys.insert(keys.end(), page.keys.begin(), page.keys.end());
        client.info.run_id = "of another process";
    });
    CHECK(client.count("SCAN 0 ") == 2);
    CHECK(client.count("SCAN") == 2);
    CHECK(outcome.complete);
    CHECK(outcome.restarts == 1);
    CHECK(outcome.keys == 2);
}
