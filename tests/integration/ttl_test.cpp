// ttl against a real server.
#include <doctest/doctest.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

ProcessResult ttl(const RedisServer& server, Strings args, ProcessOptions options = {}) {
    args.insert(args.begin(), {"ttl", "-s", server.socket_path()});
    return run_cachectl(std::move(args), std::move(options));
}

std::time_t from_iso8601(const std::string& text) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    REQUIRE(end != nullptr);
    CHECK(*end == '\0');
    return ::timegm(&parts);
}

}  // namespace

TEST_CASE("a key's time to live, and when that will be") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "hour", "v", "EX", "3600"});
    redis.run({"SET", "ever", "v"});
    redis.run({"SET", "far", "v", "PX", "9000000000000000"});  // 285,000 years
    json list = json::parse(ttl(server, {"hour", "ever", "--json"}).out);
    REQUIRE(list.size() == 2);
    if (list[0]["key"] == "ever") {
        std::swap(list[0], list[1]);
    }
    CHECK(list[0]["key"] == "hour");
    CHECK(list[0]["exists"] == true);
    CHECK(list[0]["ttl_ms"].get<int>() > 3'500'000);
    CHECK(list[0]["ttl_ms"].get<int>() <= 3'600'000);
    const auto expires = from_iso8601(list[0]["expires_at"].get<std::string>());
    CHECK(expires >= std::time(nullptr) + 3'500);
    CHECK(expires <= std::time(nullptr) + 3'601);
    CHECK(list[1] ==
          json({{"key", "ever"}, {"exists", true}, {"ttl_ms", nullptr}, {"expires_at", nullptr}}));
    const ProcessResult far = ttl(server, {"far"});
    CHECK(far.exit_code == 0);
    CHECK(far.out.ends_with("\tafter 9999\tfar\n"));
}

TEST_CASE("listed keys that are not there, among nasty ones that are") {
    const RedisServer server;
    RespClient redis = server.client();
    const std::string nasty("a\n\x1b[1m\xff", 7);
    redis.run({"SET", nasty, "v"});
    ProcessOptions input;
    input.stdin_bytes = nasty + std::string("\0gone\0", 6);
    CHECK(ttl(server, {"--keys-from", "-", "-0"}, input).out ==
          "never\t-\t" + nasty + std::string("\0missing\t-\tgone\0", 16));
    const json list = json::parse(ttl(server, {"--keys-from", "-", "-0", "--json"}, input).out);
    REQUIRE(list.size() == 2);
    CHECK(list[0]["key_base64"] == "YQobWzFt/w==");
    CHECK(list[0]["exists"] == true);
    CHECK(list[1]["exists"] == false);

    PtyProcess terminal(cachectl_argv({"ttl", "-s", server.socket_path(), "--color", "never"}));
    CHECK(terminal.wait().exit_code == 0);
    CHECK(terminal.screen() ==
          "  TTL  EXPIRES (UTC)  KEY\r\nnever  -              a\\x0a\\x1b[1m\\xff\r\n");
}

TEST_CASE("a summary of 50,000 keys adds up") {
    const RedisServer server;
    server.client().pipeline(50'000, [](std::size_t i) -> RespClient::Args {
        const std::string key = "k" + std::to_string(i);
        if (i % 5 == 0) {
            return {"SET", key, "v"};
        }
        return {"SET", key, "v", "EX", std::to_string(i % 5 * 1000)};
    });
    const ProcessResult result = ttl(server, {"--summary", "--json"});
    CHECK(result.exit_code == 0);
    const json summary = json::parse(result.out);
    CHECK(summary["keys"] == 50'000);
    CHECK(summary["persistent"] == 10'000);
    CHECK(summary["expiring"] == 40'000);
    CHECK(summary["complete"] == true);
    CHECK(summary["min_ms"].get<int>() > 900'000);
    CHECK(summary["min_ms"].get<int>() <= 1'000'000);
    CHECK(summary["max_ms"].get<int>() > 3'900'000);
    CHECK(summary["max_ms"].get<int>() <= 4'000'000);
    CHECK(summary["p50_ms"].get<double>() == doctest::Approx(2'000'000).epsilon(0.05));
    CHECK(summary["p90_ms"].get<double>() == doctest::Approx(4'000'000).epsilon(0.05));
    std::uint64_t in_buckets = 0;
    for (const json& bucket : summary["buckets"]) {
        in_buckets += bucket["keys"].get<std::uint64_t>();
    }
    CHECK(in_buckets == 40'000);
    CHECK(summary["buckets"].back()["le_ms"].is_null());

    PtyOptions options;
    options.process.env = {{"LANG", "C.UTF-8"}};
    PtyProcess terminal(cachectl_argv({"ttl", "-s", server.socket_path(), "--summary"}), options);
    CHECK(terminal.wait().exit_code == 0);
    CHECK(terminal.screen().find("\u2588\u2588") != std::string::npos);
    CHECK(terminal.screen().find("50,000 keys: the first expires in 1") != std::string::npos);
}

TEST_CASE("a full disk under stdout is an error of its own") {
    const RedisServer server;
    server.client().run({"SET", "a", "v"});
    ProcessOptions options;
    options.stdout_path = "/dev/full";
    CHECK(ttl(server, {}, options).exit_code == 7);
    CHECK(ttl(server, {"--summary"}, options).exit_code == 7);
}
