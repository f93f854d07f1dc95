// Masters that die in the middle of the work and have no replica: what was done is told, what is
// not known is called unknown, and the slots that are gone are named.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "redis/slot.hpp"
#include "support/observed_run.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr std::size_t k_victim = 1;
constexpr std::size_t k_keys = 60'000;

struct Loss {
    RedisCluster cluster;
    std::size_t others_before = 0, victim_before = 0;
    Strings spared;  // which nobody asks to be deleted

    explicit Loss(const std::string& full_coverage)
        : cluster({.masters = 3,
                   .replicas = false,
                   .node_timeout = Millis(2000),
                   .config = {"--cluster-require-full-coverage", full_coverage}}) {
        Strings keys;
        for (std::size_t i = 0; i < k_keys; ++i) {
            keys.push_back("k:" + std::to_string(i));
        }
        cluster.set(keys);
        victim_before = cluster.keys_on(k_victim).size();
        others_before = k_keys - victim_before;
        for (int i = 0; i < 300; ++i) {
            spared.push_back("other:" + std::to_string(i));
        }
        cluster.set(spared);
    }

    /// Kills the victim when the command is at work on it.
    ObservedRun run_and_kill(Strings args) {
        args.insert(args.end(), {"-p", std::to_string(cluster.port(0)), "--json", "--yes",
                                 "--timeout", "1s", "--max-rate", "30000"});
        ProcessOptions options;
        options.timeout = Millis(120'000);
        Process process(cachectl_argv(args), options);
        RespClient victim = cluster.client(k_victim);
        const auto nearly_all = static_cast<std::int64_t>(victim_before * 9 / 10);
        while (victim.integer({"DBSIZE"}) > nearly_all && process.running()) {
            process.pump(Millis(1));
        }
        REQUIRE(process.running());
        cluster.node(k_victim).kill();
        return observe(process);
    }
    /// Of those that are asked to be deleted, on the masters that live.
    std::size_t left() {
        const Strings keys = cluster.all_keys();
        return static_cast<std::size_t>(
            std::count_if(keys.begin(), keys.end(),
                          [](const std::string& key) { return key.starts_with("k:"); }));
    }
    /// As many of the others as there were on those.
    [[nodiscard]] std::size_t spared_left() const {
        return static_cast<std::size_t>(std::count_if(spared.begin(), spared.end(), [](auto& key) {
            return slot_of(key) < 5461 || slot_of(key) > 10921;
        }));
    }
    /// What the summary says of all keys together fits what is left on those that live.
    void check_truth(const ObservedRun& run) {
        CHECK(run.exit_code == 5);
        const json summary = json::parse(run.out);
        CHECK(summary["complete"] == false);
        const auto deleted = summary["deleted"].get<std::size_t>();
        const auto unknown = summary["unknown"].get<std::size_t>();
        const std::size_t gone = others_before - left();
        CHECK(deleted + unknown >= gone);
        CHECK(deleted <= gone + victim_before);
        CHECK(summary["matched"].get<std::size_t>() <= k_keys);
        CHECK(has(run.err, "127.0.0.1:" + std::to_string(cluster.port(k_victim))));
        CHECK(run.took < Millis(60'000));
        CHECK(cluster.all_keys().size() == left() + spared_left());
    }
};

}  // namespace

TEST_CASE("a master that dies in mid-invalidate: it stops at what is unknown") {
    Loss loss("no");
    const ObservedRun run = loss.run_and_kill({"invalidate", "k:*"});
    loss.check_truth(run);
}

TEST_CASE("with --retry-unknown it goes on to the end of what is served") {
    Loss loss("no");
    const ObservedRun run = loss.run_and_kill({"invalidate", "k:*", "--retry-unknown"});
    loss.check_truth(run);
    CHECK(loss.left() == 0);
    CHECK(has(run.err, "slots 5461-10921 could not be walked: "));
}

TEST_CASE("where the others stop serving too, that is said") {
    Loss loss("yes");
    const ObservedRun run = loss.run_and_kill({"invalidate", "k:*", "--retry-unknown"});
    loss.check_truth(run);
}
