#include "usage/diff.hpp"

#include <doctest/doctest.h>

#include <map>

#include "util/error.hpp"

using namespace cachectl;

namespace {

constexpr std::int64_t k_minute = 60'000;

SnapshotRow row(std::string name, std::int64_t keys, std::int64_t bytes, std::int64_t off = 0) {
    SnapshotRow made;
    made.name = made.example = std::move(name);
    made.keys = {keys, keys, keys};
    made.bytes = Measured{bytes, bytes - off, bytes + off};
    return made;
}

Snapshot of(std::vector<SnapshotRow> rows, std::int64_t at_minutes = 0) {
    Snapshot snapshot;
    snapshot.at = WallTime(std::chrono::minutes(at_minutes));
    snapshot.depth = 1;
    snapshot.delimiter = ":";
    snapshot.total = row("", 0, 0);
    for (const SnapshotRow& one : rows) {
        snapshot.total.keys.value += one.keys.value;
        snapshot.total.bytes->value += one.bytes ? one.bytes->value : 0;
    }
    snapshot.rows = std::move(rows);
    return snapshot;
}

std::map<std::string, std::string> states(const Snapshot& from, const Snapshot& to) {
    std::map<std::string, std::string> found;
    for (const DiffRow& one : compare(from, to).rows) {
        found[one.after.name] = name_of(one.state);
    }
    return found;
}

SnapshotRow with_ttl(SnapshotRow made, std::int64_t p50, std::int64_t p99) {
    made.ttl_p50_ms = p50;
    made.ttl_p99_ms = p99;
    return made;
}

}  // namespace

TEST_CASE("counted: each change is one") {
    using States = std::map<std::string, std::string>;
    CHECK(states(of({row("a", 1, 10), row("b", 2, 20), row("c", 3, 30), row("d", 4, 40)}),
                 of({row("a", 1, 10), row("b", 2, 21), row("c", 3, 29), row("e", 5, 50)})) ==
          States{{"a", "same"}, {"b", "grew"}, {"c", "shrank"}, {"d", "gone"}, {"e", "new"}});
}

TEST_CASE("estimated: only what is larger than the estimates may be off") {
    Snapshot from = of({row("a", 100, 1'000, 100), row("b", 100, 1'000, 100)});
    Snapshot to = of({row("a", 100, 1'120, 100), row("b", 100, 1'200, 100)});
    from.sampled = to.sampled = true;
    from.sample_keys = to.sample_keys = 100;
    const auto found = states(from, to);
    CHECK(found.at("a") == "same");  // 120 of 141
    CHECK(found.at("b") == "grew");
}

TEST_CASE("what a sample has not met, and what is among the rest, need not be new") {
    Snapshot from = of({row("a", 1'000'000, 100'000'000)});
    from.sampled = true;
    from.sample_keys = 10'000;
    CHECK(states(from, of({row("a", 1'000'000, 100'000'000), row("b", 100, 10'000)})).at("b") ==
          "same");
    CHECK(states(from, of({row("a", 1'000'000, 100'000'000), row("b", 5'000, 500'000)})).at("b") ==
          "new");
    Snapshot capped = of({row("a", 1'000, 100'000), row("z", 10, 1'000)});
    capped.rest = row("(rest)", 50, 5'000);
    CHECK(states(capped, of({row("a", 1'000, 100'000), row("z", 10, 1'000), row("b", 8, 800)}))
              .at("b") == "same");
}

TEST_CASE("among the rest are those that take less memory, however many keys they have") {
    Snapshot capped = of({row("a", 1, 100'000), row("z", 1, 10'000)});
    capped.rest = row("(rest)", 150, 9'600);
    const auto state = [&](const SnapshotRow& b) {
        return states(capped, of({row("a", 1, 100'000), row("z", 1, 10'000), b})).at("b");
    };
    CHECK(state(row("b", 100, 6'400)) == "same");
    CHECK(state(row("b", 100, 9'700)) == "new");  // the rest has taken less
    CHECK(state(row("b", 10'000, 64'000)) == "new");
    // And so it is where it has come among the rest since then.
    CHECK(compare(of({row("b", 100, 6'400)}), capped).rows[2].state == RowState::same);
    // Without sizes those of fewer keys are the rest.
    for (SnapshotRow& one : capped.rows) {
        one.bytes.reset();
    }
    capped.rest->bytes.reset();
    capped.rows[1].keys = {10, 10, 10};
    SnapshotRow b = row("b", 9, 0);
    b.bytes.reset();
    CHECK(state(b) == "same");
    b.keys = {11, 11, 11};
    CHECK(state(b) == "new");
    capped.rows.clear();  // of a file that somebody has written by hand
    CHECK(states(capped, of({b})).at("b") == "same");
}

TEST_CASE("times to live that are others, and keys that are only older") {
    const SnapshotRow five = with_ttl(row("a", 100, 1), 2 * k_minute, 5 * k_minute);
    const SnapshotRow thirty = with_ttl(row("a", 100, 1), 15 * k_minute, 30 * k_minute);
    const auto changes = [](const SnapshotRow& before, const SnapshotRow& after,
                            std::int64_t minutes) {
        return compare(of({before}), of({after}, minutes)).ttls;
    };
    REQUIRE(changes(five, thirty, 1).size() == 1);
    CHECK(changes(five, thirty, 1)[0].before_ms == 5 * k_minute);
    CHECK(changes(five, thirty, 1)[0].after_ms == 30 * k_minute);
    CHECK(changes(five, five, 1).empty());
    // 30 minutes that are 25 minutes old; 30 minutes that were written anew; an hour's batch.
    CHECK(changes(thirty, with_ttl(row("a", 100, 1), 4 * k_minute, 5 * k_minute), 25).empty());
    CHECK(changes(thirty, five, 1).size() == 1);
    CHECK(changes(thirty, five, 600).size() == 1);
    CHECK(changes(thirty, with_ttl(row("a", 100, 1), 5 * k_minute, 5 * k_minute), 600).empty());
    SnapshotRow never = row("a", 100, 1);
    never.persistent = 100;
    REQUIRE(changes(five, never, 1).size() == 1);
    CHECK_FALSE(changes(five, never, 1)[0].after_ms);
    CHECK(changes(never, never, 1).empty());
}

TEST_CASE("snapshots of other choices are not compared") {
    Snapshot other = of({});
    other.depth = 2;
    CHECK_THROWS_AS(compare(of({}), other), Error);
    Snapshot only = of({});
    only.namespaces = {"tmp"};
    CHECK_THROWS_AS(compare(of({}), only), Error);
}
