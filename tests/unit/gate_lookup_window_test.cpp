#include "gate/lookup_window.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cachectl;

namespace {

GateReading reading(std::vector<std::pair<int, int>> nodes) {
    GateReading reading;
    for (const auto& [hits, misses] : nodes) {
        reading.nodes.push_back(
            {"",
             InfoFields(fmt::format("keyspace_hits:{}\r\nkeyspace_misses:{}\r\n", hits, misses))});
    }
    return reading;
}

}  // namespace

TEST_CASE("the ratio is that of the look-ups in between, of a hundred at least") {
    LookupWindow window;
    window.take(reading({{1'000'000, 0}}));
    CHECK_FALSE(window.ratio().has_value());
    window.take(reading({{1'000'030, 30}}));
    CHECK_FALSE(window.ratio().has_value());
    CHECK(window.lookups() == 60);
    window.take(reading({{1'000'030, 90}}));  // the window has gone on
    CHECK(window.ratio() == doctest::Approx(0.25));
    window.take(reading({{1'000'130, 90}}));
    CHECK(window.ratio() == doctest::Approx(1.0));
    window.take(reading({{1'000'130, 91}}));  // too few to say otherwise
    CHECK(window.ratio() == doctest::Approx(1.0));
}

TEST_CASE("our own look-ups are left out") {
    LookupWindow window;
    window.take(reading({{0, 0}}));
    window.leave_out(0, 50);
    window.take(reading({{100, 50}}));
    CHECK(window.ratio() == doctest::Approx(1.0));
}

TEST_CASE("counters that went back, or another number of nodes, begin a new window") {
    LookupWindow window;
    window.take(reading({{500, 500}}));
    window.take(reading({{10, 200}}));
    CHECK_FALSE(window.ratio().has_value());
    window.take(reading({{110, 200}}));
    CHECK(window.ratio() == doctest::Approx(1.0));
    window.take(reading({{300, 300}, {300, 300}}));
    CHECK(window.ratio() == doctest::Approx(1.0));
    window.take(reading({{300, 400}, {400, 300}}));
    CHECK(window.ratio() == doctest::Approx(0.5));
}

TEST_CASE("counters of one node that went back begin a new window, whatever those of others did") {
    LookupWindow window;
    window.take(reading({{20, 380}, {0, 0}}));
    window.take(reading({{0, 0}, {400, 400}}));
    CHECK_FALSE(window.ratio().has_value());
    window.take(reading({{100, 100}, {400, 400}}));
    CHECK(window.ratio() == doctest::Approx(0.5));
}

TEST_CASE("another process, or another node in the place of one, begins a new window") {
    LookupWindow window;
    const auto one = [](const char* name, const char* run_id, int hits) {
        GateReading reading;
        reading.nodes.push_back(
            {name, InfoFields(fmt::format("run_id:{}\r\nkeyspace_hits:{}\r\nkeyspace_misses:50\r\n",
                                          run_id, hits))});
        return reading;
    };
    window.take(one("a", "1", 0));
    window.take(one("a", "2", 1'000));
    CHECK_FALSE(window.ratio().has_value());
    window.take(one("b", "2", 2'000));
    CHECK_FALSE(window.ratio().has_value());
    window.take(one("b", "2", 2'100));
    CHECK(window.ratio() == doctest::Approx(1.0));
}

TEST_CASE("a server that tells no counters") {
    LookupWindow window;
    GateReading blind;
    blind.nodes.push_back({"", InfoFields("role:master\r\n")});
    window.take(blind);
    CHECK(window.is_blind());
}
