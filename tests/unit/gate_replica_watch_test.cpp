#include "gate/replica_watch.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

struct Replica {
    const char* state;
    int lag;
    int offset;
};

GateReading at(std::chrono::milliseconds time, int offset, const std::vector<Replica>& replicas) {
    std::string info = fmt::format("role:master\r\nmaster_repl_offset:{}\r\n", offset);
    for (std::size_t i = 0; i < replicas.size(); ++i) {
        info += fmt::format("slave{}:ip=10.0.0.{},port=6379,state={},offset={},lag={}\r\n", i, i,
                            replicas[i].state, replicas[i].offset, replicas[i].lag);
    }
    GateReading reading;
    reading.at = SteadyTime(1h) + time;
    reading.nodes.push_back({"", InfoFields(info)});
    return reading;
}

}  // namespace

TEST_CASE("replicas that have acknowledged lately and have all are near") {
    ReplicaWatch watch(2s);
    const auto verdict = watch.take(at(0s, 500, {{"online", 0, 500}, {"online", 2, 500}}));
    CHECK(verdict.near);
    CHECK(verdict.lag_ms == 2'000);
    const auto late = watch.take(at(1s, 500, {{"online", 0, 500}, {"online", 3, 500}}));
    CHECK_FALSE(late.near);
    CHECK(late.lag_ms == 3'000);
    CHECK(late.why == "10.0.0.1:6379 is 3 s behind");
}

TEST_CASE("one that acknowledges but lacks what was written is not") {
    ReplicaWatch watch(1s);
    CHECK_FALSE(watch.take(at(0s, 1'000, {{"online", 0, 900}})).near);  // nothing older is known
    CHECK_FALSE(watch.take(at(1s, 2'000, {{"online", 0, 900}})).near);
    const auto behind = watch.take(at(2s, 3'000, {{"online", 0, 900}}));
    CHECK_FALSE(behind.near);
    CHECK(behind.why == "10.0.0.0:6379 lacks 100 B of what was written");
    // What the master had two seconds ago is there, although it goes on writing.
    CHECK(watch.take(at(3s, 4'000, {{"online", 0, 2'500}})).near);
}

TEST_CASE("none, one that is not online, and a server that is a replica itself") {
    ReplicaWatch watch(1s);
    CHECK(watch.take(at(0s, 1, {})).why == "no replica is connected");
    CHECK(watch.take(at(1s, 1, {{"wait_bgsave", 0, 0}})).why ==
          "10.0.0.0:6379 is not online: wait_bgsave");
    GateReading replica;
    replica.nodes.push_back({"", InfoFields("role:slave\r\nmaster_link_status:up\r\n"
                                            "master_last_io_seconds_ago:4\r\n")});
    CHECK_FALSE(watch.take(replica).near);
    CHECK(watch.take(replica).why == "this replica has not heard of its master for 4 s");
    CHECK(ReplicaWatch(4s).take(replica).near);
    replica.nodes[0].info = InfoFields("role:slave\r\nmaster_link_status:down\r\n");
    CHECK_FALSE(watch.take(replica).near);
}

TEST_CASE("another master's history begins anew") {
    ReplicaWatch watch(1s);
    watch.take(at(0s, 9'000, {{"online", 0, 9'000}}));
    CHECK(watch.take(at(5s, 100, {{"online", 0, 100}})).near);
    CHECK_FALSE(watch.take(at(6s, 200, {{"online", 0, 100}})).near);
}
