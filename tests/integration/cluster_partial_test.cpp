// Slots that are out of reach before a change begins: nothing is changed, unless --partial says to
// go on without them.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr std::size_t k_dead = 2;

/// Three masters, of which the last is dead for the time of a test; the others do not mind.
struct Fixture {
    static RedisCluster& cluster() {
        static RedisCluster shared(
            {.masters = 3, .replicas = false, .config = {"--cluster-require-full-coverage", "no"}});
        return shared;
    }

    Strings keys;
    std::string rows;

    Fixture() {
        cluster().flush();
        for (int i = 0; i < 900; ++i) {
            keys.push_back("k:" + std::to_string(i));
            rows += "{\"id\":" + std::to_string(i) + "}\n";
        }
        cluster().set(keys);
        cluster().node(k_dead).kill();
    }
    ~Fixture() {
        cluster().node(k_dead).restart();
        cluster().wait_until_agreed();
        cluster().wait_until_well();
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    /// Of the keys that begin so, those that are on the other two.
    [[nodiscard]] std::size_t alive(const std::string& prefix = "k:") const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (slot_of(prefix + std::to_string(i)) <= 10'921) {
                ++count;
            }
        }
        return count;
    }
    [[nodiscard]] std::string listed() const {
        std::string text;
        for (const std::string& key : keys) {
            text += key + '\n';
        }
        return text;
    }
    static ProcessResult run(Strings args, std::string input = {}) {
        args.insert(args.end(), {"-p", std::to_string(cluster().port(0))});
        ProcessOptions options;
        options.stdin_bytes = std::move(input);
        return run_cachectl(std::move(args), std::move(options));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "with a dead master nothing is changed anywhere") {
    const std::string reason =
        "slots 10922-16383 of the cluster are out of reach: cannot connect to " +
        cluster().address(k_dead) + ": Connection refused";
    const std::vector<std::pair<Strings, std::string>> changes = {
        {{"invalidate", "k:*", "--yes"}, ""},
        {{"invalidate", "--keys-from", "-", "--yes"}, listed()},
        {{"flush", "k", "--yes"}, ""},
        {{"flush", "--whole-db", "--yes"}, ""},
        {{"flush", "--all-dbs", "--yes"}, ""},
        {{"expire", "k:*", "--set", "1h", "--yes"}, ""},
        {{"warm", "-", "--key", "new:{id}", "--ttl", "1h"}, rows},
    };
    for (const auto& [args, input] : changes) {
        const std::string command = args[0] + ' ' + args[1];
        CAPTURE(command);
        const ProcessResult result = run(args, input);
        CHECK(result.exit_code == 3);
        CHECK(has(result.err, reason));
        CHECK(has(result.err, "nothing was changed"));
        CHECK(has(result.err, "--partial goes on without these slots"));
    }
    CHECK(cluster().all_keys().size() == alive());
    REQUIRE(slot_of("k:1") <= 10'921);
    CHECK(cluster().at_owner("k:1", {"PTTL", "k:1"}).integer == -1);
}

TEST_CASE_FIXTURE(Fixture, "--partial changes what is within reach and names what is not") {
    const auto check = [&](const Strings& args, const std::string& input, const char* done,
                           const std::string& prefix) {
        CAPTURE(args[0]);
        CAPTURE(args[1]);
        Strings all = args;
        all.insert(all.end(), {"--partial", "--json"});
        const ProcessResult result = run(all, input);
        CHECK(result.exit_code == 5);
        const json summary = json::parse(result.out);
        CHECK(summary[done] == alive(prefix));
        CHECK(summary["complete"] == false);
        CHECK(has(result.err, "warning: slots 10922-16383 of the cluster are out of reach: "));
        CHECK(has(result.err, "going on without them"));
        CHECK(has(result.err, "slots 10922-16383 were left out"));
        return summary;
    };
    check({"expire", "k:*", "--set", "1h", "--yes"}, "", "changed", "k:");
    const json warmed =
        check({"warm", "-", "--key", "w:{id}", "--ttl", "1h"}, rows, "written", "w:");
    CHECK(warmed["not_attempted"] == 900 - alive("w:"));
    check({"warm", "-", "--key", "h:{id}", "--as", "hash", "--ttl", "1h", "--verify"}, rows,
          "written", "h:");
    const ProcessResult unmeasured =
        run({"warm", "-", "--key", "w:{id}", "--ttl", "1h", "--partial"}, rows);
    CHECK(has(unmeasured.err,
              "cannot tell whether the keys fit: slots 10922-16383 of the cluster are out of "
              "reach: cannot connect to " +
                  cluster().address(k_dead)));
    check({"flush", "w", "--yes"}, "", "deleted", "w:");
    check({"flush", "h", "--yes", "--max-keys", "900"}, "", "deleted", "h:");
    const json list = check({"invalidate", "--keys-from", "-", "--yes"}, listed(), "deleted", "k:");
    CHECK(list["not_attempted"] == 900 - alive());
    CHECK(cluster().all_keys().empty());
}

TEST_CASE_FIXTURE(Fixture, "--partial empties the masters that answer") {
    for (const std::string how : {"--whole-db", "--all-dbs"}) {
        CAPTURE(how);
        const ProcessResult result = run({"flush", how, "--yes", "--partial", "--json"});
        CHECK(result.exit_code == 5);
        CHECK(json::parse(result.out)["complete"] == false);
        CHECK(has(result.err, "slots 10922-16383 were left out"));
        CHECK(cluster().all_keys().empty());
    }
}

TEST_CASE_FIXTURE(Fixture, "a dry run that is partial says what it would change") {
    const ProcessResult result = run({"invalidate", "k:*", "--dry-run", "--partial", "--json"});
    CHECK(result.exit_code == 5);
    CHECK(json::parse(result.out)["matched"] == alive());
    CHECK(has(result.err, "slots 10922-16383 were left out"));
    CHECK(cluster().all_keys().size() == alive());
}

TEST_CASE("slots that nobody serves are left out too; --partial means nothing where none are") {
    RedisCluster& cluster = Fixture::cluster();
    cluster.flush();
    Strings keys;
    for (int i = 0; i < 300; ++i) {
        keys.push_back("k:" + std::to_string(i));
    }
    cluster.set(keys);
    const std::uint16_t slot = slot_of("k:7");
    const std::size_t owner = cluster.owner(slot);
    for (std::size_t i = 0; i < cluster.size(); ++i) {
        cluster.client(i).run({"CLUSTER", "DELSLOTS", std::to_string(slot)});
    }
    const ProcessResult result =
        Fixture::run({"invalidate", "k:*", "--yes", "--partial", "--json"});
    CHECK(result.exit_code == 5);
    CHECK(json::parse(result.out)["deleted"].get<int>() >= 290);
    CHECK(has(result.err, "slots " + std::to_string(slot) + " were left out"));
    cluster.client(owner).run({"CLUSTER", "ADDSLOTS", std::to_string(slot)});
    cluster.wait_until_agreed();
    cluster.wait_until_well();
    cluster.flush();
    cluster.set(keys);
    const ProcessResult whole = Fixture::run({"invalidate", "k:*", "--yes", "--partial"});
    CHECK(whole.exit_code == 0);
    CHECK(whole.err == "");
    CHECK(cluster.all_keys().empty());
}

TEST_CASE("where all of a cluster is down with one of its masters, --partial changes nothing") {
    RedisCluster cluster({.masters = 3, .replicas = false, .node_timeout = Millis(1000)});
    const Strings keys = numbered("k:", 300);
    cluster.set(keys);
    const std::size_t on_dead = cluster.keys_on(k_dead).size();
    cluster.node(k_dead).kill();
    for (int i = 0; i < 2'000 && !has(cluster.client(0).text({"CLUSTER", "INFO"}), "state:fail");
         ++i) {
        Process({"sleep", "0.01"}).wait();
    }
    const Strings at = {"-p", std::to_string(cluster.port(0)), "--timeout", "1s"};
    const std::vector<Strings> changes = {{"invalidate", "k:*", "--yes"},
                                          {"flush", "k", "--yes"},
                                          {"expire", "k:*", "--set", "1h", "--yes"}};
    for (Strings args : changes) {
        CAPTURE(args.front());
        args.insert(args.end(), at.begin(), at.end());
        const ProcessResult refused = run_cachectl(args);
        CHECK(refused.exit_code == 3);
        CHECK(has(refused.err, "slots 10922-16383 of the cluster are out of reach"));
        args.emplace_back("--partial");
        const ProcessResult partial = run_cachectl(args);
        CHECK(partial.exit_code == 4);
        CHECK(has(partial.err, "CLUSTERDOWN The cluster is down"));
        CHECK(has(partial.err, "nothing was changed"));
        CHECK(has(partial.err, "slots 10922-16383"));
    }
    CHECK(cluster.all_keys().size() == 300 - on_dead);
    const TempDir dir;
    Strings warm = {"warm", dir.file("a.csv", "id,v\n1,x\n"), "--key", "c:{id}", "--ttl", "1h"};
    warm.insert(warm.end(), at.begin(), at.end());
    CHECK(run_cachectl(warm).exit_code == 3);
    warm.insert(warm.end(), {"--if-unavailable", "skip"});
    const ProcessResult skipped = run_cachectl(warm);
    CHECK(skipped.exit_code == 0);
    CHECK(has(skipped.err, "warning: the cluster is down, says "));
    CHECK(has(skipped.err, "; nothing will be written, and --if-unavailable skip makes that no "));
    const std::string key = cluster.keys_on(0).at(0);
    // Nobody answers for a key any more, but its node still tells how it keeps it.
    CHECK(has(cluster.client(0).text({"INFO", "keyspace"}), "expires=0"));
    CHECK(has(cluster.client(0).command({"PTTL", key}).text, "CLUSTERDOWN"));
}

TEST_CASE_FIXTURE(Fixture, "a sample without a master says which slots it lacks, as a walk does") {
    for (const Strings& command : {Strings{"du"}, Strings{"ttl", "--summary"}}) {
        Strings sampled = command;
        sampled.insert(sampled.end(), {"--sample", "100", "--json"});
        const ProcessResult result = run(sampled);
        CAPTURE(result.err);
        CHECK(result.exit_code == 5);
        REQUIRE(result.out.starts_with("{"));
        CHECK(json::parse(result.out)["complete"] == false);
        CHECK(json::parse(result.out)["sample_keys"] == 100);
        CHECK(has(result.err, "slots 10922-16383 of the cluster are out of reach: "));
        CHECK(has(result.err, cluster().address(k_dead)));
    }
}

TEST_CASE("a sample of a cluster whose slots have no master all says which, as a walk does") {
    RedisCluster& cluster = Fixture::cluster();
    cluster.flush();
    Strings keys;
    for (int i = 0; i < 900; ++i) {
        if (const std::string key = "k:" + std::to_string(i); slot_of(key) < 16'000) {
            keys.push_back(key);
        }
    }
    cluster.set(keys);
    for (const std::size_t node : {2, 0, 1}) {
        cluster.client(node).run({"CLUSTER", "DELSLOTSRANGE", "16000", "16383"});
    }
    for (const Strings& command : {Strings{"du"}, Strings{"ttl", "--summary"}}) {
        Strings sampled = command;
        sampled.insert(sampled.end(), {"--sample", "100", "--json"});
        const ProcessResult result = Fixture::run(sampled);
        CAPTURE(result.err);
        CHECK(result.exit_code == 5);
        REQUIRE(result.out.starts_with("{"));
        CHECK(json::parse(result.out)["complete"] == false);
        CHECK(has(result.err, "no master serves slots 16000-16383"));
    }
    cluster.client(2).run({"CLUSTER", "ADDSLOTSRANGE", "16000", "16383"});
    cluster.wait_until_agreed();
}
