// expire against a real server.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;

namespace {

ProcessResult expire(const RedisServer& server, std::vector<std::string> words) {
    words.insert(words.begin(), "expire");
    words.insert(words.end(), {"-s", server.socket_path()});
    return run_cachectl(std::move(words));
}

void fill(RedisServer& server) {
    RespClient client = server.client();
    client.run({"SET", "c:forever", "x"});
    client.run({"SET", "c:long", "x", "PX", "7200000"});
    client.run({"SET", "c:short", "x", "PX", "60000"});
    client.run({"HSET", std::string("c:nul\0\n\xff", 8), "f", "v"});
    client.run({"SET", "sess:a", "x", "PX", "7200000"});
}

std::int64_t ttl(RedisServer& server, const std::string& key) {
    return server.client().integer({"PTTL", key});
}

bool about(std::int64_t value, std::int64_t expected) {
    return value <= expected && value > expected - 20'000;
}

}  // namespace

TEST_CASE("--cap shortens and never lengthens, whatever is in the key's name") {
    RedisServer server;
    fill(server);
    const ProcessResult result = expire(server, {"c:*", "--cap", "1h", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    const Json summary = Json::parse(result.out);
    CHECK(summary["matched"] == 4);
    CHECK(summary["changed"] == 3);
    CHECK(summary["unchanged"] == 1);
    CHECK(about(ttl(server, "c:forever"), 3'600'000));
    CHECK(about(ttl(server, "c:long"), 3'600'000));
    CHECK(about(ttl(server, "c:short"), 60'000));
    CHECK(about(ttl(server, std::string("c:nul\0\n\xff", 8)), 3'600'000));
    CHECK(about(ttl(server, "sess:a"), 7'200'000));
}

TEST_CASE("--set, --add and --remove") {
    RedisServer server;
    fill(server);
    CHECK(expire(server, {"c:*", "--add", "1h", "--yes"}).exit_code == 0);
    CHECK(ttl(server, "c:forever") == -1);
    CHECK(about(ttl(server, "c:short"), 3'660'000));
    CHECK(about(ttl(server, "c:long"), 10'800'000));
    CHECK(expire(server, {"c:*", "--set", "10m", "--yes"}).exit_code == 0);
    CHECK(about(ttl(server, "c:forever"), 600'000));
    CHECK(about(ttl(server, "c:long"), 600'000));
    CHECK(expire(server, {"c:*", "--remove", "--yes"}).exit_code == 0);
    CHECK(ttl(server, "c:short") == -1);
    CHECK(about(ttl(server, "sess:a"), 7'200'000));
}

TEST_CASE("100,000 keys get times that are spread, and their lives are not touched otherwise") {
    RedisServer server;
    RespClient client = server.client();
    client.pipeline(100'000, [](std::size_t i) {
        return RespClient::Args{"SET", "k:" + std::to_string(i), std::to_string(i)};
    });
    const ProcessResult result =
        expire(server, {"k:*", "--set", "1h", "--jitter", "50%", "--yes", "--json"});
    CHECK(result.exit_code == 0);
    CHECK(Json::parse(result.out)["changed"] == 100'000);
    CHECK(client.integer({"DBSIZE"}) == 100'000);
    CHECK(client.text({"GET", "k:77"}) == "77");
    std::int64_t below = 0;
    for (int i = 0; i < 1'000; ++i) {
        const std::int64_t left = client.integer({"PTTL", "k:" + std::to_string(i)});
        CHECK(left > 1'740'000);
        CHECK(left <= 3'600'000);
        if (left < 2'700'000) {
            ++below;
        }
    }
    CHECK(below > 400);
    CHECK(below < 600);
}

TEST_CASE("an overlong time is a usage error, and so is one that deletes") {
    RedisServer server;
    fill(server);
    CHECK(expire(server, {"c:*", "--set", "99999999d", "--yes"}).exit_code == 2);
    CHECK(expire(server, {"c:*", "--cap", "0", "--yes"}).exit_code == 2);
    CHECK(expire(server, {"c:*", "--add", "36500d", "--yes"}).exit_code == 0);
    CHECK(ttl(server, "c:short") > 7'200'000);
    CHECK(ttl(server, "c:forever") == -1);
}

TEST_CASE("a person is asked first") {
    RedisServer server;
    fill(server);
    PtyProcess terminal(
        cachectl_argv({"expire", "c:*", "--set", "1m", "-s", server.socket_path()}));
    REQUIRE(terminal.expect("About to change the expiry of 4 keys in database 0"));
    REQUIRE(terminal.expect("Go on? [y/N] "));
    terminal.type("n\n");
    CHECK(terminal.wait().exit_code == 8);
    CHECK(ttl(server, "c:forever") == -1);
    CHECK(expire(server, {"c:*", "--set", "1m"}).exit_code == 8);
}
