// All nodes of a cluster at once: figures, flushes, and what becomes of them when nodes die.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "redis/slot.hpp"
#include "support/observed_run.hpp"
#include "support/pty.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

/// "5,012", below a million.
std::string grouped(std::size_t number) {
    std::string text = std::to_string(number);
    if (text.size() > 3) {
        text.insert(text.size() - 3, ",");
    }
    return text;
}

Strings at(const RedisCluster& cluster, std::size_t node, Strings args) {
    args.insert(args.end(), {"-p", std::to_string(cluster.port(node))});
    return args;
}

}  // namespace

TEST_CASE("stats has totals and nodes") {
    RedisCluster cluster({.masters = 3, .replicas = false, .config = {"--maxmemory", "100mb"}});
    cluster.set(numbered("k:", 3000));
    const ProcessResult result = run_cachectl(at(cluster, 1, {"stats", "--json"}));
    CHECK(result.exit_code == 0);
    CHECK(result.err == "");
    const json stats = json::parse(result.out);
    CHECK(stats["server"]["mode"] == "cluster");
    CHECK(stats["keyspace"][0]["keys"] == 3000);
    CHECK(stats["memory"]["max_bytes"] == 3 * 100 * 1024 * 1024);
    CHECK(stats["memory"]["policy"] == "noeviction");
    REQUIRE(stats["nodes"].size() == 3);
    std::int64_t keys = 0;
    std::int64_t used = 0;
    for (const json& node : stats["nodes"]) {
        keys += node["keys"].get<std::int64_t>();
        used += node["used_bytes"].get<std::int64_t>();
        CHECK(node["status"] == "up");
        CHECK(node["node"].get<std::string>().starts_with("127.0.0.1:"));
    }
    CHECK(keys == 3000);
    CHECK(stats["memory"]["used_bytes"] == used);
    for (const char* section : {"memory", "keyspace", "commands", "clients", "replication"}) {
        CAPTURE(section);
        for (const char* format : {"json", "plain", "csv", "prometheus", "table"}) {
            CHECK(run_cachectl(at(cluster, 0, {"stats", section, "-o", format})).exit_code == 0);
        }
    }

    cluster.node(2).kill();
    const ProcessResult without = run_cachectl(at(cluster, 0, {"stats", "--json"}));
    CHECK(without.exit_code == 5);
    CHECK(without.err.find(cluster.address(2)) != std::string::npos);
    CHECK(without.err.find("its figures are missing") != std::string::npos);
    const json rest = json::parse(without.out);
    REQUIRE(rest["nodes"].size() == 3);
    CHECK(rest["nodes"][2]["status"] == "out of reach");
    CHECK(rest["nodes"][2]["keys"].is_null());
}

TEST_CASE("before and after a change it is said that it is about a cluster") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    cluster.set(numbered("k:", 300));
    const std::string where = "the cluster of 3 masters at " + cluster.address(1);
    PtyProcess terminal(cachectl_argv(at(cluster, 1, {"flush", "--whole-db"})));
    REQUIRE(terminal.expect("About to delete the WHOLE database 0, 300 keys, on " + where + "."));
    REQUIRE(terminal.expect("Type the server's name, 127.0.0.1, to go on: "));
    terminal.type("127.0.0.1\n");
    CHECK(terminal.wait().exit_code == 0);
    CHECK(terminal.expect("deleted 300 of 300 keys on " + where + " in "));

    cluster.set(numbered("k:", 300));
    const ProcessResult result =
        run_cachectl(at(cluster, 1, {"flush", "--whole-db", "--confirm", "127.0.0.1"}));
    CHECK(result.exit_code == 0);
    CHECK(result.out.starts_with("deleted 300 of 300 keys on " + where + " in "));
    const ProcessResult none =
        run_cachectl(at(cluster, 1, {"invalidate", "k:*", "--yes", "--json"}));
    CHECK(json::parse(none.out)["target"] == cluster.address(1));

    ProcessOptions rows;
    rows.stdin_bytes = "{\"id\":1}\n";
    const ProcessResult warmed =
        run_cachectl(at(cluster, 1, {"warm", "-", "--key", "w:{id}", "--ttl", "1h"}), rows);
    CHECK(warmed.exit_code == 0);
    CHECK(warmed.out.starts_with("wrote 1 record as 1 key (11 B) on " + where + " in "));
}

TEST_CASE("flush empties every master, with and without protected keys") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    cluster.set(numbered("k:", 3000));
    cluster.set(numbered("sess:", 300));
    const ProcessResult spared = run_cachectl(
        at(cluster, 0, {"flush", "--whole-db", "--protect", "sess:*", "--yes", "--json"}));
    CHECK(spared.exit_code == 0);
    CHECK(json::parse(spared.out)["deleted"] == 3000);
    CHECK(json::parse(spared.out)["protected"] == 300);
    CHECK(cluster.all_keys().size() == 300);
    for (const char* how : {"--whole-db", "--all-dbs"}) {
        cluster.set(numbered("k:", 1000));
        const auto before = cluster.all_keys().size();
        const ProcessResult result =
            run_cachectl(at(cluster, 0, {"flush", how, "--yes", "--json"}));
        CHECK(result.exit_code == 0);
        const json summary = json::parse(result.out);
        CHECK(summary["deleted"] == before);
        CHECK(summary["complete"] == true);
        CHECK(cluster.all_keys().empty());
    }
}

TEST_CASE("one master that does not answer: flush never says that it is done") {
    RedisCluster cluster({.masters = 6, .replicas = false});
    cluster.set(numbered("k:", 6000));
    const std::size_t on_victim = cluster.keys_on(4).size();

    // It dies before: no node is emptied.
    cluster.node(4).kill();
    const ProcessResult dead =
        run_cachectl(at(cluster, 0, {"flush", "--whole-db", "--yes", "--json"}));
    CHECK(dead.exit_code == 3);
    CHECK(dead.err.find(cluster.address(4)) != std::string::npos);
    CHECK(dead.err.find("nothing was changed") != std::string::npos);
    CHECK(cluster.all_keys().size() == 6000 - on_victim);
    cluster.node(4).restart();
    cluster.wait_until_well();

    // It falls silent between the count and the flush: CLIENT PAUSE WRITE lets DBSIZE pass.
    cluster.set(numbered("k:", 6000));
    cluster.client(4).run({"CLIENT", "PAUSE", "8000", "WRITE"});
    const ProcessResult paused =
        run_cachectl(at(cluster, 0, {"flush", "--whole-db", "--yes", "--json", "--timeout", "1s"}));
    CHECK(paused.exit_code == 5);
    const json summary = json::parse(paused.out);
    CHECK(summary["complete"] == false);
    CHECK(summary["deleted"] == 6000 - on_victim);
    CHECK(summary["unknown"] == on_victim);
    CHECK(paused.err.find("FLUSHDB was sent to " + cluster.address(4) +
                          ", but its outcome is unknown") != std::string::npos);
    const auto flushed = paused.err.find("; flushed: ");
    REQUIRE(flushed != std::string::npos);
    const std::string named = paused.err.substr(flushed);
    CHECK(named.find(cluster.address(4)) == std::string::npos);
    for (const std::size_t done : {0, 1, 2, 3, 5}) {
        CHECK(named.find(cluster.address(done)) != std::string::npos);
        CHECK(cluster.keys_on(done).empty());
    }

    // The same for people: nothing in it says that all went well.
    cluster.client(4).run({"CLIENT", "UNPAUSE"});
    cluster.set(numbered("k:", 6000));
    cluster.client(4).run({"CLIENT", "PAUSE", "8000", "WRITE"});
    const ProcessResult all =
        run_cachectl(at(cluster, 0, {"flush", "--all-dbs", "--yes", "--timeout", "1s"}));
    CHECK(all.exit_code == 5);
    CHECK(all.out.find("deleted " + grouped(6000 - on_victim) + " of 6,000 keys") == 0);
    CHECK(all.out.find("  not complete\n") != std::string::npos);
    CHECK(all.err.find("FLUSHALL was sent to " + cluster.address(4)) != std::string::npos);
    CHECK((all.out + all.err).find("OK") == std::string::npos);
}

TEST_CASE("a dead master is named, and the others' keys are listed") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    cluster.set(numbered("k:", 3000));
    const auto on_dead = cluster.keys_on(2).size();
    cluster.node(2).kill();
    const ProcessResult get = run_cachectl(at(cluster, 0, {"get", "k:1", "--raw"}));
    CHECK((get.exit_code == 0 || get.exit_code == 3));
    const ProcessResult keys = run_cachectl(at(cluster, 0, {"keys"}), [] {
        ProcessOptions options;
        options.timeout = Millis(120'000);
        return options;
    }());
    CHECK(keys.exit_code == 5);
    CHECK(keys.err.find(cluster.address(2)) != std::string::npos);
    CHECK(keys.err.find("could not be walked") != std::string::npos);
    auto lines = static_cast<std::size_t>(std::count(keys.out.begin(), keys.out.end(), '\n'));
    CHECK(lines == 3000 - on_dead);
}

TEST_CASE("a node that does not answer is waited for once, however many want it") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    const Strings keys = numbered("k:", 300);
    cluster.set(keys);
    cluster.node(2).freeze();
    const auto key = *std::find_if(keys.begin(), keys.end(), [&](const std::string& name) {
        return cluster.owner_of_key(name) == 2;
    });
    const std::string reason = cluster.address(2) + ": no reply to HELLO in 3 s";
    for (const Strings& args : {Strings{"get", key}, Strings{"keys"}}) {
        CAPTURE(args.front());
        Strings all = at(cluster, 0, args);
        all.insert(all.end(), {"--connect-timeout", "3s"});
        const ObservedRun run = observe_cachectl(all);
        CHECK(run.exit_code == (args.front() == "get" ? 3 : 5));
        CHECK(run.err.find(reason) != std::string::npos);
        CHECK(run.took < Millis(6'500));
    }
    cluster.node(2).thaw();
}
