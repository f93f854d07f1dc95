#include "redis/session.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "redis/error_reply.hpp"
#include "support/fake_server.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// ROLE of a master with these replicas.
std::string master_role(const std::vector<std::string>& replicas, const std::string& offset) {
    return resp::array({resp::bulk("master"), offset, resp::array(replicas)});
}

std::string listed(const std::string& port, const std::string& offset = resp::bulk("90")) {
    return resp::array({resp::bulk("127.0.0.1"), port, offset});
}

std::string listed(const FakeServer& server) {
    return listed(resp::bulk(std::to_string(server.port())));
}

std::string replica_role(const std::string& state, const std::string& offset) {
    return resp::array(
        {resp::bulk("slave"), resp::bulk("h"), resp::integer(1), resp::bulk(state), offset});
}

FakeServer::Script a_replica(const std::string& role, const std::string& info = "") {
    return answer(polite_redis({{"ROLE", role}, {"INFO", resp::bulk("role:slave\r\n" + info)}}));
}

/// A session that is to read from a replica, what it tells, and how it ends.
struct ReadingFromReplica {
    explicit ReadingFromReplica(const FakeServer& server) {
        ServerAddress address;
        address.host = "127.0.0.1";
        address.port = server.port();
        address.read_from = ReadFrom::replica;
        SessionOptions options;
        options.tell = [this](const std::string& text) { told += text; };
        try {
            const Session session(loop, address, options);
            warnings = session.warnings();
        } catch (const Error& thrown) {
            error = thrown.what();
        }
    }

    Loop loop;
    std::string told, error;
    std::vector<std::string> warnings;
};

ReadingFromReplica reading(const std::string& role_of_master) {
    return ReadingFromReplica(FakeServer(answer(polite_redis({{"ROLE", role_of_master}}))));
}

ServerAddress at(const FakeServer& server) {
    ServerAddress address;
    address.host = "127.0.0.1";
    address.port = server.port();
    return address;
}

}  // namespace

TEST_CASE("replicas whose address is none are passed over, and the lag is that of the one found") {
    const FakeServer replica(a_replica(replica_role("connected", resp::integer(90))));
    const auto found = reading(
        master_role({resp::integer(1), resp::array({resp::bulk("h")}), listed(resp::bulk("x")),
                     listed(resp::bulk("")), listed(resp::bulk("1x")), listed(resp::integer(0)),
                     listed(resp::integer(70'000)), listed(replica)},
                    resp::integer(100)));
    CHECK(found.error.empty());
    CHECK(says(found.told, "reading from the replica 127.0.0.1:" + std::to_string(replica.port())));
    CHECK(says(found.told, ", 10 bytes behind its master"));
}

TEST_CASE("a lag that is not told is none") {
    const FakeServer with_offset(a_replica(replica_role("connected", resp::bulk("90"))));
    CHECK_FALSE(says(reading(master_role({listed(with_offset)}, resp::bulk("?"))).told, "behind"));
    const FakeServer without(
        a_replica(resp::array({resp::bulk("slave"), resp::bulk("h"), resp::integer(1)})));
    const auto found = reading(master_role({listed(without)}, resp::integer(100)));
    CHECK(says(found.told, "reading from the replica"));
    CHECK_FALSE(says(found.told, "behind"));
}

TEST_CASE("a replica that is of no use is named, and the next one is tried") {
    const FakeServer waiting(a_replica(replica_role("connect", resp::integer(0))));
    CHECK(says(reading(master_role({listed(waiting)}, resp::integer(1))).error,
               "is not connected to its master"));
    const FakeServer master(answer(polite_redis()));
    CHECK(says(reading(master_role({listed(master)}, resp::integer(1))).error,
               "but says that it is a master"));
    const FakeServer closing(say_and_close(""));
    CHECK(says(reading(master_role({listed(closing)}, resp::integer(1))).error,
               "given as a replica of"));
    const FakeServer good(a_replica(replica_role("connected", resp::integer(1))));
    CHECK(reading(master_role({listed(waiting), listed(master), listed(closing), listed(good)},
                              resp::integer(1)))
              .error.empty());
}

TEST_CASE("a replica that nobody may log in to is no reason to try the next one") {
    const FakeServer closed(answer(
        polite_redis({{"HELLO", resp::error("NOAUTH no")}, {"INFO", resp::error("NOAUTH no")}})));
    const FakeServer good(a_replica(replica_role("connected", resp::integer(1))));
    CHECK(says(reading(master_role({listed(closed), listed(good)}, resp::integer(1))).error,
               "NOAUTH"));
    CHECK(good.count("ROLE") == 0);
}

TEST_CASE("a master that does not tell its replicas") {
    CHECK(says(reading(resp::error("NOPERM no permissions to run the 'role' command")).error,
               "find a replica"));
    CHECK(says(reading(resp::array({resp::bulk("master")})).error, "has no replica"));
    CHECK(says(reading(resp::array({})).error, "has no replica"));
}

TEST_CASE("a replica that has lost its master is read from with a warning") {
    const FakeServer lost(a_replica(replica_role("connect", resp::integer(1)),
                                    "master_link_status:down\r\n"
                                    "master_link_down_since_seconds:7\r\n"));
    const ReadingFromReplica found(lost);
    REQUIRE(found.warnings.size() == 1);
    CHECK(says(found.warnings[0], "is a replica that has lost its master 7 s ago"));
    const FakeServer silent_about_it(
        a_replica(replica_role("connect", resp::integer(1)), "master_link_status:down\r\n"));
    const ReadingFromReplica other(silent_about_it);
    REQUIRE(other.warnings.size() == 1);
    CHECK(says(other.warnings[0], "has lost its master: what it shows"));
}

TEST_CASE("nothing is sent over a connection that was given away") {
    const FakeServer server(answer(polite_redis()));
    Loop loop;
    Session session(loop, at(server), {});
    const LoggedIn away = session.release();
    CHECK(away.connection != nullptr);
    CHECK_FALSE(session.connected());
    std::vector<Reply> replies;
    const auto keep = [&](Reply reply) { replies.push_back(std::move(reply)); };
    session.send({"GET", "k"}, keep);
    const std::string_view args[] = {"GET", "k"};
    session.send_in_place(args, keep);
    session.copy_in_place();
    session.listen(keep);
    bool answered = false;
    session.when_answered([&] { answered = true; });
    CHECK(answered);
    REQUIRE(replies.size() == 2);
    for (const Reply& reply : replies) {
        CHECK(reply.type == Reply::Type::unsent);
        CHECK(reply.text == "not connected");
    }
    CHECK(server.count("GET") == 0);
}

TEST_CASE("a server that now wants a password is not asked again and again") {
    const FakeServer server(
        {answer(polite_redis()), answer(polite_redis({{"HELLO", resp::error("NOAUTH no")},
                                                      {"INFO", resp::error("NOAUTH no")}}))});
    Loop loop;
    Session session(loop, at(server), {});
    CHECK_THROWS_AS(session.reconnect(), LoginRefused);
    CHECK(server.connections() == 2);
}

TEST_CASE("a server that goes away is tried four times, unless a signal comes") {
    const FakeServer server(
        {answer(polite_redis()), [](FakeServer::Connection& connection) { connection.reset(); }});
    Loop loop;
    Session session(loop, at(server), {});
    CHECK_THROWS_AS(session.reconnect(), Error);
    CHECK(server.connections() == 5);
    loop.after(20ms, [] { set_stop_signal(SIGINT); });
    CHECK_THROWS_WITH(session.reconnect(),
                      doctest::Contains("interrupted while waiting for 127.0.0.1"));
    set_stop_signal(0);
}

TEST_CASE("a server is the same if process and role are") {
    const auto info = [](const char* id, const char* role) {
        return answer(
            polite_redis({{"INFO", resp::bulk(std::string("redis_version:7.0.15\r\n") +
                                              "run_id:" + id + "\r\nrole:" + role + "\r\n")}}));
    };
    const FakeServer server({info("a", "master"), info("a", "master"), info("a", "slave"),
                             info("b", "slave"), info("", "slave"), info("", "slave")});
    Loop loop;
    Session session(loop, at(server), {});
    CHECK(session.reconnect());
    for (int i = 0; i < 4; ++i) {
        CHECK_FALSE(session.reconnect());
    }
}

TEST_CASE("what a master that has become a replica refuses was not executed") {
    const FakeServer master(answer(
        polite_redis({{"SET", resp::error("READONLY You can't write against a read only replica.")},
                      {"GET", resp::bulk("v")}})));
    const std::string port = std::to_string(master.port());
    const FakeServer sentinel(answer([port](const FakeServer::Command& command) {
        return command.at(1) == "GET-MASTER-ADDR-BY-NAME"
                   ? resp::array({resp::bulk("127.0.0.1"), resp::bulk(port)})
                   : resp::array({});
    }));
    Loop loop;
    ServerAddress address;
    address.sentinels.nodes = {{"127.0.0.1", sentinel.port()}};
    address.sentinels.master_name = "cache";
    Session session(loop, address, {});
    CHECK(session.call({"GET", "k"}).text == "v");
    std::vector<Reply> replies;
    const auto keep = [&](Reply reply) { replies.push_back(std::move(reply)); };
    const std::string_view args[] = {"SET", "k", "v"};
    session.send_in_place(args, keep);
    session.send({"GET", "k"}, keep);
    loop.run_until([&] { return replies.size() == 2; });
    session.send({"GET", "k"}, keep);
    session.send_in_place(args, keep);
    REQUIRE(replies.size() == 4);
    CHECK(replies[0].type == Reply::Type::unsent);
    CHECK(replies[1].type == Reply::Type::lost);  // it is what a replica has
    CHECK(replies[2].type == Reply::Type::unsent);
    CHECK(replies[3].type == Reply::Type::unsent);
    for (const Reply& reply : replies) {
        CHECK(reply.text == "the master has become a replica");
    }
    CHECK(master.count("GET") == 2);
    CHECK(master.count("SET") == 1);
}
