// Commands about single keys on a cluster of three masters and three replicas.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

RedisCluster& cluster() {
    static RedisCluster shared;
    return shared;
}

ProcessResult run_at(std::size_t node, Strings args, ProcessOptions options = {}) {
    args.insert(args.end(), {"-p", std::to_string(cluster().port(node))});
    return run_cachectl(std::move(args), std::move(options));
}

ProcessOptions with_stdin(std::string bytes) {
    ProcessOptions options;
    options.stdin_bytes = std::move(bytes);
    return options;
}

}  // namespace

TEST_CASE("slots are those of the server") {
    for (const std::string& key :
         {std::string("foo"), std::string("{user1000}.following"), std::string("foo{}{bar}"),
          std::string("foo{{bar}}zap"), std::string("a\0b\xff", 4), std::string("")}) {
        CAPTURE(key);
        CHECK(cluster().client(0).integer({"CLUSTER", "KEYSLOT", key}) == slot_of(key));
    }
}

TEST_CASE("get finds a key from any node, replicas too") {
    cluster().flush();
    cluster().set(numbered("k:", 20), "value");
    for (std::size_t node = 0; node < cluster().size(); ++node) {
        for (const char* key : {"k:1", "k:2", "k:3", "k:4"}) {
            CAPTURE(node);
            CAPTURE(key);
            const ProcessResult result = run_at(node, {"get", key, "--raw"});
            CHECK(result.exit_code == 0);
            CHECK(result.out == "value");
            CHECK(result.err == "");
        }
    }
    CHECK(run_at(0, {"get", "nobody"}).exit_code == 1);
}

TEST_CASE("over the Unix socket of a node, too") {
    cluster().flush();
    cluster().set(numbered("k:", 20), "value");
    for (const char* key : {"k:1", "k:2", "k:3", "k:4"}) {
        const ProcessResult result =
            run_cachectl({"get", key, "--raw", "-s", cluster().node(1).socket_path()});
        CHECK(result.exit_code == 0);
        CHECK(result.out == "value");
    }
}

TEST_CASE("ttl of listed keys comes in the order of the list") {
    cluster().flush();
    const Strings keys = numbered("k:", 2000);
    cluster().set(keys);
    const ProcessResult result =
        run_at(2, {"ttl", "--keys-from", "-", "-o", "plain"}, with_stdin(lines_of(keys)));
    CHECK(result.exit_code == 0);
    std::string expected;
    for (const std::string& key : keys) {
        expected += "never\t-\t" + key + '\n';
    }
    CHECK(result.out == expected);
}

TEST_CASE("invalidate deletes listed keys of all slots, and nothing else") {
    cluster().flush();
    const Strings gone = numbered("gone:", 3000);
    const Strings tagged = numbered("{tag}:", 1500);
    const Strings kept = numbered("kept:", 500);
    for (const Strings* keys : {&gone, &tagged, &kept}) {
        cluster().set(*keys);
    }
    const ProcessResult result = run_at(0, {"invalidate", "--keys-from", "-", "--yes", "--json"},
                                        with_stdin(lines_of(gone) + lines_of(tagged)));
    CHECK(result.exit_code == 0);
    CHECK(result.err == "");
    const json summary = json::parse(result.out);
    CHECK(summary["deleted"] == 4500);
    CHECK(summary["vanished"] == 0);
    CHECK(summary["complete"] == true);
    CHECK(summary["namespaces"] == json{{"gone", 3000}, {"{tag}", 1500}});
    Strings left = kept;
    std::sort(left.begin(), left.end());
    CHECK(cluster().all_keys() == left);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK_FALSE(has(cluster().client(i).text({"INFO", "errorstats"}), "CROSSSLOT"));
    }
}

TEST_CASE("expire reaches keys of all slots") {
    cluster().flush();
    const Strings keys = numbered("k:", 1000);
    cluster().set(keys);
    const ProcessResult result =
        run_at(0, {"expire", "--keys-from", "-", "--set", "1h", "--yes", "--json"},
               with_stdin(lines_of(keys)));
    CHECK(result.exit_code == 0);
    CHECK(json::parse(result.out)["changed"] == 1000);
    for (const char* key : {"k:1", "k:2", "k:3", "k:999"}) {
        CHECK(cluster().at_owner(key, {"PTTL", key}).integer > 3'500'000);
    }
}

TEST_CASE("warm writes strings and transactions where they belong") {
    cluster().flush();
    std::string rows;
    for (int i = 0; i < 3000; ++i) {
        rows += "{\"id\":" + std::to_string(i) + ",\"name\":\"n" + std::to_string(i) + "\"}\n";
    }
    const ProcessResult strings =
        run_at(0, {"warm", "-", "--key", "s:{id}", "--ttl", "1h", "--json"}, with_stdin(rows));
    CHECK(strings.exit_code == 0);
    CHECK(strings.err == "");
    CHECK(json::parse(strings.out)["written"] == 3000);
    const ProcessResult hashes =
        run_at(1, {"warm", "-", "--key", "h:{id}", "--as", "hash", "--ttl", "1h", "--json"},
               with_stdin(rows));
    CHECK(hashes.exit_code == 0);
    CHECK(hashes.err == "");
    CHECK(json::parse(hashes.out)["written"] == 3000);
    const ProcessResult again =
        run_at(1, {"warm", "-", "--key", "h:{id}", "--as", "hash", "--ttl", "1h", "--json"},
               with_stdin(rows));
    CHECK(json::parse(again.out)["skipped"] == 3000);
    CHECK(cluster().all_keys().size() == 6000);
    CHECK(cluster().at_owner("s:7", {"GET", "s:7"}).text == R"({"id":7,"name":"n7"})");
    CHECK(cluster().at_owner("h:2999", {"HGET", "h:2999", "name"}).text == "n2999");
    CHECK(cluster().at_owner("h:2999", {"PTTL", "h:2999"}).integer > 3'500'000);
}

TEST_CASE("a single server is no cluster, and the reverse") {
    const RedisServer single;
    const ProcessResult on =
        run_cachectl({"get", "k", "-s", single.socket_path(), "--cluster", "on"});
    CHECK(on.exit_code == 2);
    CHECK(on.err == "cachectl: error: " + single.socket_path() +
                        " is no node of a cluster: its mode is standalone\n"
                        "cachectl: leave --cluster out, or give a node's address\n");
    const ProcessResult off = run_at(0, {"get", "k", "--cluster", "off"});
    CHECK(off.exit_code == 2);
    CHECK(off.err.find(cluster().address(0) + " is a node of a cluster") != std::string::npos);
    CHECK(run_at(0, {"get", "k", "--cluster", "on"}).exit_code == 1);
    CHECK(run_at(0, {"get", "k", "--cluster", "maybe"}).exit_code == 2);
}

TEST_CASE("a cluster has database 0 alone") {
    const ProcessResult result = run_at(0, {"get", "k", "-n", "3"});
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("cannot select database 3") != std::string::npos);
    CHECK(result.err.find("database 0 alone") != std::string::npos);
}

TEST_CASE("another database is refused before any command on keys is sent") {
    cluster().flush();
    cluster().set(numbered("k:", 30));
    for (std::size_t i = 0; i < cluster().size(); ++i) {
        cluster().client(i).run({"CONFIG", "RESETSTAT"});
    }
    const std::string url = "redis://127.0.0.1:" + std::to_string(cluster().port(1)) + "/3";
    ProcessOptions environment = with_stdin("{\"id\":1}\n");
    environment.env["REDIS_DB"] = "3";
    for (const Strings& args :
         {Strings{"keys"}, Strings{"invalidate", "k:*", "--yes"},
          Strings{"flush", "--whole-db", "--yes"}, Strings{"flush", "--all-dbs", "--yes"},
          Strings{"expire", "k:*", "--set", "1h", "--yes"},
          Strings{"warm", "-", "--key", "new:{id}", "--ttl", "1h"}}) {
        CAPTURE(args.front());
        Strings with_url = args;
        with_url.insert(with_url.end(), {"-u", url});
        for (const ProcessResult& result :
             {run_cachectl(with_url, with_stdin("{\"id\":1}\n")), run_at(1, args, environment)}) {
            CHECK(result.exit_code == 2);
            CHECK(result.err.find("database 0 alone") != std::string::npos);
        }
    }
    for (std::size_t i = 0; i < 3; ++i) {
        const std::string said = cluster().client(i).text({"INFO", "commandstats"});
        for (const char* command : {"scan", "unlink", "flushdb", "flushall", "pexpire", "set"}) {
            CAPTURE(command);
            CHECK(said.find(std::string("cmdstat_") + command + ":") == std::string::npos);
        }
    }
    CHECK(cluster().all_keys().size() == 30);
}

TEST_CASE("if the first node is down, the next is asked") {
    cluster().flush();
    cluster().set({"k"}, "value");
    const std::string live = std::to_string(cluster().port(1));
    // Nobody listens on port 1.
    const ProcessResult next =
        run_cachectl({"get", "k", "--raw", "-h", "127.0.0.1:1,127.0.0.1:" + live});
    CHECK(next.exit_code == 0);
    CHECK(next.out == "value");
    CHECK(next.err.find("cannot connect to 127.0.0.1:1: Connection refused; next is 127.0.0.1:" +
                        live) != std::string::npos);
    const ProcessResult by_port =
        run_cachectl({"get", "k", "--raw", "-h", "127.0.0.1:1,127.0.0.1", "-p", live, "--quiet"});
    CHECK(by_port.exit_code == 0);
    CHECK(by_port.err == "");
    const ProcessResult none = run_cachectl({"get", "k", "-h", "127.0.0.1:1,127.0.0.1:2"});
    CHECK(none.exit_code == 3);
    CHECK(none.err.find("cannot connect to 127.0.0.1:2") != std::string::npos);
    CHECK(run_cachectl({"get", "k", "-h", "a,,b"}).exit_code == 2);
    // A single server would be another one than was named.
    RedisServer single({}, Listen::tcp_too);
    single.client().run({"SET", "k", "v"});
    const std::string other = "127.0.0.1:" + std::to_string(single.port());
    const ProcessResult refused =
        run_cachectl({"invalidate", "k", "--yes", "-h", "127.0.0.1:1," + other});
    CHECK(refused.exit_code == 3);
    CHECK(refused.err.find("127.0.0.1:1 cannot be reached, and " + other + " is a single server") !=
          std::string::npos);
    CHECK(single.client().integer({"DBSIZE"}) == 1);
}

TEST_CASE("of a master with a replica that does not answer it is said that trying again may help") {
    cluster().flush();
    cluster().set(numbered("k:", 30));
    // A replica is told of when its node has heard how far it is.
    const auto tells_of_replicas = [] {
        const auto slots = cluster().client(0).command({"CLUSTER", "SLOTS"});
        return std::all_of(slots.elements.begin(), slots.elements.end(),
                           [](const RespValue& range) { return range.elements.size() > 3; });
    };
    for (int i = 0; i < 3'000 && !tells_of_replicas(); ++i) {
        Process({"sleep", "0.01"}).wait();
    }
    cluster().node(2).freeze();
    const ProcessResult result =
        run_at(0, {"invalidate", "k:*", "--yes", "--connect-timeout", "1s"});
    cluster().node(2).thaw();
    CHECK(result.exit_code == 3);
    CHECK(has(result.err, "slots 10922-16383 of the cluster are out of reach: " +
                              cluster().address(2) + ": no reply to HELLO in 1 s"));
    CHECK(has(result.err, "; nothing was changed\n"));
    CHECK(has(result.err,
              "if it has died, a replica takes its place soon: try again; if it has "
              "another one from here: --node-map "));
    cluster().wait_until_well();
    CHECK(cluster().all_keys().size() == 30);
}
