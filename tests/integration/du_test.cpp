// du against real servers, held against an independent count.
#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

ProcessResult du(const RedisServer& server, Strings args) {
    args.insert(args.begin(), {"du", "-s", server.socket_path()});
    return run_cachectl(std::move(args));
}

struct Total {
    std::int64_t keys = 0;
    std::int64_t bytes = 0;
    bool operator==(const Total&) const = default;
};
using Totals = std::map<std::string, Total>;

/// By the first segment, as the server itself counts them.
Totals count(RespClient& redis) {
    const std::vector<std::string> flat = redis.list({"EVAL", R"(
        local keys, bytes, answer = {}, {}, {}
        for _, name in ipairs(redis.call('KEYS', '*')) do
            local ns = string.match(name, '^([^:]*):')
            keys[ns] = (keys[ns] or 0) + 1
            bytes[ns] = (bytes[ns] or 0) + redis.call('MEMORY', 'USAGE', name)
        end
        for ns, n in pairs(keys) do
            table.insert(answer, ns)
            table.insert(answer, tostring(n))
            table.insert(answer, string.format('%d', bytes[ns]))
        end
        return answer)",
                                                      "0"});
    Totals totals;
    for (std::size_t i = 0; i + 2 < flat.size(); i += 3) {
        totals[flat[i]] = {std::stoll(flat[i + 1]), std::stoll(flat[i + 2])};
    }
    return totals;
}

void fill(RespClient& redis, int keys) {
    redis.pipeline(static_cast<std::size_t>(keys), [](std::size_t i) {
        const std::string n = std::to_string(i);
        switch (i % 5) {
            case 0:
                return RespClient::Args{"SET", "sess:" + n, std::string(i % 300, 'x'), "EX", "900"};
            case 1:
                return RespClient::Args{"SET", "tmp:export:" + n, std::string(500, 'y')};
            case 2:
                return RespClient::Args{"HSET", "user:" + n + ":cart", "a", n, "b", n};
            case 3:
                return RespClient::Args{"RPUSH", "queue:" + n, n, n, n};
            default:
                return RespClient::Args{"SET", "sess:" + n, "v"};
        }
    });
}

}  // namespace

TEST_CASE("every key, counted and measured as an independent client does") {
    const RedisServer server;
    RespClient redis = server.client();
    fill(redis, 20'000);
    redis.run({"SET", std::string("odd:\0\xff\x1b[2J\n", 10), "v"});
    Totals seen;
    const json out = json::parse(du(server, {"--json"}).out);
    for (const json& row : out["namespaces"]) {
        seen[row["namespace"]] = {row["keys"], row["bytes"]};
    }
    CHECK(seen == count(redis));
    CHECK(out["sampled"] == false);
    CHECK(out["server"]["used_bytes"].get<std::int64_t>() > 1'000'000);
    CHECK(out["server"]["max_bytes"] == 0);
}

TEST_CASE("of many keys a sample, whose limits hold the truth") {
    const RedisServer server;
    RespClient redis = server.client();
    fill(redis, 120'000);
    Totals truth = count(redis);
    int inside = 0, looked = 0;
    for (int run = 0; run < 20; ++run) {
        const json out = json::parse(du(server, {"--json", "--pace", "full"}).out);
        REQUIRE(out["sampled"] == true);
        CHECK(out["sample_keys"].get<int>() >= 10'000);
        CHECK(out["total"]["keys"] == 120'000);
        for (const json& row : out["namespaces"]) {
            const Total& known = truth.at(row["namespace"]);
            ++looked;
            inside += row["bytes_low"] <= known.bytes && known.bytes <= row["bytes_high"] ? 1 : 0;
        }
    }
    CHECK(looked == 80);
    CHECK(inside >= 60);  // 76 are expected; what a run has too much of, its other rows lack
    CHECK(json::parse(du(server, {"--json", "--exact"}).out)["namespaces"][0]["bytes"] ==
          truth.at("tmp").bytes);
    const json few = json::parse(du(server, {"--json", "--sample", "1000"}).out);
    CHECK(few["sample_keys"] == 1'000);
}

TEST_CASE("a sample does not count keys that have expired, which only the server counts yet") {
    static constexpr std::size_t k_keys = 60'000, k_staying = k_keys / 2;
    const auto fill_and_let_expire = [](const RedisServer& server) {
        RespClient redis = server.client();
        redis.pipeline(k_keys, [](std::size_t i) {
            return RespClient::Args{"SET", "k:" + std::to_string(i), "v"};
        });
        redis.pipeline(k_keys - k_staying, [](std::size_t i) {
            return RespClient::Args{"PEXPIRE", "k:" + std::to_string(2 * i), "1500"};
        });
        redis.command({"WAIT", "1", "1000"});
    };
    const auto check = [](const RedisServer& server) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2'000));
        REQUIRE(server.client().integer({"DBSIZE"}) == k_keys);
        const ProcessResult result = du(server, {"--json", "--sample", "5000"});
        CHECK(result.exit_code == 0);
        CHECK(result.err.find("the server counts 60,000 keys, of which about ") !=
              std::string::npos);
        const json total = json::parse(result.out)["total"];
        CHECK(total["keys_low"] < total["keys_high"]);
        CHECK(total["keys_low"].get<double>() < 1.05 * k_staying);  // their 95 % and more
        CHECK(total["keys_high"].get<double>() > 0.95 * k_staying);
        CHECK(total["keys_high"].get<double>() < 1.2 * k_staying);
    };
    SUBCASE("a replica whose master is away") {
        RedisServer master({}, Listen::tcp_too);
        const RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port())});
        RespClient waiting = replica.client();
        while (waiting.text({"INFO", "replication"}).find("master_link_status:up") ==
               std::string::npos) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        fill_and_let_expire(master);
        master.kill();
        check(replica);
    }
    SUBCASE("a master that is late with removing them") {
        const RedisServer server({"--enable-debug-command", "yes"});
        server.client().run({"DEBUG", "SET-ACTIVE-EXPIRE", "0"});
        fill_and_let_expire(server);
        check(server);
    }
}

TEST_CASE("all masters of a cluster, and a sample of them") {
    RedisCluster cluster({.replicas = false});
    Strings keys;
    for (int i = 0; i < 3'000; ++i) {
        keys.push_back("{tag" + std::to_string(i % 10) + "}:a:" + std::to_string(i));
        keys.push_back("b:" + std::to_string(i));
    }
    cluster.set(keys);
    const auto run = [&](Strings args) {
        args.insert(args.begin(), {"du", "-p", std::to_string(cluster.port(0)), "--json"});
        const ProcessResult result = run_cachectl(std::move(args));
        CHECK(result.exit_code == 0);
        return json::parse(result.out);
    };
    const json all = run({});
    CHECK(all["total"]["keys"] == 6'000);
    CHECK(all["namespaces"].size() == 2);
    int inside = 0;
    for (int i = 0; i < 20; ++i) {
        const json sample = run({"--sample", "1000"});
        CHECK(sample["sampled"] == true);
        CHECK(sample["sample_keys"] == 1'000);
        CHECK(sample["total"]["keys"] == 6'000);
        const json& row = sample["namespaces"][0];
        CHECK(row["keys_high"].get<int>() - row["keys_low"].get<int>() < 450);
        inside += row["keys_low"] <= 3'000 && 3'000 <= row["keys_high"] ? 1 : 0;
    }
    CHECK(inside >= 13);  // 19 are expected; fewer than 13 one time in a hundred thousand
    const json nodes = run({"--by", "node"});
    CHECK(nodes["namespaces"].size() == 3);
    CHECK(run({"--by", "slot"})["namespaces"].size() > 1'000);
}

TEST_CASE("ncdu reads what is written for it") {
    const RedisServer server;
    RespClient redis = server.client();
    fill(redis, 1'000);
    redis.run({"SET", "a::b", "v"});
    redis.run({"SET", std::string("odd:\xff\x1b[2J\n\"", 10), "v"});
    const TempDir dir;
    const std::string file = dir.file("keys.json", du(server, {"-o", "ncdu"}).out);
    const ProcessResult read = Process({"ncdu", "-f", file, "-o", "-"}).wait();
    CHECK(read.exit_code == 0);
    const json tree = json::parse(read.out);
    CHECK(tree[2]["progname"] == "ncdu");
    CHECK(tree[3].size() > 4);
}

TEST_CASE("a server that dies under du says so, and what was seen is no answer") {
    RedisServer server;
    RespClient redis = server.client();
    fill(redis, 50'000);
    server.stop();
    const ProcessResult result = du(server, {"--json"});
    CHECK(result.exit_code == 3);
    CHECK(result.out.empty());
}
