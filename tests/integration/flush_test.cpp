// flush against real servers: namespaces, a database, all databases, and what must survive.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/fake_server.hpp"
#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

std::vector<std::string> on(const RedisServer& server, std::vector<std::string> words) {
    words.insert(words.end(), {"-s", server.socket_path()});
    return words;
}

ProcessResult flush(const RedisServer& server, std::vector<std::string> words) {
    words.insert(words.begin(), "flush");
    return run_cachectl(on(server, std::move(words)));
}

/// Database 0 has 100 courses, 10 sessions and a queue; database 1 has 5 keys.
void fill(RedisServer& server) {
    RespClient client = server.client();
    client.pipeline(100, [](std::size_t i) {
        return RespClient::Args{"SET", "course:" + std::to_string(i), "x"};
    });
    client.pipeline(10, [](std::size_t i) {
        return RespClient::Args{"SET", "sess:" + std::to_string(i), "x", "EX", "1000"};
    });
    client.run({"RPUSH", "queue:default", "job"});
    client.run({"SET", "courses", "not in the namespace"});
    client.run({"SELECT", "1"});
    client.pipeline(5, [](std::size_t i) {
        return RespClient::Args{"SET", "course:" + std::to_string(i), "x"};
    });
}

std::int64_t size_of(RedisServer& server, const std::string& db) {
    RespClient client = server.client();
    client.run({"SELECT", db});
    return client.integer({"DBSIZE"});
}

}  // namespace

TEST_CASE("a namespace goes, its neighbours stay") {
    RedisServer server;
    fill(server);
    const ProcessResult result = flush(server, {"course", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["deleted"] == 100);
    CHECK(size_of(server, "0") == 12);
    CHECK(server.client().integer({"EXISTS", "courses"}) == 1);
    CHECK(size_of(server, "1") == 5);
}

TEST_CASE("--whole-db empties one database") {
    RedisServer server;
    fill(server);
    const ProcessResult result = flush(server, {"--whole-db", "-n", "1", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["deleted"] == 5);
    CHECK(summary["target"] == server.socket_path() + "?db=1");
    CHECK(size_of(server, "0") == 112);
    CHECK(size_of(server, "1") == 0);
}

TEST_CASE("--whole-db beside sessions and a job queue spares what is protected") {
    RedisServer server;
    fill(server);
    const ProcessResult result = flush(
        server, {"--whole-db", "--protect", "sess:*", "--protect", "queue:*", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["deleted"] == 101);
    CHECK(summary["protected"] == 11);
    CHECK(size_of(server, "0") == 11);
    CHECK(server.client().integer({"LLEN", "queue:default"}) == 1);
    CHECK(server.client().integer({"TTL", "sess:1"}) > 900);
    const std::string stats = server.client().text({"INFO", "commandstats"});
    CHECK(stats.find("cmdstat_flushdb:") == std::string::npos);
}

TEST_CASE("--all-dbs empties them all") {
    RedisServer server;
    fill(server);
    const ProcessResult result = flush(server, {"--all-dbs", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["deleted"] == 117);
    CHECK(summary["namespaces"] == Json{{"db0", 112}, {"db1", 5}});
    CHECK(size_of(server, "0") == 0);
    CHECK(size_of(server, "1") == 0);
}

TEST_CASE("a person types the server's name, or nothing happens") {
    RedisServer server;
    fill(server);
    const auto command = cachectl_argv(on(server, {"flush", "--whole-db"}));
    PtyProcess wrong(command);
    REQUIRE(wrong.expect("to go on: "));
    wrong.type("yes\n");
    CHECK(wrong.wait().exit_code == 8);
    CHECK(size_of(server, "0") == 112);

    PtyProcess right(command);
    REQUIRE(right.expect("the WHOLE database 0, 112 keys"));
    REQUIRE(right.expect("to go on: "));
    right.type(server.socket_path() + "\n");
    CHECK(right.wait().exit_code == 0);
    CHECK(right.expect("deleted 112 of 112 keys"));
    CHECK(size_of(server, "0") == 0);
}

TEST_CASE("a FLUSHDB without a reply is sent once and reported as unknown") {
    FakeServer server([](FakeServer::Connection& connection) {
        const Handler polite = polite_redis({{"DBSIZE", resp::integer(7)}});
        while (const auto command = connection.read_command()) {
            if (command->front() == "FLUSHDB") {
                return;  // and the connection ends
            }
            connection.send(polite(*command));
        }
    });
    const ProcessResult result =
        run_cachectl({"flush", "--whole-db", "--include-neighbours", "--yes", "--retry-unknown",
                      "--json", "-p", std::to_string(server.port())});
    CHECK(result.exit_code == 5);
    CHECK(Json::parse(result.out)["unknown"] == 7);
    CHECK(result.err.find("outcome is unknown") != std::string::npos);
    CHECK(result.err.find("DBSIZE") != std::string::npos);
    CHECK(server.count("FLUSHDB") == 1);
}

TEST_CASE("an ACL user without +flushdb is told so, and of the other way") {
    RedisServer server;
    fill(server);
    server.client().run({"ACL", "SETUSER", "app", "on", ">pw", "+@all", "-flushdb", "~*"});
    const ProcessResult result =
        flush(server, {"--whole-db", "--yes", "--user", "app", "-a", "pw"});
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("+flushdb") != std::string::npos);
    CHECK(size_of(server, "0") == 112);
}
