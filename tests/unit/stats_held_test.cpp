#include "stats/held.hpp"

#include <doctest/doctest.h>

#include "stats/attention.hpp"
#include "stats/last_minute.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

SlowCommand slow(const std::string& shape, std::chrono::microseconds took,
                 const std::string& address, const std::string& client = "",
                 std::chrono::seconds at = 1'000s) {
    std::string command = shape.substr(0, shape.find(' '));
    std::transform(command.begin(), command.end(), command.begin(), ::tolower);
    return {"", 1, at, took, shape, command, address, client};
}

Reading reading(SteadyTime::duration at, const std::string& commands) {
    Reading reading;
    reading.at = SteadyTime(at);
    reading.server.info = InfoFields("server_time_usec:1000000000\nuptime_in_seconds:500\n");
    reading.commands = InfoFields(commands);
    return reading;
}

}  // namespace

TEST_CASE("calls of one shape are added up, with the client that took most of them") {
    const std::vector<SlowCommand> commands = {
        slow("KEYS *", 2s, "10.0.0.1:5", "cron"), slow("KEYS *", 1s, "10.0.0.2:5"),
        slow("KEYS *", 500ms, "10.0.0.2:5"), slow("EVAL x", 600ms, "10.0.0.3:5")};
    const auto held = held_by(commands, 60s);
    REQUIRE(held.size() == 2);
    CHECK(held[0].shape == "KEYS *");
    CHECK(held[0].calls == 3);
    CHECK(held[0].took == 3'500ms);
    CHECK(held[0].longest == 2s);
    CHECK(held[0].share == doctest::Approx(3.5 / 60));
    CHECK(describe_caller(held[0]) == "cron, 10.0.0.1:5 and 1 other");
    CHECK(describe_caller(held[1]) == "10.0.0.3:5");
    CHECK(held_by({}, 60s).empty());
    CHECK(held_by(commands, 0s)[0].share == 0);
}

TEST_CASE("a client without a name is called by what CLIENT LIST knows of its address") {
    const std::vector<SlowCommand> commands = {slow("KEYS *", 2s, "a:1"), slow("EVAL x", 1s, "b:1"),
                                               slow("SORT l", 1ms, "c:1"),
                                               slow("GET k", 1us, "d:1", "own name")};
    auto held = held_by(commands, 60s);
    std::vector<ListedClient> clients(4);
    clients[0].address = "a:1";
    clients[0].name = "late name";
    clients[1].address = "b:1";
    clients[1].user = "batch";
    clients[2].address = "c:1";
    clients[2].user = "default";
    clients[2].library = "redis-py";
    clients[3].address = "d:1";
    clients[3].name = "another";
    name_clients(held, clients);
    CHECK(held[0].client == "late name");
    CHECK(held[1].client == "user batch");
    CHECK(held[2].client == "redis-py");
    CHECK(held[3].client == "own name");
}

TEST_CASE("clients of a Unix socket, which have one address, are not taken for each other") {
    const std::vector<SlowCommand> commands = {slow("KEYS *", 2s, "/run/r.sock:0", "cron"),
                                               slow("KEYS *", 3s, "/run/r.sock:0", "report"),
                                               slow("EVAL x", 1s, "/run/r.sock:0")};
    auto held = held_by(commands, 60s);
    std::vector<ListedClient> clients(2);
    clients[0].address = clients[1].address = "/run/r.sock:0";
    clients[0].name = "cron";
    clients[1].name = "report";
    name_clients(held, clients);
    CHECK(describe_caller(held[0]) == "report, /run/r.sock:0 and 1 other");
    CHECK(describe_caller(held[1]) == "/run/r.sock:0");
}

TEST_CASE("the last minute forgets what is older, by the server's clock") {
    LastMinute minute;
    const std::vector<Reading> now{reading(10s, "")};
    minute.add({}, now, {slow("KEYS *", 6s, "a:1", "", 999s), slow("KEYS *", 6s, "a:1", "", 940s)},
               5s);
    const auto held = minute.held();
    REQUIRE(held.size() == 1);
    CHECK(held[0].calls == 1);
    CHECK(held[0].share == doctest::Approx(0.1));
}

TEST_CASE("the last minute is one, also of a server that has just started") {
    LastMinute minute;
    std::vector<Reading> now{reading(10s, "")};
    now[0].server.info = InfoFields("server_time_usec:1000000000\nuptime_in_seconds:3\n");
    minute.add({}, now, {slow("DEBUG sleep", 1s, "a:1")}, 5s);
    CHECK(minute.held().at(0).share == doctest::Approx(1.0 / 60));
}

TEST_CASE("what the slow log does not have comes from the time of commands, counted once") {
    LastMinute minute;
    const std::vector<Reading> first{reading(10s, "cmdstat_keys:calls=1,usec=5\n")};
    const std::vector<Reading> second{
        reading(20s, "cmdstat_keys:calls=2,usec=1000005\ncmdstat_set:calls=9,usec=500000\n")};
    minute.add({}, first, {}, 0s);
    minute.add(first, second, {slow("KEYS *", 1s, "a:1")}, 0s);
    const auto held = minute.held();
    REQUIRE(held.size() == 2);
    CHECK(held[0].shape == "SET");
    CHECK_FALSE(held[0].in_slow_log);
    CHECK(held[0].calls == 9);
    CHECK(held[0].share == doctest::Approx(0.05));  // of the ten seconds that were watched
    CHECK(held[1].shape == "KEYS *");
    CHECK(held[1].share == doctest::Approx(1.0 / 60));
}

TEST_CASE("a watch of many hours holds no more than a minute") {
    LastMinute minute;
    std::vector<Reading> before;
    for (int i = 0; i < 1'000; ++i) {
        std::vector<Reading> after{reading(std::chrono::seconds(10 + i),
                                           "cmdstat_set:calls=" + std::to_string(i) +
                                               ",usec=" + std::to_string(i * 100'000) + '\n')};
        std::vector<SlowCommand> many(128, slow("KEYS *", 1ms, "a:1"));
        minute.add(before, after, std::move(many), 0s);
        before = std::move(after);
    }
    const auto held = minute.held();
    REQUIRE(held.size() == 2);
    CHECK(held[1].calls + held[0].calls <= 2'000 + 62);
    const auto set = std::find_if(held.begin(), held.end(),
                                  [](const HeldBy& one) { return one.shape == "SET"; });
    REQUIRE(set != held.end());
    CHECK(set->share == doctest::Approx(0.1).epsilon(0.05));
}

TEST_CASE("what needs attention, with what to act on first") {
    Reading reading;
    reading.server.info = InfoFields(
        "used_memory:100\nmaxmemory:100\nmaxmemory_policy:noeviction\n"
        "rdb_last_bgsave_status:err\nconnected_clients:95\nmaxclients:100\n"
        "slave0:ip=10.0.0.6,port=6379,state=online,offset=1,lag=19\n");
    Rates rates;
    rates.evicted = 447;
    const InfoFields commands("cmdstat_keys:calls=9,usec=9000000\ncmdstat_get:calls=9,usec=9\n");
    const auto held = held_by(std::vector{slow("EVAL x", 10s, "a:1", "rep")}, 60s);
    const auto found = needs_attention({&reading, 1}, rates, commands, held);
    REQUIRE(found.size() == 7);
    CHECK(found[0].level == Attention::Level::act);
    CHECK(found[3].sentence == "EVAL x by rep, a:1 held the server for 16.7 % of the last minute");
    CHECK(found[3].section == "slow");
    CHECK(found[4].level == Attention::Level::look);
    CHECK(found[6].sentence ==
          "KEYS has taken 100.0 % of the time of all commands since the start");
    CHECK(needs_attention({}, Rates(), InfoFields(), {}).empty());
}

TEST_CASE("of a cluster each node is judged by itself, and named") {
    const auto node = [](const char* name, const char* info) {
        Reading reading;
        reading.node = name;
        reading.server.info = InfoFields(info);
        return reading;
    };
    const char* well =
        "used_memory:1\nmaxmemory:1000\nmaxmemory_policy:allkeys-lru\n"
        "rdb_last_bgsave_status:ok\nconnected_clients:1\nmaxclients:100\n";
    const char* ill =
        "used_memory:100\nmaxmemory:100\nmaxmemory_policy:noeviction\n"
        "rdb_last_bgsave_status:err\nconnected_clients:95\nmaxclients:100\nloading:1\n";
    Reading away = node("d:4", "");
    away.failure.emplace(ExitCode::unreachable, "lost");
    std::vector<Reading> nodes = {node("a:1", well), node("b:2", ill), node("c:3", well), away};
    const auto sentences = [&] {
        std::vector<std::string> found;
        for (const Attention& one : needs_attention(nodes, Rates(), InfoFields(), {})) {
            found.push_back(one.sentence);
        }
        return found;
    };
    CHECK(sentences() == std::vector<std::string>{
                             "b:2: the last save to disk failed",
                             "b:2: it is still loading its dataset",
                             "b:2: memory is full and nothing may be evicted: writes are refused",
                             "b:2: 95 of 100 clients are connected: soon none more is let in"});
    nodes[2] = node("c:3", "rdb_last_bgsave_status:err\n");
    CHECK(sentences()[0] == "b:2 and c:3: the last save to disk failed");
    nodes[0] = node("a:1", "rdb_last_bgsave_status:err\n");
    CHECK(sentences()[0] == "a:1 and 2 others: the last save to disk failed");
}
