#include "stats/reading.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

Reading reading(SteadyTime::duration at, const std::string& info, const std::string& run_id = "r") {
    Reading reading;
    reading.at = SteadyTime(at);
    reading.server.run_id = run_id;
    reading.server.info = InfoFields(info);
    return reading;
}

}  // namespace

TEST_CASE("rates are what was counted between two readings, without our own part") {
    Reading before = reading(10s,
                             "total_commands_processed:1000\nkeyspace_hits:10\nkeyspace_misses:0\n"
                             "evicted_keys:5\ntotal_net_output_bytes:1000\n"
                             "used_cpu_sys:1.5\nused_cpu_user:2.5\n");
    Reading after = reading(12s,
                            "total_commands_processed:1206\nkeyspace_hits:40\nkeyspace_misses:10\n"
                            "evicted_keys:25\ntotal_net_output_bytes:9000\n"
                            "used_cpu_sys:2.0\nused_cpu_user:3.0\n");
    before.own_commands = 2;
    after.own_commands = 8;
    before.own_reply_bytes = 1'000;
    after.own_reply_bytes = 7'000;
    const Rates rates = rates_between(before, after);
    CHECK(rates.interval == 2'000ms);
    CHECK(rates.commands == 100);
    CHECK(rates.output_bytes == 1'000);
    CHECK(rates.hits == 15);
    CHECK(rates.misses == 5);
    CHECK(rates.evicted == 10);
    CHECK(rates.cpu == 0.5);
    CHECK_FALSE(rates.expired);
    REQUIRE(rates.lookups);
    CHECK(rates.lookups->hits == 30);
    CHECK(rates.lookups->misses == 10);
}

TEST_CASE("a counter that was reset has no rate, and a server that was restarted none at all") {
    const Reading before =
        reading(1s, "uptime_in_seconds:50\nkeyspace_hits:10\nkeyspace_misses:9\nevicted_keys:5\n");
    const Reading reset =
        reading(2s, "uptime_in_seconds:51\nkeyspace_hits:0\nkeyspace_misses:9\nevicted_keys:6\n");
    Rates rates = rates_between(before, reset);
    CHECK_FALSE(rates.hits);
    CHECK_FALSE(rates.lookups);
    CHECK(rates.evicted == 1);

    const std::string later = "uptime_in_seconds:60\nevicted_keys:600\n";
    CHECK_FALSE(rates_between(before, reading(2s, later, "another")).evicted);
    CHECK_FALSE(
        rates_between(before, reading(2s, "uptime_in_seconds:3\nevicted_keys:9\n")).evicted);
    CHECK_FALSE(rates_between(before, reading(1s, later)).evicted);  // no time between them
    Reading failed = reading(2s, later);
    failed.failure = Error(ExitCode::unreachable, "gone");
    CHECK_FALSE(rates_between(before, failed).evicted);
}

TEST_CASE("counters that are no numbers are unknown") {
    const Rates rates = rates_between(reading(1s, "evicted_keys:x\nexpired_keys:1\n"),
                                      reading(2s, "evicted_keys:5\nexpired_keys:nonsense\n"));
    CHECK_FALSE(rates.evicted);
    CHECK_FALSE(rates.expired);
}

TEST_CASE("of one reading the server's own rates are taken") {
    const Rates rates = instantaneous_rates(
        InfoFields("instantaneous_ops_per_sec:12\ninstantaneous_input_kbps:1.50\n"));
    CHECK_FALSE(rates.interval);
    CHECK(rates.commands == 12);
    CHECK(rates.input_bytes == 1'536);
    CHECK_FALSE(rates.output_bytes);
}

TEST_CASE("rates of a cluster are sums, unless one of its servers is missing") {
    Reading a = reading(1s, "evicted_keys:1\nkeyspace_hits:0\nkeyspace_misses:0\n");
    Reading a2 = reading(2s, "evicted_keys:3\nkeyspace_hits:4\nkeyspace_misses:0\n");
    Reading b = a;
    Reading b2 = reading(2s, "evicted_keys:11\nkeyspace_hits:0\nkeyspace_misses:6\n");
    a.node = a2.node = "a";
    b.node = b2.node = "b";
    const std::vector<Reading> before{a, b};
    const Rates rates = rates_between(before, std::vector<Reading>{b2, a2});
    CHECK(rates.evicted == 12);
    REQUIRE(rates.lookups);
    CHECK(rates.lookups->hits == 4);
    CHECK(rates.lookups->misses == 6);
    b2.failure = Error(ExitCode::unreachable, "gone");
    CHECK_FALSE(rates_between(before, std::vector<Reading>{b2, a2}).evicted);
    CHECK_FALSE(total_rates({}).commands);
}

TEST_CASE("the time of commands between two readings") {
    Reading before = reading(1s, "");
    Reading after = reading(2s, "");
    before.commands = InfoFields("cmdstat_get:calls=1,usec=10\ncmdstat_set:calls=5,usec=9\n");
    after.commands = InfoFields(
        "cmdstat_get:calls=3,usec=30\ncmdstat_set:calls=5,usec=9\ncmdstat_keys:calls=1,usec=7\n");
    const auto times = command_times_between(before, after);
    REQUIRE(times.size() == 2);
    CHECK(times[0].command == "get");
    CHECK(times[0].calls == 2);
    CHECK(times[0].usec == 20);
    CHECK(times[1].command == "keys");
    CHECK(command_times_between(after, before).empty());  // CONFIG RESETSTAT
}
