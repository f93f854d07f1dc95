// --backup and restore where the server is elsewhere than next door: behind TLS, in a cluster that
// speaks TLS, behind Sentinels that choose another master in mid-run, and of an older version.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <set>

#include "redis/slot.hpp"
#include "support/backup_stage.hpp"
#include "support/personas_server.hpp"
#include "support/personas_words.hpp"
#include "support/redis_cluster.hpp"
#include "support/sentinel_group.hpp"
#include "support/tls_server.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

using Stage = BackupStage;

Json summary_of(const Words& words, int exit_code = 0) {
    const ProcessResult result = run_cachectl(words);
    CAPTURE(result.err);
    CHECK(result.exit_code == exit_code);
    return Json::parse(result.out);
}

std::set<std::string> names_in(const std::string& file) {
    std::set<std::string> names;
    for (const Json& key : summary_of({"restore", file, "--list", "--json"})) {
        names.insert(key["key"]);
    }
    return names;
}

/// Its PEXPIRE takes no condition.
Persona redis_6_2() {
    return {
        .name = "Redis 6.2",
        .info =
            "# Server\r\nredis_version:6.2.14\r\nredis_mode:standalone\r\n\r\n"
            "# Memory\r\nused_memory:1000000\r\nmaxmemory:0\r\n"
            "maxmemory_policy:noeviction\r\n\r\n# Replication\r\nrole:master\r\n",
        .unknown = older_unknown,
        .absent = {"PEXPIRETIME", "EXPIRETIME"},
        .quirk = [](const Persona::Command& command) -> std::optional<std::string> {
            if (command[0] != "PEXPIRE" || command.size() == 3) {
                return std::nullopt;
            }
            return resp::error("ERR wrong number of arguments for 'pexpire' command");
        },
    };
}

}  // namespace

TEST_CASE("over TLS what is deleted with --backup comes back as it was") {
    CertificateAuthority authority;
    const CertificateFiles files =
        authority.issue({"localhost", {"DNS:localhost", "IP:127.0.0.1"}});
    RedisServer server(tls_arguments(files, authority, {"--enable-debug-command", "yes"}),
                       Listen::tls_too);
    RespClient redis = server.client();
    redis.pipeline(5'000, [](std::size_t i) {
        return Words{"SET", fmt::format("course:{}", i), noise(i % 300), "PX", "7200000"};
    });
    redis.run({"SET", "large", noise(1'500'000)});
    redis.run({"HSET", "hash", "f", noise(40)});
    const std::string before = redis.text({"DEBUG", "DIGEST"});
    TempDir dir;
    const std::string file = (dir.path() / "b.rdb").string();
    const Words at = {"--yes", "--json", "-u", tls_url(server), "--cacert", authority.file()};

    Words words = {"invalidate", "*", "--all", "--backup", file};
    words.insert(words.end(), at.begin(), at.end());
    CHECK(summary_of(words)["deleted"] == 5'002);
    CHECK(redis.integer({"DBSIZE"}) == 0);
    words = {"restore", file};
    words.insert(words.end(), at.begin(), at.end());
    CHECK(summary_of(words)["restored"] == 5'002);
    CHECK(redis.text({"DEBUG", "DIGEST"}) == before);
}

TEST_CASE("a backup of a cluster that speaks TLS goes back to where its keys live") {
    CertificateAuthority authority;
    const CertificateFiles files =
        authority.issue({"localhost", {"DNS:localhost", "IP:127.0.0.1"}});
    RedisCluster cluster({.masters = 3,
                          .replicas = false,
                          .config = tls_arguments(files, authority),
                          .listen = Listen::tls_too});
    Words keys;
    for (int i = 0; i < 2'000; ++i) {
        keys.push_back(fmt::format("k:{}", i));
    }
    cluster.set(keys, "value");
    TempDir dir;
    const std::string file = (dir.path() / "b.rdb").string();
    const Words at = {"--yes",    "--json",
                      "-u",       fmt::format("rediss://127.0.0.1:{}", cluster.port(0)),
                      "--cacert", authority.file()};

    Words words = {"invalidate", "k:*", "--backup", file};
    words.insert(words.end(), at.begin(), at.end());
    CHECK(summary_of(words)["backup"]["keys"] == 2'000);
    CHECK(cluster.all_keys().empty());
    cluster.move_slot(cachectl::slot_of("k:7"), cluster.owner_of_key("k:7"),
                      (cluster.owner_of_key("k:7") + 1) % 3);
    words = {"restore", file};
    words.insert(words.end(), at.begin(), at.end());
    CHECK(summary_of(words)["restored"] == 2'000);
    CHECK(cluster.all_keys().size() == 2'000);
    CHECK(cluster.at_owner("k:7", {"GET", "k:7"}).text == "value");
}

TEST_CASE("a large key that has arrived before its slot is saved when that has arrived too") {
    RedisCluster cluster({.masters = 2, .replicas = false});
    const std::uint16_t slot = cachectl::slot_of("big");
    const std::size_t from = cluster.owner_of_key("big");
    const std::size_t to = 1 - from;
    cluster.set({"big"}, noise(300'000));
    cluster.open_slot(slot, from, to);
    cluster.move_keys(slot, from, to, 1);
    TempDir dir;
    const std::string file = (dir.path() / "b.rdb").string();
    const Words words = {
        "invalidate", "big", "--yes", "--backup", file, "-p", std::to_string(cluster.port(0))};
    SUBCASE("or left, if that does not") {
        const ProcessResult result = run_cachectl(words);
        CHECK(result.exit_code == 4);
        CHECK(contains(result.err, "'big' was left: it is large, and its slot is being moved"));
        CHECK(cluster.all_keys() == Words{"big"});
    }
    SUBCASE("") {
        Process process(cachectl_argv(words));
        process.pump(Millis(1'000));
        CHECK(process.running());
        cluster.close_slot(slot, to);
        const ProcessResult result = process.wait();
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        CHECK(cluster.all_keys().empty());
        CHECK(names_in(file) == std::set<std::string>{"big"});
    }
}

TEST_CASE("another master in mid-run: what is gone is in the file, and comes back") {
    constexpr std::size_t k_keys = 20'000;
    SentinelGroupOfTwo group;
    group.fill(k_keys);
    TempDir dir;
    const std::string file = (dir.path() / "b.rdb").string();
    Process process(cachectl_argv(
        by_sentinels({"invalidate", "k:*", "--yes", "--json", "--backup", file, "--pace", "full"},
                     group.sentinel.endpoint())));
    RespClient old = group.first.client();
    while (old.integer({"DBSIZE"}) == k_keys && process.running()) {
        process.pump(Millis(0));
    }
    group.first.kill();
    CHECK(group.sentinel.failover() == group.second.port());
    const ProcessResult run = process.wait();
    CAPTURE(run.err);
    CAPTURE(run.out);
    CAPTURE(run.exit_code);
    CHECK((run.exit_code == 0 || run.exit_code == 5));

    RespClient redis = group.second.client();
    const auto left = redis.list({"KEYS", "*"});
    const std::set<std::string> there(left.begin(), left.end());
    const std::set<std::string> saved = names_in(file);
    std::size_t lost = 0;
    for (std::size_t i = 0; i < k_keys; ++i) {
        const std::string key = "k:" + std::to_string(i);
        lost += there.contains(key) || saved.contains(key) ? 0 : 1;
    }
    CHECK(lost == 0);
    summary_of(by_sentinels({"restore", file, "--yes", "--json"}, group.sentinel.endpoint()));
    CHECK(redis.integer({"DBSIZE"}) == k_keys);
}

TEST_CASE_FIXTURE(Stage, "a large key is capped on a server that knows no conditions either") {
    redis.run({"SET", "small", "x"});
    redis.run({"SET", "large", noise(300'000)});
    redis.run({"SET", "short", noise(300'000), "PX", "60000"});
    const Persona old = redis_6_2();
    PersonaServer front(old, server.socket_path());
    const Json summary = summary_of({"expire", "small", "large", "short", "--cap", "1h", "--backup",
                                     file, "--yes", "--json", "-p", std::to_string(front.port())});
    CHECK(summary["changed"] == 2);
    CHECK(summary["unchanged"] == 1);
    CHECK(redis.integer({"PTTL", "large"}) > 3'000'000);
    CHECK(redis.integer({"PTTL", "short"}) <= 60'000);
}

TEST_CASE_FIXTURE(Stage, "of a server that knows no PEXPIRETIME the time left is saved as well") {
    fill();
    const std::string before = digest();
    const Persona old = redis_6_2();
    PersonaServer front(old, server.socket_path());
    const Words at = {"--yes", "--json", "-p", std::to_string(front.port())};
    const std::int64_t expires_at = redis.integer({"PEXPIRETIME", "course:timed"});

    Words words = {"invalidate", "*", "--all", "--backup", file};
    words.insert(words.end(), at.begin(), at.end());
    CHECK(summary_of(words)["complete"] == true);
    CHECK(size() == 0);
    CHECK(front.count("PEXPIRETIME") == 0);
    words = {"restore", file};
    words.insert(words.end(), at.begin(), at.end());
    CHECK(summary_of(words)["complete"] == true);
    CHECK(digest() == before);
    CHECK(std::abs(redis.integer({"PEXPIRETIME", "course:timed"}) - expires_at) < 2'000);
}
