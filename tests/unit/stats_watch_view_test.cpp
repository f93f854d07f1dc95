// The overview and the watch at the widths of terminals that people have.
#include "stats/watch_view.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "stats/overview_table.hpp"
#include "util/text.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

constexpr double k_nan = std::numeric_limits<double>::quiet_NaN();

ServerInfo full_cache() {
    ServerInfo server;
    server.name = "redis";
    server.version = "7.0.15";
    server.role = "master";
    server.info = InfoFields(
        "uptime_in_seconds:125\nused_memory:268225740\nmaxmemory:268225740\n"
        "maxmemory_policy:allkeys-lru\nused_memory_dataset:190107648\nused_memory_peak:274516000\n"
        "used_memory_rss:287309824\nmem_fragmentation_ratio:1.07\n"
        "keyspace_hits:18318\nkeyspace_misses:5064\nevicted_keys:22384\nexpired_keys:0\n"
        "connected_clients:5\nmaxclients:10000\nblocked_clients:0\nconnected_slaves:1\n"
        "slave0:ip=127.0.0.1,port=7411,state=online,offset=1,lag=19\n"
        "db0:keys=980980,expires=833833,avg_ttl=118800000\n");
    return server;
}

Reading reading_of(ServerInfo server) {
    Reading reading;
    reading.server = std::move(server);
    return reading;
}

std::vector<HeldBy> holders() {
    return {{.shape = "KEYS sess:0000*",
             .calls = 6,
             .took = 11'400ms,
             .longest = 1'900ms,
             .share = 0.19,
             .client = "cron-legacy",
             .address = "10.0.3.7:38468",
             .clients = 1},
            {.shape = "GET \u65e5\u672c\u8a9e:\U0001F600\x1b[2J:<n>",
             .calls = 12'031,
             .took = 1s,
             .longest = 20ms,
             .share = 0.031,
             .client = "\xff\x1b]0;evil\x07",
             .address = "10.0.3.9:38452",
             .clients = 3},
            {.shape = "SET", .calls = 12'031, .took = 1s, .share = 0.031, .in_slow_log = false}};
}

ServerTitle title() { return {"cache.internal:6379", "prod", 0, "cachectl --context prod"}; }

Rates rates() {
    Rates rates;
    rates.interval = 1'001ms;
    rates.commands = 1'231;
    rates.input_bytes = 384'000;
    rates.output_bytes = 705'536;
    rates.evicted = 447;
    rates.expired = 0;
    rates.lookups = IntervalLookups{71, 29, 1'001ms};
    return rates;
}

WatchState watched() {
    WatchState state;
    state.server = full_cache();
    state.held = holders();
    for (int i = 0; i < 200; ++i) {
        state.history.add({1'000.0 + i, 0.5 + i / 1'000.0, i < 100 ? 0 : i * 4.0, 0,
                           i % 20 == 0 ? 1'900.0 : 0.3, i > 180 ? i - 180.0 : 0});
    }
    state.history.add({1'231, 0.783, 447, 0, 0.3, 19});
    return state;
}

void check_fits(const std::vector<std::string>& lines, std::size_t columns) {
    for (const std::string& line : lines) {
        CAPTURE(line);
        CHECK(display_width(line) <= columns);
        CHECK(line.find_first_of("\x1b\x07\n\r") == std::string::npos);
    }
}

}  // namespace

TEST_CASE("the overview at 100 columns") {
    const Reading reading = reading_of(full_cache());
    const Overview overview{reading.server, rates(), InfoFields(), holders(), "", {&reading, 1}};
    const Display display{.columns = 100};
    const auto lines = overview_lines(title(), overview, display);
    const std::vector<std::string> expected = {
        "memory     255.8 MiB of 255.8 MiB   ████████████████████████████ full  allkeys-lru",
        "           dataset 181.3 MiB, peak 261.8 MiB, process 274.0 MiB (1.07 of used)",
        "keys       980,980 in db 0          ███████████████████████▊     85 % expire, on average "
        "in "
        "1d 9h",
        "cache      78.3 % hits since start  █████████████████████▉       18,318 of 23,382",
        "           71.0 % in the last second; evicting 447 keys/s, 22,384 so far; expired 0 "
        "keys/s, 0 so far",
        "load       1,231 commands/s, 5 clients of 10,000, 0 blocked, in 375.0 KiB/s, out 689.0 "
        "KiB/s",
        "replicas   1 online, 19 s behind (127.0.0.1:7411)",
        "",
        "! KEYS sess:0000* by cron-legacy, 10.0.3.7:38468 held the server for 19.0 % of the last "
        "minute:",
        "  cachectl --context prod stats slow",
        "! the cache is full: 447 keys/s are evicted: cachectl --context prod stats memory",
        "! a replica has not been heard of for 19 s: 127.0.0.1:7411:",
        "  cachectl --context prod stats replication",
        "",
        "HELD THE SERVER, LAST MINUTE      CALLS  OF TIME               LONGEST  BY"};
    REQUIRE(lines.size() > expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(lines[i] == expected[i]);
    }
}

TEST_CASE("the overview fits every terminal") {
    const Reading reading = reading_of(full_cache());
    const Overview overview{reading.server, rates(),          InfoFields(),
                            holders(),      "no right to it", {&reading, 1}};
    for (const std::size_t columns : {40, 60, 80, 100, 160}) {
        CAPTURE(columns);
        check_fits(overview_lines(title(), overview, Display{.columns = columns}), columns);
    }
}

TEST_CASE("an empty server, and one that tells nothing, have an overview too") {
    Overview overview;
    for (const char* info : {"", "used_memory:1\nmaxmemory:0\n", "used_memory:x\ndb0:\nslave0:\n",
                             "used_memory:18446744073709551615\nmaxmemory:1\n"
                             "db0:keys=18446744073709551615,expires=-1,avg_ttl=1e300\n"}) {
        overview.server.info = InfoFields(info);
        const Reading reading = reading_of(overview.server);
        overview.servers = {&reading, 1};
        check_fits(overview_lines(title(), overview, Display{.columns = 80}), 80);
    }
}

TEST_CASE("the watch at 100 columns has trends, reply times and who held the server") {
    const auto lines = watch_lines(title(), watched(), Display(), 100, 30);
    CHECK(
        lines[0] ==
        "cache.internal:6379  redis 7.0.15, master of 1 replica, up 2m 5s                   every "
        "1s, q quits");
    CHECK(lines[1] == "context prod");
    CHECK(lines[3].starts_with("memory     255.8 MiB of 255.8 MiB   ███"));
    CHECK(lines[5].starts_with("commands       1,231/s   "));
    CHECK(lines[6].starts_with("hit ratio       78.3 %   "));
    CHECK(lines[8].starts_with("expired            0/s   "));
    CHECK(lines[9].starts_with("latency         0.3 ms   "));
    CHECK(lines[9].ends_with(" 0.3 ms    1.9 s"));
    CHECK(lines[9].find("█···") != std::string::npos);
    CHECK(lines[10].starts_with("replica      19 s late   "));
    CHECK(lines[13].starts_with("HELD THE SERVER, LAST MINUTE"));
    CHECK(lines[14].starts_with("KEYS sess:0000*"));
    CHECK(lines[14].ends_with("1.9 s  cron-legacy, 10.0.3.7:38468"));
    CHECK(lines[16].ends_with("not in the slow log"));
}

TEST_CASE("the watch fits every terminal, also one of few rows") {
    WatchState state = watched();
    state.trouble = "cannot read the server's figures: " + std::string(200, 'x') + "\x1b[2J";
    state.notes = {"cannot read the slow log: NOPERM " + std::string(200, 'y')};
    for (const std::size_t columns : {40, 60, 80, 100, 160, 500}) {
        for (const std::size_t rows : {1, 5, 14, 15, 16, 24, 60}) {
            CAPTURE(columns);
            CAPTURE(rows);
            const auto lines = watch_lines(title(), state, Display(), columns, rows);
            CHECK(lines.size() <= rows);
            check_fits(lines, columns);
        }
    }
}

TEST_CASE("a terminal too narrow for the charts still has the figures of now") {
    const auto lines = watch_lines(title(), watched(), Display(), 40, 24);
    CHECK(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.starts_with("commands") && line.find("1,231/s") != std::string::npos;
    }));
}

TEST_CASE("the first moment of a watch, and one without a server") {
    WatchState state;
    check_fits(watch_lines(title(), state, Display(), 80, 24), 80);
    state.history.add({k_nan, k_nan, k_nan, k_nan, k_nan, k_nan});
    const auto lines = watch_lines(title(), state, Display(), 80, 24);
    check_fits(lines, 80);
    CHECK(lines[5].starts_with("commands             -"));
}

TEST_CASE("without colours there are no escapes, with them only these; ASCII where it must be") {
    const Display plain{.glyphs = Glyphs::ascii};
    for (const std::string& line :
         watch_lines({"h:1", "", 0, "cachectl"}, watched(), plain, 80, 12)) {
        CHECK(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 127; }));
    }
    const Display colored{.paint = Painter(Painter::Color::on)};
    CHECK(watch_lines(title(), watched(), colored, 80, 24)[0].find("\x1b[1m") != std::string::npos);
}

TEST_CASE("in one sentence, for a terminal that cannot be redrawn") {
    CHECK(watch_sentence(watched()) ==
          "1,231/s commands, 78.3 % hits, 447/s evicted, 0/s expired, latency 0.3 ms, held 19.0 % "
          "of the last minute: KEYS sess:0000* by cron-legacy, 10.0.3.7:38468");
    WatchState state;
    state.trouble = "gone";
    CHECK(watch_sentence(state) == "gone");
}
