// Neighbours on real servers: what they stop, and that a look costs about nothing.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;

namespace {

ProcessResult run(const RedisServer& server, std::vector<std::string> words) {
    words.insert(words.end(), {"-s", server.socket_path()});
    return run_cachectl(std::move(words));
}

std::int64_t size_of(const RedisServer& server, const std::string& db) {
    RespClient client = server.client();
    client.run({"SELECT", db});
    return client.integer({"DBSIZE"});
}

/// Database 0: a cache and three keys of Sidekiq; database 5: sessions alone.
void fill(const RedisServer& server) {
    RespClient client = server.client();
    client.pipeline(20'000, [](std::size_t i) {
        return RespClient::Args{"SET", "course:" + std::to_string(i), "x"};
    });
    client.run({"SADD", "queues", "default"});
    client.run({"RPUSH", "queue:default", "job"});
    client.run({"ZADD", "retry", "1", "job"});
    client.run({"SELECT", "5"});
    client.run({"SET", "PHPREDIS_SESSION:k3v1o6h0p8c3b5c2r9q4", "x"});
}

}  // namespace

TEST_CASE("three keys of a queue among 20,000 save the database from FLUSHDB and FLUSHALL") {
    RedisServer server;
    fill(server);
    for (const char* scope : {"--whole-db", "--all-dbs"}) {
        const ProcessResult result = run(server, {"flush", scope, "--yes", "--json"});
        CAPTURE(scope);
        CHECK(result.exit_code == 8);
        CHECK(Json::parse(result.err)["error"]["id"] == "guard-neighbours");
        CHECK(size_of(server, "0") == 20'003);
        CHECK(size_of(server, "5") == 1);
    }
    const ProcessResult all = run(server, {"flush", "--all-dbs", "--dry-run", "--json"});
    CHECK(Json::parse(all.out)["neighbours"][0]["keys"] == 3);
    CHECK(Json::parse(all.out)["neighbours"][1]["name"] == "PHP");

    const ProcessResult spared =
        run(server, {"flush", "--whole-db", "--yes", "--protect", "queue*", "--protect", "retry"});
    CHECK(spared.exit_code == 0);
    CHECK(size_of(server, "0") == 3);
    CHECK(run(server, {"flush", "--all-dbs", "--yes", "--include-neighbours"}).exit_code == 0);
    CHECK(size_of(server, "5") == 0);
}

TEST_CASE("on a cluster the mark is asked of the node that has it") {
    RedisCluster cluster;
    std::vector<std::string> names;
    for (int i = 0; i < 200; ++i) {
        names.push_back("course:" + std::to_string(i));
    }
    cluster.set(names);
    cluster.at_owner("queues", {"SADD", "queues", "default"});
    cluster.at_owner("queue:default", {"RPUSH", "queue:default", "job"});
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"invalidate", "*", "--all", "--yes"},
          {"flush", "--whole-db", "--yes"},
          {"flush", "--all-dbs", "--yes"}}) {
        std::vector<std::string> with_port = words;
        with_port.insert(with_port.end(), {"-p", std::to_string(cluster.port(0)), "--json"});
        const ProcessResult result = run_cachectl(with_port);
        CAPTURE(words[1]);
        CHECK(result.exit_code == 8);
        CHECK(Json::parse(result.err)["error"]["id"] == "guard-neighbours");
    }
    CHECK(cluster.all_keys().size() == 202);
}
