// Masters whose replicas take over in the middle of the work: it goes on there, and what was lost
// on the way is accounted for.
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

/// Three masters and three replicas, which the tests make change places. Each test has its own: a
/// node that is killed need not come back (Valkey 8.1 may not read its nodes.conf again then:
/// https://github.com/valkey-io/valkey/issues/2171).
struct Fixture {
    RedisCluster cluster{{.masters = 3, .replicas = true, .node_timeout = Millis(2000)}};
    Strings others = numbered("other:", 300);  // which nobody asks to be changed

    Fixture() {
        std::sort(others.begin(), others.end());
        cluster.set(others);
        cluster.wait_until_copied();
    }

    std::size_t master() { return cluster.owner(8000); }
    /// Its replica, or the other way round.
    [[nodiscard]] static std::size_t partner(std::size_t node) { return (node + 3) % 6; }
    [[nodiscard]] Strings at_another(Strings args) {
        args.insert(args.end(), {"-p", std::to_string(cluster.port(cluster.owner(0)))});
        return args;
    }
};

ProcessOptions patient() {
    ProcessOptions options;
    options.keep_stdin_open = true;
    options.timeout = Millis(120'000);
    return options;
}

std::string rows(int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) {
        text += "{\"id\":" + std::to_string(i) + "}\n";
    }
    return text;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a master dies in mid-invalidate, and its replica goes on") {
    const Strings keys = numbered("k:", 30'000);
    cluster.set(keys);
    std::string half, rest;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        (i < keys.size() / 2 ? half : rest) += keys[i] + '\n';
    }
    Process work(cachectl_argv(at_another(
                     {"invalidate", "--keys-from", "-", "--yes", "--json", "--retry-unknown"})),
                 patient());
    work.write_stdin(half);
    work.pump(Millis(1000));
    const std::size_t victim = master();
    cluster.node(victim).kill();
    work.write_stdin(rest);
    work.close_stdin();
    const ProcessResult result = work.wait();
    cluster.wait_for_master(partner(victim));
    CAPTURE(result.err);
    CHECK(result.exit_code == 5);  // whether the old master had passed all on is not known
    CHECK(json::parse(result.out)["deleted"] == 30'000);
    CHECK(json::parse(result.out)["complete"] == false);
    CHECK(has(result.err,
              " took over from its master in mid-run: what was changed before may not "
              "be so there"));
    CHECK(cluster.all_keys() == others);
}

TEST_CASE_FIXTURE(
    Fixture, "a master dies in mid-warm: what is unknown is told, and the same again fills it") {
    Process work(
        cachectl_argv(at_another({"warm", "-", "--key", "k:{id}", "--ttl", "1h", "--json"})),
        patient());
    work.write_stdin(rows(0, 10'000));
    work.pump(Millis(1000));
    const std::size_t victim = master();
    cluster.node(victim).kill();
    work.write_stdin(rows(10'000, 30'000));
    work.close_stdin();
    const ProcessResult result = work.wait();
    cluster.wait_for_master(partner(victim));
    const json summary = json::parse(result.out);
    CHECK((result.exit_code == 0 || result.exit_code == 5));
    CHECK(summary["complete"] == (result.exit_code == 0));
    const auto count = [&](const char* what) { return summary[what].get<int>(); };
    CHECK(count("written") + count("unknown") + count("not_attempted") == count("keys"));
    CHECK(count("failed") == 0);
    if (result.exit_code == 5) {
        CHECK(count("unknown") > 0);
    }

    Process again(cachectl_argv(at_another({"warm", "-", "--key", "k:{id}", "--ttl", "1h"})),
                  patient());
    again.write_stdin(rows(0, 30'000));
    again.close_stdin();
    CHECK(again.wait().exit_code == 0);
    CHECK(cluster.all_keys().size() == 30'000 + others.size());
    CHECK(cluster.at_owner("k:7", {"PTTL", "k:7"}).integer > 0);
}

TEST_CASE_FIXTURE(Fixture, "a manual failover in mid-warm and mid-invalidate loses nothing") {
    Process warm(cachectl_argv(at_another({"warm", "-", "--key", "k:{id}", "--ttl", "1h", "--json",
                                           "--max-rate", "10000"})),
                 patient());
    warm.write_stdin(rows(0, 20'000));
    warm.close_stdin();
    warm.pump(Millis(300));
    cluster.fail_over(partner(master()));
    const ProcessResult warmed = warm.wait();
    CHECK(warmed.exit_code == 0);
    CHECK(json::parse(warmed.out)["written"] == 20'000);
    CHECK(cluster.all_keys().size() == 20'000 + others.size());

    Process work(
        cachectl_argv(at_another({"invalidate", "k:*", "--yes", "--json", "--max-rate", "10000"})));
    work.pump(Millis(300));
    cluster.fail_over(partner(master()));
    const ProcessResult deleted = work.wait();
    CHECK(deleted.exit_code == 5);  // it cannot be told from one that loses something
    CHECK(json::parse(deleted.out)["deleted"] == 20'000);
    CHECK(json::parse(deleted.out)["complete"] == false);
    CHECK(cluster.all_keys() == others);
}

TEST_CASE_FIXTURE(Fixture,
                  "a master dies while warm waits for its input, and its replica goes on") {
    Process warm(cachectl_argv(at_another({"warm", "-", "--key", "k:{id}", "--ttl", "1h", "--json",
                                           "--verify", "--timeout", "5s"})),
                 patient());
    warm.write_stdin(rows(0, 3'000));
    for (int i = 0; i < 3'000 && cluster.all_keys().size() < 3'000 + others.size(); ++i) {
        warm.pump(Millis(10));
    }
    cluster.wait_until_copied();
    const std::size_t victim = master();
    const auto has_taken_over = [&] {
        return has(cluster.client(partner(victim)).text({"INFO", "replication"}), "role:master");
    };
    cluster.node(victim).kill();
    for (int i = 0; i < 3'000 && !has_taken_over(); ++i) {
        warm.pump(Millis(10));
    }
    warm.write_stdin(rows(3'000, 4'000));
    warm.close_stdin();
    const ProcessResult result = warm.wait();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(has(result.err, " took over from its master in mid-run"));
    CHECK(json::parse(result.out)["written"] == 4'000);
    CHECK(cluster.all_keys().size() == 4'000 + others.size());
}
