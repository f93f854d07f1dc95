#include "keyspace/ttl_timeline.hpp"

#include <doctest/doctest.h>

#include <random>

#include "keyspace/ttl_timeline_drawing.hpp"
#include "output/writer.hpp"
#include "util/text.hpp"

using namespace cachectl;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

struct Clock {
    std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
    TtlTimeline timeline(milliseconds span = 1h, std::size_t cells = 60) {
        return TtlTimeline(span, cells, [this] { return now; });
    }
};

void add(TtlTimeline& timeline, const std::string& name, std::optional<milliseconds> ttl) {
    KeyFacts facts;
    facts.key = name;
    facts.ttl = ttl;
    timeline.add(facts);
}

void add_many(TtlTimeline& timeline, const std::string& name, int keys, milliseconds from,
              milliseconds to) {
    for (int i = 0; i < keys; ++i) {
        add(timeline, name + ":" + std::to_string(i), from + (to - from) * i / keys);
    }
}

}  // namespace

TEST_CASE("a key counts in its namespace's cell, or as later or never") {
    Clock clock;
    TtlTimeline timeline = clock.timeline();
    add(timeline, "a:1", 0ms);
    add(timeline, "a:2", 59'999ms);
    add(timeline, "a:3", 60'000ms);
    add(timeline, "a:4", 3'599'999ms);
    add(timeline, "a:5", 3'600'000ms);
    add(timeline, "a:6", milliseconds::max());
    add(timeline, "b:1", {});
    add(timeline, "alone", {});
    const auto rows = timeline.rows(10);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].name == "a");
    CHECK(rows[0].cells[0] == 2);
    CHECK(rows[0].cells[1] == 1);
    CHECK(rows[0].cells[59] == 1);
    CHECK(rows[0].within == 4);
    CHECK(rows[0].later == 2);
    CHECK(timeline.all().never == 2);
    CHECK(timeline.all().keys() == 8);
}

TEST_CASE("what a long walk reads late is not taken to expire sooner") {
    Clock clock;
    TtlTimeline timeline = clock.timeline();
    add(timeline, "a:1", 10min);
    clock.now += 5min;
    add(timeline, "a:2", 5min);
    CHECK(timeline.all().cells[10] == 2);
    add(timeline, "a:3", 58min);
    CHECK(timeline.all().later == 1);
}

TEST_CASE("namespaces beyond those that are shown are one row, and a reset forgets all") {
    Clock clock;
    TtlTimeline timeline = clock.timeline();
    for (int i = 0; i < 1'500; ++i) {
        add(timeline, std::to_string(i) + ":x", 1min);
    }
    add(timeline, "big:1", 1min);
    add(timeline, std::string(300, 'n') + ":1", 1min);
    const auto rows = timeline.rows(5);
    CHECK(rows.size() == 6);
    CHECK(rows.back().kind == NamespaceCount::Kind::other);
    CHECK(rows.back().within == 1'502 - 5);
    timeline.reset();
    CHECK(timeline.all().keys() == 0);
    CHECK(timeline.rows(5).empty());
}

TEST_CASE("keys that end within a minute are a cliff, from 100 on and a quarter") {
    Clock clock;
    TtlTimeline timeline = clock.timeline();
    add_many(timeline, "fall", 100, 301s, 305s);
    add_many(timeline, "few", 99, 301s, 305s);
    add_many(timeline, "part", 300, 0s, 3'600s);
    add_many(timeline, "part", 120, 1'800s, 1'830s);
    add_many(timeline, "less", 1'000, 0s, 3'600s);
    add_many(timeline, "less", 150, 1'800s, 1'830s);
    const auto cliffs = timeline.cliffs();
    REQUIRE(cliffs.size() == 2);
    CHECK(cliffs[0].name == "fall");
    CHECK(cliffs[0].keys == 100);
    CHECK(cliffs[0].from == 300s);
    CHECK(cliffs[0].to == 310s);
    CHECK(cliffs[0].is_all);
    CHECK(spreading_command(cliffs[0]) == "cachectl expire 'fall:*' --set 30m --jitter 50%");
    CHECK(cliffs[1].name == "part");
    CHECK(!cliffs[1].is_all);
    CHECK(spreading_command(cliffs[1]) ==
          "cachectl expire 'part:*' --ttl-below 32m --set 1h --jitter 50%");
}

TEST_CASE("keys that are written all the time with a short TTL are no cliff") {
    Clock clock;
    TtlTimeline timeline = clock.timeline();
    std::mt19937_64 random(5);
    for (int i = 0; i < 5'000; ++i) {
        add(timeline, "rate:" + std::to_string(i), milliseconds(random() % 60'000));
        add(timeline, "short:" + std::to_string(i), milliseconds(random() % 180'000));
    }
    CHECK(timeline.cliffs().empty());
}

TEST_CASE("a cliff is found in a week as well, among more slots than are held") {
    Clock clock;
    TtlTimeline timeline = clock.timeline(7 * 24h);
    std::mt19937_64 random(5);
    for (int i = 0; i < 20'000; ++i) {
        add(timeline, "a:" + std::to_string(i), milliseconds(random() % (7LL * 24 * 3'600'000)));
    }
    add_many(timeline, "a", 12'000, 100h, 100h + 20s);
    const auto cliffs = timeline.cliffs();
    REQUIRE(cliffs.size() == 1);
    CHECK(cliffs[0].from == 100h);
    CHECK(cliffs[0].keys > 11'000);
}

TEST_CASE("the command names exactly the namespace, whatever its name is") {
    TtlCliff cliff{.name = "it's *", .from = 65min, .to = 66min, .keys = 100, .is_all = true};
    CHECK(spreading_command(cliff) == "cachectl expire 'it'\\''s \\*:*' --set 3h --jitter 50%");
    cliff.kind = NamespaceCount::Kind::none;
    CHECK(spreading_command(cliff).empty());
}

TEST_CASE("the drawing fits every terminal, whatever the names are") {
    Clock clock;
    for (const std::size_t columns : {60, 80, 100, 160}) {
        CAPTURE(columns);
        for (const Glyphs glyphs : {Glyphs::unicode, Glyphs::ascii}) {
            const Display display{.columns = columns, .glyphs = glyphs, .paint = {}};
            TtlTimeline timeline = clock.timeline(1h, timeline_cells(display));
            add_many(timeline, "日本🎉", 120'000, 300s, 305s);
            add_many(timeline, "a-namespace-of-many-letters-\x1b[2J", 90'000, 0s, 7'200s);
            add(timeline, "none", {});
            std::string text;
            {
                Writer out(text);
                draw_timeline(out, display, timeline);
            }
            for (std::size_t begin = 0; begin < text.size();) {
                const std::size_t end = text.find('\n', begin);
                const std::string line = text.substr(begin, end - begin);
                CAPTURE(line);
                // A command is not divided, so that it can be copied.
                CHECK((display_width(line) <= columns ||
                       line.find("cachectl expire") != std::string::npos));
                begin = end + 1;
            }
            CHECK(text.find('\x1b') == std::string::npos);
            CHECK(text.find("日本🎉") != std::string::npos);
        }
    }
    CHECK(timeline_cells({.columns = 100}) == 60);
    CHECK(timeline_cells({.columns = 0}) == 60);
    CHECK(timeline_cells({.columns = 160}) == 120);
    CHECK(timeline_cells({.columns = 40}) == 12);
}

TEST_CASE("a cliff is red where colours are wanted, and figures of a sample are estimates") {
    Clock clock;
    TtlTimeline timeline = clock.timeline(1h, 12);
    add_many(timeline, "a", 500, 300s, 305s);
    timeline.scale({.population = 50'000, .drawn = 500});
    std::string text;
    {
        Writer out(text);
        draw_timeline(out, {.columns = 80, .paint = Painter(Painter::Color::on)}, timeline);
    }
    CHECK(text.find("·\x1b[31m█\x1b[0m··········") != std::string::npos);
    CHECK(text.find("about 50,000 keys of") != std::string::npos);
    CHECK(text.ends_with("\nestimated from 500 of 50,000 keys, drawn by lot\n"));
}
