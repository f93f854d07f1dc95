#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/text.hpp"
#include "usage/diff.hpp"

using namespace cachectl;
using cachectl::test::has;

namespace {

SnapshotRow row(std::string name, std::int64_t keys, std::optional<std::int64_t> bytes,
                std::int64_t off = 0) {
    SnapshotRow made;
    made.name = made.example = std::move(name);
    made.keys = {keys, keys, keys};
    if (bytes) {
        made.bytes = Measured{*bytes, *bytes - off, *bytes + off};
    }
    return made;
}

Snapshot of(std::vector<SnapshotRow> rows, bool sized = true) {
    Snapshot snapshot;
    snapshot.at = WallTime(std::chrono::hours(24 * 365));
    snapshot.server = "cache.internal:6379 db 0";
    snapshot.depth = 1;
    snapshot.delimiter = ":";
    snapshot.total = row("", 0, sized ? std::optional<std::int64_t>(0) : std::nullopt);
    for (const SnapshotRow& one : rows) {
        snapshot.total.keys.value += one.keys.value;
        if (sized) {
            snapshot.total.bytes->value += one.bytes->value;
        }
    }
    snapshot.rows = std::move(rows);
    return snapshot;
}

std::string table(const Snapshot& from, const Snapshot& to, Glyphs glyphs = Glyphs::ascii) {
    std::string text;
    Writer out(text);
    write_diff_table(out, {.columns = 100, .glyphs = glyphs, .paint = {}}, compare(from, to));
    out.flush();
    return text;
}

std::string json(const Snapshot& from, const Snapshot& to) {
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::compact);
    json.begin_object();
    write_diff_json(json, compare(from, to));
    json.end_object();
    out.flush();
    return text;
}

std::string csv(const Snapshot& from, const Snapshot& to) {
    std::string text;
    Writer out(text);
    write_diff_rows(out, compare(from, to), Format::csv);
    out.flush();
    return text;
}

}  // namespace

TEST_CASE("what has grown is to the right of the line, what has shrunk to the left") {
    const Snapshot from = of({row("less", 2, 9'000), row("more", 2, 1'000)});
    const Snapshot to = of({row("less", 1, 1'000), row("more", 3, 17'000)});
    const std::string ascii = table(from, to);
    CAPTURE(ascii);
    CHECK(has(ascii, "01 Jan 00:00 -> 01 Jan 00:00"));
    CHECK(has(ascii, "|##############"));
    CHECK(has(ascii, "#####|"));
    CHECK(has(ascii, "+15.6 KiB"));
    CHECK(has(ascii, "-7.8 KiB"));
    const std::string unicode = table(from, to, Glyphs::unicode);
    CHECK(has(unicode, "→"));
    CHECK(has(unicode, "█████│"));
}

TEST_CASE("where nothing has changed, that is said") {
    const Snapshot same = of({row("a", 1, 10)});
    CHECK(has(table(same, same), "no namespace has changed by more than"));
    CHECK_FALSE(has(table(same, same), "NAMESPACE"));
}

TEST_CASE("sizes that one side does not know are no change of size") {
    const Snapshot from = of({row("a", 1, {})}, false), to = of({row("a", 5, 70)});
    const std::string text = table(from, to);
    CAPTURE(text);
    CHECK_FALSE(has(text, "memory of keys"));
    CHECK(has(text, "keys  1 -> 5  +4"));
    CHECK(has(csv(from, to), "a,,4,grew,,5"));
    CHECK(has(json(from, to), R"("bytes":null,"bytes_change":null)"));
    CHECK(has(csv(to, from), "a,,-4,shrank,,1"));
    CHECK_FALSE(has(table(to, from), "memory of keys"));
}

TEST_CASE("of a sample the limits are told") {
    Snapshot from = of({row("a", 10, 100, 5)}), to = of({row("a", 20, 9'000, 5)});
    CHECK_FALSE(has(json(from, to), "bytes_low"));
    to.sampled = true;
    to.sample_keys = 10;
    CHECK(has(json(from, to), "\"bytes_low\":8995,\"bytes_high\":9005"));
    CHECK(has(table(from, to), "estimated from samples"));
    std::swap(from.sampled, to.sampled);
    CHECK(has(json(from, to), "\"bytes_low\""));
    CHECK(has(table(from, to), "estimated from samples"));
}

TEST_CASE("new and gone namespaces are named, eight of each, and twenty rows are shown") {
    std::vector<SnapshotRow> many;
    for (int i = 0; i < 30; ++i) {
        many.push_back(row("n" + std::to_string(i), i == 0 ? 1 : 2, 1'000 - i));
    }
    const std::string grown = table(of({}), of(many));
    CAPTURE(grown);
    CHECK(has(grown, "new  n0 (1 key), n1 (2 keys)"));
    CHECK(has(grown, "and 22 more\n"));
    CHECK(has(grown, "and 10 more with less"));
    const std::string gone = table(of(many), of({}));
    CHECK(has(gone, "gone  n0 (1 key), n1 (2 keys)"));
    CHECK_FALSE(has(gone, "new  "));
}

TEST_CASE("keys that live for another time than before, or for ever") {
    const auto with_ttl = [](std::optional<std::int64_t> ms) {
        SnapshotRow made = row("a", 30, 100);
        made.ttl_p50_ms = made.ttl_p90_ms = made.ttl_p99_ms = ms;
        made.persistent = ms ? 0 : 30;
        return of({made});
    };
    const std::string longer = table(with_ttl(60'000), with_ttl(36'000'000));
    CAPTURE(longer);
    CHECK(has(longer, "TTL changed  a 1m -> 10h\n"));
    const std::string never = table(with_ttl(60'000), with_ttl({}));
    CAPTURE(never);
    CHECK(has(never, "TTL changed  a 1m -> never !\n"));
}

TEST_CASE("a date that no calendar has is none") {
    Snapshot odd = of({row("a", 1, 10)});
    odd.at = WallTime(std::chrono::hours(24 * 366 * 200'000LL));
    CHECK(has(table(odd, odd), "? -> ?"));
}
