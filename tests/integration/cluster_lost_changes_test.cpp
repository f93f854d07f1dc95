// Masters that go in mid-run, and whose successors have keys again that were told as changed: the
// summary does not call that complete.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/redis_cluster.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr std::size_t k_victim = 0;
constexpr std::size_t k_replica = 3;

std::string lines_of(const Strings& keys, std::size_t from, std::size_t to) {
    std::string lines;
    for (std::size_t i = from; i < to; ++i) {
        lines += keys[i] + '\n';
    }
    return lines;
}

/// How it ended, which has to be so.
ProcessResult not_complete(Process& work) {
    const ProcessResult result = work.wait();
    CAPTURE(result.err);
    CHECK(result.exit_code == 5);
    CHECK(json::parse(result.out)["complete"] == false);
    return result;
}

struct Stage {
    RedisCluster cluster;
    Strings keys = numbered("k:", 3'000);
    bool may_not_write_all = false;

    explicit Stage(ClusterLayout layout) : cluster(std::move(layout)) { cluster.set(keys); }

    static Stage with_replicas() {
        return Stage({.masters = 3,
                      .replicas = true,
                      .node_timeout = Millis(2000),
                      .config = {"--cluster-replica-validity-factor", "0"}});
    }
    static Stage without_replicas() { return Stage({.masters = 3, .replicas = false}); }

    [[nodiscard]] std::unique_ptr<Process> start(Strings args) {
        args.insert(args.end(), {"--yes", "--json", "-p", std::to_string(cluster.port(1))});
        ProcessOptions options;
        options.keep_stdin_open = true;
        options.timeout = Millis(120'000);
        return std::make_unique<Process>(cachectl_argv(args), options);
    }
    /// The replica gets nothing from now on, until it is thawed.
    void cut_replica_off() {
        cluster.wait_until_copied();
        cluster.node(k_replica).freeze();
        cluster.client(k_victim).command({"CLIENT", "KILL", "TYPE", "replica"});
    }
    /// Of another master than the victim.
    void forbid_a_key() {
        char digit = '0';
        while (cluster.owner_of_key(std::string("k:") + digit) == k_victim) {
            ++digit;
        }
        for (const std::size_t i : {0, 1, 2}) {
            cluster.client(i).run({"ACL", "SETUSER", "default", "resetkeys", "%R~*", "~k:??*",
                                   std::string("~k:[^") + digit + "]"});
        }
    }
    void let_replica_take_over() {
        cluster.node(k_victim).kill();
        cluster.node(k_replica).thaw();
    }
    void restart_victim() {
        cluster.node(k_victim).kill();
        cluster.node(k_victim).restart();
        cluster.wait_until_well();
    }
    /// The second half of the list.
    void give_the_rest(Process& work) const {
        work.write_stdin(lines_of(keys, 1'500, 3'000));
        work.close_stdin();
    }
    /// Until nothing has come to the victim for a while, after something has.
    void wait_until_quiet(Process& work, const std::string& command) {
        RespClient victim = cluster.client(k_victim);
        const std::string calls = "cmdstat_" + command + ":calls=";
        std::string before;
        for (int quiet = 0; quiet < 20 && work.running();) {
            work.pump(Millis(25));
            const std::string all = victim.text({"INFO", "commandstats"});
            const auto at = all.find(calls);
            const std::string now =
                at == std::string::npos ? "" : all.substr(at, all.find(',', at) - at);
            quiet = now.empty() || now != before ? 0 : quiet + 1;
            before = now;
        }
    }
    [[nodiscard]] std::string replica_took_over() {
        return "the server " + cluster.address(k_replica) +
               " took over from its master in mid-run: what was changed before may not be so "
               "there";
    }
};

}  // namespace

TEST_CASE("a replica that lacks the last deletions of a list takes over: not complete") {
    Stage stage = Stage::with_replicas();
    stage.cut_replica_off();
    const auto work = stage.start({"invalidate", "--keys-from", "-"});
    work->write_stdin(lines_of(stage.keys, 0, 1'500));
    stage.wait_until_quiet(*work, "unlink");
    stage.let_replica_take_over();
    stage.cluster.wait_for_master(k_replica);
    stage.give_the_rest(*work);
    const ProcessResult result = not_complete(*work);
    CAPTURE(result.err);
    CHECK(json::parse(result.out)["deleted"] == 3'000);
    CHECK(has(result.err, stage.replica_took_over()));
    CHECK(!stage.cluster.keys_on(k_replica).empty());
}

TEST_CASE("a replica that lacks the last deletions of a walk takes over: not complete") {
    Stage stage = Stage::with_replicas();
    stage.cut_replica_off();
    const auto work = stage.start({"invalidate", "k:*", "--max-rate", "500"});
    RespClient victim = stage.cluster.client(k_victim);
    while (victim.integer({"DBSIZE"}) > 700 && work->running()) {
        work->pump(Millis(5));
    }
    REQUIRE(work->running());
    stage.let_replica_take_over();
    not_complete(*work);
}

TEST_CASE("a master comes back with the snapshot from before a list: not complete") {
    Stage stage = Stage::without_replicas();
    stage.cluster.client(k_victim).run({"SAVE"});
    const auto work = stage.start({"expire", "--keys-from", "-", "--set", "1h"});
    work->write_stdin(lines_of(stage.keys, 0, 1'500));
    stage.wait_until_quiet(*work, "pexpire");
    stage.restart_victim();
    stage.give_the_rest(*work);
    const ProcessResult result = not_complete(*work);
    CAPTURE(result.err);
    CHECK(has(result.err, "the server " + stage.cluster.address(k_victim) +
                              " was restarted in mid-run: what was written before is lost unless "
                              "it was saved"));
}

TEST_CASE("a master that went before the first change is no matter") {
    Stage stage = Stage::without_replicas();
    const auto work = stage.start({"invalidate", "--keys-from", "-", "--max-keys", "3000"});
    work->write_stdin(lines_of(stage.keys, 0, 1'500));
    work->pump(Millis(1'000));
    stage.cluster.client(k_victim).run({"SAVE"});
    stage.restart_victim();
    stage.give_the_rest(*work);
    const ProcessResult result = work->wait();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(json::parse(result.out)["complete"] == true);
    CHECK(stage.cluster.all_keys().empty());
}

namespace {

ProcessResult restore_while_replica_takes_over(Stage& stage) {
    const TempDir dir;
    const std::string backup = (dir.path() / "b.rdb").string();
    CHECK(stage.start({"invalidate", "k:*", "--backup", backup})->wait().exit_code == 0);
    stage.cut_replica_off();
    if (stage.may_not_write_all) {
        stage.forbid_a_key();
    }
    const auto work = stage.start({"restore", backup, "--max-rate", "500"});
    RespClient victim = stage.cluster.client(k_victim);
    while (victim.integer({"DBSIZE"}) < 300 && work->running()) {
        work->pump(Millis(5));
    }
    REQUIRE(work->running());
    stage.let_replica_take_over();
    return not_complete(*work);
}

}  // namespace

TEST_CASE("a replica that lacks what was restored takes over: not complete") {
    Stage stage = Stage::with_replicas();
    restore_while_replica_takes_over(stage);
}

TEST_CASE("it is told as well where another key could not be restored") {
    Stage stage = Stage::with_replicas();
    stage.may_not_write_all = true;
    const ProcessResult result = restore_while_replica_takes_over(stage);
    CHECK(json::parse(result.out)["failed"] == 1);
    CHECK(result.err.find(stage.replica_took_over()) != std::string::npos);
}
