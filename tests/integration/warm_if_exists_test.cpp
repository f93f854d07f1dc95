// --if-exists refresh and update against real servers, and beside an application that writes.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

ProcessResult warm(const RedisServer& server, Words words) {
    words.insert(words.begin(), {"warm", "-s", server.socket_path(), "--json", "--ttl", "1h"});
    return run_cachectl(words);
}

Json summary_of(const ProcessResult& result) {
    CAPTURE(result.err);
    REQUIRE(result.exit_code == 0);
    return Json::parse(result.out);
}

Words refreshing(Words words) {
    words.insert(words.end(), {"--if-exists", "refresh", "--refresh-below", "10m"});
    return words;
}

Words updating(Words words) {
    words.insert(words.end(), {"--if-exists", "update"});
    return words;
}

std::string rows(int count, const char* value) {
    std::string text = "id,v,n\n";
    for (int i = 0; i < count; ++i) {
        text += fmt::format("{},{}{},{}\n", i, value, i, i);
    }
    return text;
}

const std::vector<Words>& shapes() {
    static const std::vector<Words> all = {
        {"--as", "json"}, {"--as", "string", "--columns", "v"}, {"--as", "hash"}, {"--as", "list"},
        {"--as", "set"},  {"--as", "zset", "--columns", "v,n"},
    };
    return all;
}

Words shaped(const std::string& file, const Words& shape) {
    Words words = {file, "--key", "k:{id}", "--verify"};
    words.insert(words.end(), shape.begin(), shape.end());
    return words;
}

std::int64_t expiry(RespClient& redis, const std::string& key) {
    return redis.integer({"PTTL", key});
}

}  // namespace

TEST_CASE("refresh writes what is missing or expires soon, value and TTL together") {
    RedisServer server;
    RespClient redis = server.client();
    const TempDir dir;
    const std::string old = dir.file("old.csv", rows(400, "old"));
    const std::string fresh = dir.file("new.csv", rows(500, "new"));
    for (const Words& shape : shapes()) {
        CAPTURE(shape[1]);
        redis.run({"FLUSHALL"});
        CHECK(summary_of(warm(server, shaped(old, shape)))["written"] == 400);
        for (int i = 0; i < 300; ++i) {
            redis.run({"PEXPIRE", fmt::format("k:{}", i), "500000"});
        }
        redis.run({"PERSIST", "k:399"});
        const std::string kept = redis.text({"DUMP", "k:399"});
        const Json summary = summary_of(warm(server, refreshing(shaped(fresh, shape))));
        CHECK(summary["keys"] == 500);
        CHECK(summary["written"] == 400);
        CHECK(summary["replaced"] == 300);
        CHECK(summary["skipped"] == 100);
        CHECK(summary["verified"] == 400);
        CHECK(expiry(redis, "k:0") > 3'500'000);
        CHECK(expiry(redis, "k:399") == -1);
        CHECK(redis.text({"DUMP", "k:399"}) == kept);
        CHECK(redis.integer({"DBSIZE"}) == 500);
    }
}

TEST_CASE("a larger value is replaced without being read, and a large one in pieces") {
    RedisServer server;
    RespClient redis = server.client();
    const TempDir dir;
    const std::string file = dir.file("a.csv", rows(1, "old"));
    const auto sent = [&] {
        const std::string stats = redis.text({"INFO", "stats"});
        const std::string name = "total_net_output_bytes:";
        return std::stoll(stats.substr(stats.find(name) + name.size()));
    };
    const std::string large(std::size_t{20} << 20, 'x');
    redis.run({"HSET", "k:0", "id", "0", "v", large, "n", "0"});
    const auto before = sent();
    const Words shape = {file, "--key", "k:{id}", "--as", "hash"};
    const Json summary = summary_of(warm(server, updating(shape)));
    CHECK(summary["replaced"] == 1);
    CHECK(redis.text({"HGET", "k:0", "v"}) == "old0");
    CHECK(sent() - before < 1'000'000);

    std::string many = "g,v\n";
    for (int i = 0; i < 5'000; ++i) {
        many += fmt::format("1,member {}\n", i);
    }
    for (const char* as : {"set", "list"}) {
        const Words group = {dir.file("b.csv", many),
                             "--group",
                             fmt::format("{}:{{g}}", as),
                             "--columns",
                             "v",
                             "--as",
                             as};
        CHECK(summary_of(warm(server, updating(group)))["written"] == 1);
        CHECK(summary_of(warm(server, updating(group)))["unchanged"] == 1);
    }
}

TEST_CASE("a hash whose fields expire by themselves is not what is to be there") {
    RedisServer server;
    RespClient redis = server.client();
    const TempDir dir;
    const Words words = {dir.file("a.csv", rows(2, "old")), "--key", "k:{id}", "--as", "hash"};
    CHECK(summary_of(warm(server, updating(words)))["written"] == 2);
    const RespValue expires = redis.command({"HEXPIRE", "k:1", "1000", "FIELDS", "1", "v"});
    const bool is_known = expires.type != RespValue::Type::error;
    const Json summary = summary_of(warm(server, updating(words)));
    CHECK(summary["unchanged"] == (is_known ? 1 : 2));
    CHECK(summary["written"] == (is_known ? 1 : 0));
    if (is_known) {
        CHECK(redis.command({"HTTL", "k:1", "FIELDS", "1", "v"}).elements.at(0).integer == -1);
    }
}

TEST_CASE("update writes what is missing or differs, and leaves the rest with its TTL") {
    RedisServer server;
    RespClient redis = server.client();
    const TempDir dir;
    const std::string old = dir.file("old.csv", rows(400, "old"));
    std::string text = rows(500, "old");
    for (int i = 0; i < 100; ++i) {  // as long as the old ones, or longer
        const std::string row = fmt::format("\n{},old{},", i, i);
        text.replace(text.find(row), row.size(),
                     fmt::format("\n{},{}{},", i, i % 2 == 0 ? "new" : "newer", i));
    }
    const std::string fresh = dir.file("new.csv", text);
    for (const Words& shape : shapes()) {
        CAPTURE(shape[1]);
        redis.run({"FLUSHALL"});
        CHECK(summary_of(warm(server, shaped(old, shape)))["written"] == 400);
        redis.run({"PEXPIRE", "k:300", "500000"});
        redis.run({"PERSIST", "k:301"});
        redis.run({"DEL", "k:302", "k:303"});
        redis.run({"XADD", "k:302", "*", "f", "v"});  // another type
        redis.run({"SET", "k:303", ""});
        const Json summary = summary_of(warm(server, updating(shaped(fresh, shape))));
        CHECK(summary["keys"] == 500);
        CHECK(summary["written"] == 202);
        CHECK(summary["replaced"] == 102);
        CHECK(summary["unchanged"] == 298);
        CHECK(summary["skipped"] == 0);
        CHECK(summary["verified"] == 202);
        CHECK(expiry(redis, "k:300") < 500'001);
        CHECK(expiry(redis, "k:301") == -1);
        const Json again = summary_of(warm(server, updating(shaped(fresh, shape))));
        CHECK(again["unchanged"] == 500);
        CHECK(again["bytes"] == 0);
    }
}

TEST_CASE("what an application writes meanwhile is never overwritten, and all else is written") {
    RedisServer server;
    RespClient redis = server.client();
    const TempDir dir;
    constexpr int k_keys = 30'000;
    const std::string file = dir.file("new.csv", rows(k_keys, "new"));
    for (const Words& shape : {Words{"--as", "string", "--columns", "v"}, Words{"--as", "hash"}}) {
        CAPTURE(shape[1]);
        redis.run({"FLUSHALL"});
        redis.pipeline(k_keys, [](std::size_t i) {
            return Words{"SET", fmt::format("k:{}", i), "old", "EX", "60"};
        });
        Words words = refreshing({file, "--key", "k:{id}", "--pace", "full"});
        words.insert(words.end(), shape.begin(), shape.end());
        words.insert(words.begin(), {"warm", "-s", server.socket_path(), "--json", "--ttl", "1h"});
        Process process(cachectl_argv(words));
        // Every third key, once, from the end to the beginning, so that both meet in the middle.
        int written = 0;
        for (int i = k_keys - 1; i >= 0; i -= 3) {
            redis.run({"SET", fmt::format("k:{}", i), "app", "EX", "9000"});
            ++written;
        }
        const Json summary = summary_of(process.wait());
        CHECK(summary["written"].get<int>() + summary["skipped"].get<int>() == k_keys);
        int ours = 0;
        int theirs = 0;
        for (int i = 0; i < k_keys; ++i) {
            const std::string key = fmt::format("k:{}", i);
            const bool is_theirs = redis.integer({"PTTL", key}) > 3'600'000;
            (is_theirs ? theirs : ours) += 1;
        }
        CHECK(theirs == written);
        CHECK(ours == k_keys - written);
    }
}

TEST_CASE("a key that the run makes twice is counted once") {
    RedisServer server;
    RespClient redis = server.client();
    const TempDir dir;
    const std::string file =
        dir.file("a.csv", "id,v\n1,old\n1,new\n2,x\n2,x\n3,a\n3,b\n4,same\n4,same\n");
    redis.run({"SET", "k:1", "old"});
    redis.run({"SET", "k:4", "same"});
    Words words = {file, "--key", "k:{id}", "--value", "{v}", "--max-errors", "9"};
    const Json update = summary_of(warm(server, updating(words)));
    CHECK(update["keys"] == 8);
    CHECK(update["duplicates"] == 4);
    CHECK(update["written"] == 3);
    CHECK(update["unchanged"] == 1);
    CHECK(update["replaced"].get<int>() <= 3);
    CHECK(redis.text({"GET", "k:1"}) == "new");
    CHECK(redis.text({"GET", "k:3"}) == "b");  // the last one wins, as with overwrite
    redis.run({"FLUSHALL"});
    const Json refresh = summary_of(warm(server, refreshing(words)));
    CHECK(refresh["written"] == 4);
    CHECK(refresh["skipped"] == 0);
    CHECK(refresh["duplicates"] == 4);
    CHECK(redis.text({"GET", "k:3"}) == "a");  // the first one, as with skip
}

TEST_CASE("a large value is compared and replaced whole") {
    RedisServer server;
    RespClient redis = server.client();
    const TempDir dir;
    const std::string large(3 << 20, 'x');
    const std::string file = dir.file("a.csv", "id,v\n1," + large + "\n2," + large + "\n");
    redis.run({"SET", "k:1", large + "y"});
    redis.run({"SET", "k:2", large});
    const Json summary =
        summary_of(warm(server, updating({file, "--key", "k:{id}", "--value", "{v}"})));
    CHECK(summary["replaced"] == 1);
    CHECK(summary["unchanged"] == 1);
    CHECK(redis.text({"GET", "k:1"}) == large);
}

TEST_CASE("in a cluster each key is watched where it lives") {
    RedisCluster cluster({.replicas = false});
    const TempDir dir;
    const std::string file = dir.file("new.csv", rows(2'000, "new"));
    for (const Words& shape : shapes()) {
        CAPTURE(shape[1]);
        cluster.flush();
        std::vector<std::string> keys;
        for (int i = 0; i < 1'500; ++i) {
            keys.push_back(fmt::format("k:{}", i));
        }
        cluster.set(keys, "old");
        for (int i = 0; i < 700; ++i) {
            const std::string key = fmt::format("k:{}", i);
            cluster.at_owner(key, {"PEXPIRE", key, "500000"});
        }
        const auto run = [&](const Words& how) {
            Words words = {"warm", "-p", std::to_string(cluster.port(0)), "--json", "--ttl", "1h"};
            words.insert(words.end(), how.begin(), how.end());
            return summary_of(run_cachectl(words));
        };
        const Json refresh = run(refreshing(shaped(file, shape)));
        CHECK(refresh["replaced"] == 700);
        CHECK(refresh["written"] == 1'200);
        CHECK(refresh["skipped"] == 800);
        CHECK(refresh["verified"] == 1'200);
        const Json update = run(updating(shaped(file, shape)));
        CHECK(update["unchanged"] == 1'200);
        CHECK(update["replaced"] == 800);
        CHECK(update["verified"] == 800);
    }
}
