// capabilities as users with more and fewer rights.
#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

struct Answer {
    json whole;
    std::map<std::string, std::string> works;
};

Answer answer_for(const RedisServer& server, const std::string& user) {
    std::vector<std::string> args = {"capabilities", "-s", server.socket_path(), "--json"};
    if (!user.empty()) {
        args.insert(args.end(), {"--user", user, "-a", "any"});
    }
    const ProcessResult result = run_cachectl(args);
    CHECK(result.exit_code == 0);
    Answer answer{json::parse(result.out), {}};
    for (const json& command : answer.whole["commands"]) {
        answer.works[command["name"]] = command["works"];
    }
    return answer;
}

}  // namespace

TEST_CASE("a user who may all can use every command") {
    const RedisServer server;
    const Answer answer = answer_for(server, "");
    CHECK(answer.whole["user"] == "default");
    CHECK(answer.whole["acl"].is_null());
    for (const auto& command : answer.works) {
        CAPTURE(command.first);
        CHECK(command.second == "fully");
    }
}

TEST_CASE("what is missing is named, and is enough once it is granted") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"ACL", "SETUSER", "bob", "on", "nopass", "~*", "+hello", "+info", "+acl|whoami",
               "+acl|dryrun", "+command|info", "+scan", "+unlink"});
    const std::string before = redis.text({"INFO", "commandstats"});
    const Answer some = answer_for(server, "bob");
    CHECK(some.whole["tested"] == true);
    CHECK(some.works.at("keys") == "partly");
    CHECK(some.works.at("du") == "no");
    CHECK(some.works.at("health") == "partly");
    CHECK(some.whole["rules"]["+scan"] == "allowed");
    CHECK(some.whole["rules"]["+pttl"] == "denied");
    // Nothing was run to find out.
    const std::string after = redis.text({"INFO", "commandstats"});
    CHECK_FALSE(has(after, "cmdstat_pttl:"));
    CHECK_FALSE(has(after, "cmdstat_flushall:"));

    const std::string rules = some.whole["acl"];
    CHECK(rules.starts_with("ACL SETUSER bob +"));
    std::vector<std::string> words;
    for (std::size_t at = 0; at != std::string::npos;) {
        const std::size_t end = rules.find(' ', at);
        words.push_back(rules.substr(at, end - at));
        at = end == std::string::npos ? end : end + 1;
    }
    redis.run(words);
    for (const auto& command : answer_for(server, "bob").works) {
        CAPTURE(command.first);
        CHECK(command.second == "fully");
    }
}

TEST_CASE("where the server does not say, it is unknown and not denied") {
    const RedisServer server;
    server.client().run(
        {"ACL", "SETUSER", "bob", "on", "nopass", "~*", "+hello", "+info", "+scan"});
    const Answer answer = answer_for(server, "bob");
    CHECK(answer.whole["tested"] == false);
    CHECK(answer.works.at("keys") == "unknown");
    CHECK(answer.whole["acl"].is_null());
}
