#include "pace/server_watch.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace std::chrono_literals;
using cachectl::test::FakeClient;

namespace {

ServerSigns evicting(std::uint64_t keys) {
    ServerSigns signs;
    signs.evicted_keys = keys;
    return signs;
}

ServerSigns lagging(std::uint64_t mib) {
    ServerSigns signs;
    signs.replica_lag_bytes = mib << 20;
    return signs;
}

}  // namespace

TEST_CASE("what commands cost, by the server's own figures") {
    const ServerSigns signs = signs_in(InfoFields(
        "cmdstat_scan:calls=12,usec=3400,usec_per_call=283.33,rejected_calls=0,failed_calls=0\r\n"
        "cmdstat_sscan:calls=1,usec=2,usec_per_call=2.00\r\n"
        "cmdstat_memory|usage:calls=3,usec=9,usec_per_call=3.00\r\n"
        "cmdstat_exec:calls=1,usec=100000,usec_per_call=100000.00\r\n"));
    const auto of = [&](Verb verb) { return signs.commands[static_cast<std::size_t>(verb)]; };
    CHECK(of(Verb::scan).calls == 12);
    CHECK(of(Verb::scan).usec == 3400);
    CHECK(of(Verb::memory_usage).calls == 3);
    CHECK(of(Verb::memory_usage).usec == 9);
    CHECK(of(Verb::unlink).calls == 0);
    CHECK(signs.commands_usec == 3411);  // what EXEC executes is counted by itself
    CHECK_FALSE(signs.cpu_usec);
    CHECK_FALSE(signs.evicted_keys);
    CHECK_FALSE(signs.replica_lag_bytes);
    CHECK_FALSE(signs_in(InfoFields("cmdstat_scan:broken\n")).commands_usec);
}

TEST_CASE("servers before 7.0 count the commands of a container as one") {
    const ServerSigns signs = signs_in(InfoFields("cmdstat_memory:calls=3,usec=9\n"));
    CHECK(signs.commands[static_cast<std::size_t>(Verb::memory_usage)].calls == 3);
}

TEST_CASE("CPU time is that of the thread that executes commands, where it is told") {
    CHECK(signs_in(InfoFields("used_cpu_sys:1.5\nused_cpu_user:2.25\n")).cpu_usec == 3'750'000);
    CHECK(signs_in(InfoFields("used_cpu_sys:1.5\nused_cpu_user:2.25\n"
                              "used_cpu_sys_main_thread:1.0\nused_cpu_user_main_thread:2.0\n"))
              .cpu_usec == 3'000'000);
}

TEST_CASE("how far the slowest replica is behind") {
    const ServerSigns signs =
        signs_in(InfoFields("evicted_keys:7\nmaster_repl_offset:1000\nconnected_slaves:3\n"
                            "slave0:ip=10.0.0.2,port=6379,state=online,offset=990,lag=0\n"
                            "slave1:ip=10.0.0.3,port=6379,state=online,offset=400,lag=1\n"
                            "slave2:ip=10.0.0.4,port=6379,state=wait_bgsave,offset=0,lag=0\n"
                            "slave_read_only:1\n"));
    CHECK(signs.evicted_keys == 7);
    CHECK(signs.replica_lag_bytes == 600);
}

TEST_CASE("evictions that were there before are no distress, those that begin are") {
    const SteadyTime start{1h};
    Distress steady;
    for (int i = 0; i < 10; ++i) {
        const ServerSigns signs = evicting(std::uint64_t(1000) * i);
        CHECK(steady.judge(signs, start + i * 1s) == Distress::Kind::none);
    }
    Distress begins;
    CHECK(begins.judge(evicting(0), start) == Distress::Kind::none);
    CHECK(begins.judge(evicting(0), start + 1s) == Distress::Kind::none);
    CHECK(begins.judge(evicting(40), start + 2s) == Distress::Kind::none);
    CHECK(begins.judge(evicting(140), start + 3s) == Distress::Kind::evictions);
}

TEST_CASE("a replica far behind is distress while it falls further back") {
    const SteadyTime start{1h};
    Distress distress;
    CHECK(distress.judge(lagging(1), start) == Distress::Kind::none);
    CHECK(distress.judge(lagging(15), start + 1s) == Distress::Kind::none);
    CHECK(distress.judge(lagging(20), start + 2s) == Distress::Kind::replica_lag);
    CHECK(distress.judge(lagging(18), start + 3s) == Distress::Kind::none);
}

TEST_CASE("it asks now and then, and no more once it is refused for good") {
    FakeClient client;
    std::string commandstats = "cmdstat_scan:calls=1,usec=2\r\n";
    client.on("INFO", [&](const FakeClient::Args& args) {
        return args.at(1) == "commandstats" ? Reply::make_string(commandstats)
                                            : Reply::make_string("");
    });
    int told = 0;
    ServerWatch watch(client,
                      [&](const ServerSigns& signs) { told += signs.commands_usec ? 1 : 0; });
    const auto wait = [&](std::chrono::milliseconds time) {
        bool over = false;
        client.after(time, [&] { over = true; });
        client.run_until([&] { return over; });
    };
    watch.look();
    watch.look();
    wait(10ms);
    watch.look();
    wait(10ms);
    CHECK(told == 1);
    wait(300ms);
    watch.look();
    wait(10ms);
    CHECK(told == 2);
    CHECK(client.lines() == std::vector<std::string>{"INFO commandstats", "INFO cpu", "INFO stats",
                                                     "INFO replication", "INFO commandstats",
                                                     "INFO cpu"});
    client.on("INFO", [](const FakeClient::Args&) { return Reply::make_error("BUSY script"); });
    for (int i = 0; i < 2; ++i) {
        wait(400ms);
        watch.look();
    }
    wait(10ms);
    CHECK(client.count("INFO") == 12);
    client.on("INFO", [](const FakeClient::Args&) { return Reply::make_error("NOPERM"); });
    for (int i = 0; i < 5; ++i) {
        wait(400ms);
        watch.look();
    }
    CHECK(client.count("INFO") == 14);
}
