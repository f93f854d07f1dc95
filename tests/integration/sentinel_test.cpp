// A master that Sentinels know: found by name, believed only if it says so itself.
#include <doctest/doctest.h>

#include <filesystem>

#include "support/observed_run.hpp"
#include "support/sentinel_group.hpp"
#include "support/tcp_port.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Fixture = SentinelGroupOfTwo;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the master is found by name, with flags and with a URL") {
    fill(3);
    const auto run = run_cachectl(by_sentinels({"keys", "--limit", "1"}, sentinel.endpoint()));
    CHECK(run.exit_code == 0);
    CHECK(run.out.starts_with("k:"));
    CHECK(run.err == "cachectl: the master of cache is " + endpoint(first.port()) + "\n");
    first.client().run({"SELECT", "2"});
    const std::string url = "redis+sentinel://" + sentinel.endpoint() + "/cache";
    const auto deleted = run_cachectl({"invalidate", "k:*", "--yes", "--quiet", "-u", url});
    CHECK(deleted.exit_code == 0);
    CHECK(deleted.err.empty());
    CHECK(deleted.out.starts_with("deleted 3 of 3 keys on cache in "));
    CHECK(run_cachectl({"keys", "--quiet", "-u", url + "/2"}).exit_code == 0);

    sentinel.failover();
    CHECK(run_cachectl({"keys", "-u", url}).err == "cachectl: the master of cache is " +
                                                       endpoint(second.port()) +
                                                       "\ncachectl: no key matches\n");
}

TEST_CASE_FIXTURE(Fixture, "Sentinels that are down do not matter as long as one answers") {
    fill(1);
    const std::string dead = endpoint(free_tcp_port());
    FakeServer mute(silent());
    const auto run = observe_cachectl(
        by_sentinels({"keys", "--quiet", "--connect-timeout", "2s"},
                     dead + "," + endpoint(mute.port()) + "," + sentinel.endpoint()));
    CHECK(run.exit_code == 0);
    CHECK(run.out == "k:0\n");
    sentinel.kill();
    const auto none = observe_cachectl(
        by_sentinels({"keys", "--connect-timeout", "1s"},
                     dead + "," + endpoint(mute.port()) + "," + sentinel.endpoint()));
    CHECK(none.exit_code == 3);
    CHECK(none.out.empty());
    CHECK(has(none.err, "cannot find the master 'cache': no Sentinel answers: cannot connect to " +
                            dead + ": Connection refused; " + endpoint(mute.port()) +
                            ": no reply to SENTINEL in 0.5 s; cannot connect to " +
                            sentinel.endpoint() + ": Connection refused\n"));
    CHECK(none.took < 20s);
}

TEST_CASE_FIXTURE(Fixture,
                  "a name that the Sentinels do not know is a usage error with those they do") {
    const auto run =
        run_cachectl({"keys", "--sentinel", sentinel.endpoint(), "--master-name", "cahce"});
    CHECK(run.exit_code == 2);
    CHECK(run.err ==
          "cachectl: error: the Sentinels know no master 'cahce'\ncachectl: they know: cache\n");
    const auto server = run_cachectl(by_sentinels({"keys"}, endpoint(first.port())));
    CHECK(server.exit_code == 3);
    CHECK(has(server.err, "no Sentinel answers: " + endpoint(first.port()) + ": ERR unknown"));
    const auto direct = run_cachectl({"keys", "-p", std::to_string(sentinel.port())});
    CHECK(direct.exit_code == 2);
    CHECK(has(direct.err, " is a Sentinel\n"));
    CHECK(has(direct.err, "--sentinel HOST:PORT --master-name NAME asks it for the server"));
}

TEST_CASE("the Sentinels' password is apart from the server's") {
    const Fixture group({"--requirepass", "s3rver", "--masterauth", "s3rver"},
                        {"requirepass w4tch", "sentinel auth-pass cache s3rver"}, "s3rver");
    const std::string where = group.sentinel.endpoint();
    const auto args = by_sentinels({"keys", "-a", "s3rver", "--quiet"}, where);
    const auto none = run_cachectl(args);
    CHECK(none.exit_code == 3);
    CHECK(has(none.err, "NOAUTH"));
    CHECK(has(none.err, "--sentinel-password-file or CACHECTL_SENTINEL_PASSWORD"));
    ProcessOptions options;
    options.env["CACHECTL_SENTINEL_PASSWORD"] = "wr0ng";
    const auto wrong = run_cachectl(args, options);
    CHECK(wrong.exit_code == 3);
    CHECK(has(wrong.err, "WRONGPASS"));
    CHECK_FALSE(has(none.err + wrong.err, "s3rver"));
    CHECK_FALSE(has(wrong.err, "wr0ng"));
    options.env["CACHECTL_SENTINEL_PASSWORD"] = "w4tch";
    CHECK(run_cachectl(args, options).exit_code == 0);

    const TempDir dir;
    auto with_file = args;
    with_file.insert(with_file.end(), {"--sentinel-password-file", dir.file("pw", "w4tch\n")});
    std::filesystem::permissions(dir.path() / "pw", std::filesystem::perms(0600));
    CHECK(run_cachectl(with_file).exit_code == 0);
    const std::string config =
        dir.file("config.json", "{\"contexts\": {\"c\": {\"url\": \"redis+sentinel://:s3rver@" +
                                    where + "/cache\", \"sentinel_password\": \"w4tch\"}}}");
    std::filesystem::permissions(config, std::filesystem::perms(0600));
    const auto context = run_cachectl({"keys", "--quiet", "--config", config, "--context", "c"});
    CHECK(context.exit_code == 0);
    CHECK(context.err.empty());
}

TEST_CASE_FIXTURE(Fixture, "who is named as the master has to say so itself") {
    fill(2);
    FakeServer stale(sentinel_that_says("cache", second.port()));
    const auto alone = observe_cachectl(by_sentinels(
        {"invalidate", "k:*", "--yes", "--connect-timeout", "1s"}, endpoint(stale.port())));
    CHECK(alone.exit_code == 3);
    CHECK(has(alone.err, endpoint(second.port()) + " is given as the master of cache, but says "
                                                   "that it is a replica\n"));
    CHECK(first.client().integer({"DBSIZE"}) == 2);
    CHECK(stale.connections() > 1);  // it was asked again, for a failover may have been under way
    const auto both =
        run_cachectl(by_sentinels({"invalidate", "k:*", "--yes", "--quiet"},
                                  endpoint(stale.port()) + "," + sentinel.endpoint()));
    CHECK(both.exit_code == 0);
    CHECK(both.out.starts_with("deleted 2 of 2 keys"));
}

TEST_CASE("a failover while keys were changed: the change is not complete") {
    RedisServer old_master({}, Listen::tcp_too);
    RedisServer new_master({}, Listen::tcp_too);
    for (RedisServer* server : {&old_master, &new_master}) {
        server->client().run({"MSET", "k:1", "v", "k:2", "v"});
    }
    for (const std::vector<std::string>& change : {std::vector<std::string>{"invalidate", "k:*"},
                                                   {"expire", "k:*", "--set", "1h"},
                                                   {"flush", "--whole-db"}}) {
        old_master.client().run({"MSET", "k:1", "v", "k:2", "v"});
        FakeServer sentinel({sentinel_that_says("cache", old_master.port(), 3),
                             sentinel_that_says("cache", new_master.port(), 4)});
        std::vector<std::string> words = change;
        words.insert(words.end(), {"--yes", "--quiet", "--json"});
        const auto run = run_cachectl(by_sentinels(words, endpoint(sentinel.port())));
        CHECK(run.exit_code == 5);
        CHECK(has(run.out, "\"complete\": false"));
        CHECK(has(run.err,
                  "the Sentinels now name " + endpoint(new_master.port()) + " as the master"));
        CHECK(new_master.client().integer({"PTTL", "k:1"}) == -1);
    }
}

TEST_CASE("of two that call themselves master the one of the latest failover counts") {
    RedisServer old_master({}, Listen::tcp_too);
    RedisServer new_master({}, Listen::tcp_too);
    new_master.client().run({"SET", "new", "v"});
    FakeServer stale_1(sentinel_that_says("cache", old_master.port(), 3));
    FakeServer stale_2(sentinel_that_says("cache", old_master.port(), 3));
    FakeServer fresh(sentinel_that_says("cache", new_master.port(), 4));
    const std::string all =
        endpoint(stale_1.port()) + "," + endpoint(stale_2.port()) + "," + endpoint(fresh.port());
    CHECK(run_cachectl(by_sentinels({"keys", "--quiet"}, all)).out == "new\n");
    FakeServer same_epoch(sentinel_that_says("cache", new_master.port(), 3));
    const std::string voices = endpoint(same_epoch.port()) + "," + endpoint(stale_1.port()) + "," +
                               endpoint(stale_2.port());
    CHECK(run_cachectl(by_sentinels({"keys", "--quiet"}, voices)).out.empty());
}
