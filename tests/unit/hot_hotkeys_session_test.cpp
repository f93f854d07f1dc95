#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hot/hot_keys.hpp"
#include "support/fake_client.hpp"

using namespace cachectl;
using cachectl::test::FakeClient;

namespace {

/// A server of Redis 8.6 with its one session.
struct Tracking {
    Tracking() {
        client.info.name = "redis";
        client.info.version = "8.6.0";
        client.on("HOTKEYS", [this](const FakeClient::Args& args) { return answer(args); });
    }

    Reply answer(const FakeClient::Args& args) {
        const std::string& verb = args.at(1);
        if (answers.contains(verb)) {
            return answers.at(verb);
        }
        if (verb == "GET") {
            return session ? report() : Reply{};
        }
        if (verb == "START") {
            if (session) {
                return Reply::make_error("ERR hotkeys tracking session already in progress");
            }
            started_with = args;
            session = ++sessions;
            return Reply::make_status("OK");
        }
        if (verb == "STOP") {
            return Reply::make_status("OK");
        }
        session.reset();
        return Reply::make_status("OK");
    }

    [[nodiscard]] Reply report() const {
        if (told) {
            return *told;
        }
        const auto text = [](const char* name) { return Reply::make_string(name); };
        return Reply::make_array(
            {text("tracking-active"), Reply::make_integer(1), text("collection-start-time-unix-ms"),
             Reply::make_integer(*session), text("collection-duration-ms"),
             Reply::make_integer(2'000), text("by-cpu-time-us"),
             Reply::make_array({text("hot"), Reply::make_integer(9'000), text("warm"),
                                Reply::make_integer(400), text("other:1"),
                                Reply::make_integer(5'000)})});
    }

    FakeClient client;
    std::optional<std::int64_t> session;
    std::int64_t sessions = 0;
    FakeClient::Args started_with;
    std::map<std::string, Reply> answers;  // instead, by verb
    std::optional<Reply> told;             // instead of the report
};

Reply text(const char* value) { return Reply::make_string(value); }

/// What is found with that report; the session began at 1.
std::optional<HotKeys> found_in(std::vector<Reply> report) {
    Tracking server;
    report.push_back(text("collection-start-time-unix-ms"));
    report.push_back(Reply::make_integer(1));
    server.told = Reply::make_array(std::move(report));
    HotQuestion question;
    question.interval = std::chrono::seconds(2);
    std::string why_not;
    return hot_by_hotkeys(server.client, question, why_not);
}

}  // namespace

TEST_CASE("a session of our own is begun for a time, read and ended") {
    Tracking server;
    HotQuestion question;
    question.count = 2;
    question.interval = std::chrono::seconds(2);
    std::string why_not;
    const auto found = hot_by_hotkeys(server.client, question, why_not);
    REQUIRE(found);
    CHECK(found->unit == "cpu_us_per_s");
    REQUIRE(found->keys.size() == 2);
    CHECK(found->keys[0].key == "hot");
    CHECK(found->keys[0].score == doctest::Approx(4'500));
    CHECK(found->keys[1].key == "other:1");
    CHECK_FALSE(server.session);
    CHECK(server.started_with == FakeClient::Args{"HOTKEYS", "START", "METRICS", "2", "CPU", "NET",
                                                  "COUNT", "2", "DURATION", "7"});
}

TEST_CASE("somebody else's session is neither ended nor read") {
    Tracking server;
    server.session = 1;
    std::string why_not;
    CHECK_FALSE(hot_by_hotkeys(server.client, {}, why_not));
    CHECK(why_not.find("somebody else's") != std::string::npos);
    CHECK(server.session == 1);
    CHECK(server.client.count("HOTKEYS") == 1);
}

TEST_CASE("a session that has taken the place of ours is left as it is") {
    Tracking server;
    HotQuestion question;
    question.interval = std::chrono::seconds(2);
    server.client.after(std::chrono::seconds(1), [&] { server.session = 77; });
    std::string why_not;
    const auto found = hot_by_hotkeys(server.client, question, why_not);
    REQUIRE(found);
    CHECK(found->keys.empty());
    CHECK(found->notes.size() == 1);
    CHECK(server.session == 77);
}

TEST_CASE("a connection that is closed while the session lasts") {
    Tracking server;
    server.client.answer("PING", Reply::make_unsent("closed"));
    HotQuestion question;
    question.interval = std::chrono::seconds(2);
    std::string why_not;
    SUBCASE("is made anew, and the session is read") {
        const auto found = hot_by_hotkeys(server.client, question, why_not);
        REQUIRE(found);
        CHECK(server.client.reconnect_calls == 1);
        CHECK(found->keys.size() == 3);
        CHECK(found->notes.empty());
        CHECK_FALSE(found->failure);
        CHECK_FALSE(server.session);
    }
    SUBCASE("and cannot be made anew: the list is not complete, and nobody has taken its place") {
        server.client.reconnects = false;
        server.client.after(std::chrono::seconds(1),
                            [&] { server.answers["GET"] = Reply::make_unsent("closed"); });
        const auto found = hot_by_hotkeys(server.client, question, why_not);
        REQUIRE(found);
        REQUIRE(found->failure);
        CHECK(std::string(found->failure->what()).find("closed") != std::string::npos);
        CHECK(found->notes.empty());
    }
}

TEST_CASE("where there is no HOTKEYS, or no right to it") {
    Tracking old;
    old.client.info.version = "8.0.2";
    std::string why_not;
    CHECK_FALSE(hot_by_hotkeys(old.client, {}, why_not));
    CHECK(old.client.count("HOTKEYS") == 0);
    Tracking denied;
    denied.client.on("HOTKEYS", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM User x has no permissions to run the 'hotkeys' command");
    });
    CHECK_FALSE(hot_by_hotkeys(denied.client, {}, why_not));
    CHECK(why_not.find("HOTKEYS") != std::string::npos);
}

TEST_CASE("a server that is no Redis is not asked") {
    Tracking other;
    other.client.info.name = "valkey";
    std::string why_not;
    CHECK_FALSE(hot_by_hotkeys(other.client, {}, why_not));
    CHECK(why_not == "HOTKEYS is Redis' own");
    CHECK(other.client.count("HOTKEYS") == 0);
}

TEST_CASE("a session that cannot be begun is not ended") {
    for (const char* verb : {"GET", "START"}) {
        CAPTURE(verb);
        for (const Reply::Type type : {Reply::Type::lost, Reply::Type::error}) {
            Tracking server;
            server.answers[verb] = Reply::make_error("ERR it is not to be had");
            server.answers[verb].type = type;
            std::string why_not;
            CHECK_FALSE(hot_by_hotkeys(server.client, {}, why_not));
            CHECK(why_not.find("it is not to be had") != std::string::npos);
            CHECK(server.client.count("HOTKEYS STOP") == 0);
            CHECK(server.client.count("HOTKEYS RESET") == 0);
        }
    }
}

TEST_CASE("the report may stand in an array of its own, as RESP2 has it") {
    const auto found = found_in({text("by-cpu-time-us"),
                                 Reply::make_array({text("hot"), Reply::make_integer(4'000)}),
                                 text("collection-duration-ms"), Reply::make_integer(4'000)});
    REQUIRE(found);
    REQUIRE(found->keys.size() == 1);
    CHECK(found->keys[0].score == doctest::Approx(1'000));
    Tracking nested;
    nested.session = 1;
    nested.told = Reply::make_array({Reply::make_array({text("a"), text("b")})});
    std::string why_not;
    CHECK_FALSE(hot_by_hotkeys(nested.client, {}, why_not));
    CHECK(why_not.find("somebody else's") != std::string::npos);
}

TEST_CASE("of a report only what can be read is taken") {
    const Reply times =
        Reply::make_array({text("hot"), Reply::make_integer(6'000), text("odd"), text("6000"),
                           Reply::make_integer(7), Reply::make_integer(8)});
    SUBCASE("times of one key, over the time that we have waited") {
        for (const Reply& lasted : {Reply::make_integer(0), text("long")}) {
            const auto found = found_in({Reply::make_integer(1), text("x"), text("by-cpu-time-us"),
                                         times, text("collection-duration-ms"), lasted});
            REQUIRE(found);
            REQUIRE(found->keys.size() == 1);
            CHECK(found->keys[0].key == "hot");
            CHECK(found->keys[0].score == doctest::Approx(3'000));
        }
    }
    SUBCASE("no times") {
        for (const Reply& none : {Reply::make_integer(1), text("x")}) {
            const auto found = found_in({text("by-cpu-time-us"), none});
            REQUIRE(found);
            CHECK(found->keys.empty());
        }
        const auto found = found_in({});
        REQUIRE(found);
        CHECK(found->keys.empty());
    }
}

TEST_CASE("a report that is lost is not one of our session, nor of another") {
    Tracking server;
    HotQuestion question;
    question.interval = std::chrono::seconds(2);
    server.client.after(std::chrono::seconds(1),
                        [&] { server.answers["GET"].type = Reply::Type::lost; });
    std::string why_not;
    const auto found = hot_by_hotkeys(server.client, question, why_not);
    REQUIRE(found);
    CHECK(found->keys.empty());
    CHECK(found->notes.empty());
    CHECK(found->failure);
}
