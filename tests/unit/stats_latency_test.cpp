#include "stats/latency.hpp"

#include <doctest/doctest.h>

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

Reply event(const char* name, std::int64_t at, std::int64_t latest, std::int64_t longest) {
    return Reply::make_array({Reply::make_string(name), Reply::make_integer(at),
                              Reply::make_integer(latest), Reply::make_integer(longest)});
}

}  // namespace

TEST_CASE("events of the latency monitor, those that took the longest first") {
    const auto events = parse_latency_latest(
        Reply::make_array({event("command", 1'700'000'000, 250, 300), event("fork", 1, 5, 900)}));
    REQUIRE(events.size() == 2);
    const FigureGroup group = latency_event_figures(events);
    CHECK(std::get<std::string>(group.rows[0][0].value) == "fork");
    CHECK(std::get<std::string>(group.rows[1][1].value) == "2023-11-14T22:13:20Z");
    CHECK(std::get<std::int64_t>(group.rows[1][3].value) == 300);
}

TEST_CASE("what is no event is left out") {
    const auto max = std::numeric_limits<std::int64_t>::max();
    const auto events = parse_latency_latest(
        Reply::make_array({Reply::make_integer(1), Reply::make_array({}),
                           Reply::make_array({Reply::make_integer(1), Reply::make_integer(1),
                                              Reply::make_integer(1), Reply::make_integer(1)}),
                           event("odd", -max, -max, max)}));
    REQUIRE(events.size() == 1);
    CHECK(events[0].latest == 0ms);
    CHECK(latency_event_figures(events).rows.size() == 1);
    CHECK(parse_latency_latest(Reply::make_error("ERR")).empty());
}

TEST_CASE("our own PINGs: the fastest, the middle one, the slowest") {
    const FigureGroup group = ping_figures({300us, 100us, 200us});
    const FigureRow& row = group.rows[0];
    CHECK(std::get<std::int64_t>(row[0].value) == 3);
    CHECK(std::get<std::int64_t>(row[1].value) == 100);
    CHECK(std::get<std::int64_t>(row[2].value) == 200);
    CHECK(std::get<std::int64_t>(row[3].value) == 300);
    CHECK(std::holds_alternative<std::monostate>(ping_figures({}).rows[0][1].value));
}

TEST_CASE("quantiles of commands, the slowest first") {
    const FigureGroup group = latency_command_figures(
        InfoFields("latency_percentiles_usec_get:p50=1.0,p99=9.0,p99.9=12.0\n"
                   "latency_percentiles_usec_keys:p50=500.0,p99=x\nother:1\n"
                   "latency_percentiles_usec_set:p50=1.0,p99=90.0,p99.9=120.0\n"));
    REQUIRE(group.rows.size() == 3);
    CHECK(std::get<std::string>(group.rows[0][0].value) == "set");
    CHECK(std::get<double>(group.rows[0][3].value) == 120.0);
    CHECK(std::holds_alternative<std::monostate>(group.rows[2][2].value));
}
