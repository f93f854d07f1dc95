#include "gate/lookup_window.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cachectl;

namespace {

struct Node {
    int hits, misses;
    std::string run_id = "r";
};

/// Of the nodes "a", "b" …
GateReading reading(std::vector<Node> nodes) {
    GateReading reading;
    for (const Node& node : nodes) {
        const char name = static_cast<char>('a' + reading.nodes.size());
        reading.nodes.push_back(
            {std::string(1, name),
             InfoFields(fmt::format("run_id:{}\r\nkeyspace_hits:{}\r\nkeyspace_misses:{}\r\n",
                                    node.run_id, node.hits, node.misses))});
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

TEST_CASE("counters that went back begin a new window, and the ratio before is forgotten") {
    LookupWindow window;
    window.take(reading({{500, 500}}));
    window.take(reading({{800, 500}}));
    CHECK(window.ratio() == doctest::Approx(1.0));
    window.take(reading({{0, 90}}));  // CONFIG RESETSTAT
    CHECK_FALSE(window.ratio().has_value());
    CHECK(window.lookups() == 0);
    window.take(reading({{0, 190}}));
    CHECK(window.ratio() == doctest::Approx(0.0));
}

TEST_CASE("after a restart of one node the ratio before is forgotten") {
    LookupWindow window;
    window.take(reading({{0, 0}, {0, 0}}));
    window.take(reading({{200, 0}, {200, 0}}));
    CHECK(window.ratio() == doctest::Approx(1.0));
    window.take(reading({{250, 0}, {900, 900, "another"}}));
    CHECK_FALSE(window.ratio().has_value());
    window.take(reading({{250, 0}, {900, 1'000, "another"}}));
    CHECK(window.ratio() == doctest::Approx(0.0));
}

TEST_CASE("a node that joins counts from then on, and one that has left begins a new window") {
    LookupWindow window;
    window.take(reading({{0, 0}}));
    window.take(reading({{200, 0}}));
    window.take(reading({{260, 0}, {300, 300}}));
    CHECK(window.ratio() == doctest::Approx(1.0));
    CHECK(window.lookups() == 60);
    window.take(reading({{260, 0}, {300, 360}}));
    CHECK(window.ratio() == doctest::Approx(0.5));
    window.take(reading({{560, 0}}));
    CHECK_FALSE(window.ratio().has_value());
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
    window.take(reading({{0, 0}}));
    window.take(reading({{100, 0}}));
    CHECK(window.ratio().has_value());
    window.take(blind);
    CHECK_FALSE(window.ratio().has_value());
}
