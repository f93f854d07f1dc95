#include "usage/snapshot.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using cachectl::test::TempDir;

namespace {

Snapshot some_snapshot() {
    Snapshot snapshot;
    snapshot.at = WallTime(std::chrono::milliseconds(1'700'000'000'123));
    snapshot.server = "cache.internal:6379 db 0";
    snapshot.target = "cache.internal:6379";
    snapshot.delimiter = ":";
    snapshot.depth = 2;
    snapshot.namespaces = {"tmp", std::string("odd\xff\x1b[2J", 8)};
    snapshot.chosen.filter.excludes = {"tmp:\xff*"};
    snapshot.chosen.filter.type = "hash";
    snapshot.chosen.filter.only_persistent = true;
    snapshot.chosen.filter.ttl_above = std::chrono::minutes(1);
    snapshot.chosen.filter.size_over = 10;
    snapshot.chosen.members_of = {"tags"};
    snapshot.sampled = true;
    snapshot.sample_keys = 10'000;
    snapshot.used_bytes = 123;
    snapshot.total = {"", "", {1'000, 900, 1'100}, Measured{5, 4, 6}, 7, {}, {}, {}};
    snapshot.rows = {{std::string("a\0\\x41:\xc3\x28", 9),
                      "a:b",
                      {10, 9, 11},
                      Measured{1, 1, 1},
                      3,
                      100,
                      200,
                      300},
                     {"b:<n>", "b:1", {1, 1, 1}, {}, 0, {}, {}, {}}};
    snapshot.rest = SnapshotRow{"(rest)", "(rest)", {2, 2, 2}, Measured{9, 9, 9}, 0, {}, {}, {}};
    return snapshot;
}

ExitCode code_of(const std::string& text) {
    try {
        parse_snapshot(text, "x.snap");
        return ExitCode::ok;
    } catch (const Error& error) {
        return error.code();
    }
}

}  // namespace

TEST_CASE("what is written is read back, whatever bytes names have") {
    const Snapshot snapshot = some_snapshot();
    const std::string text = to_text(snapshot);
    const Snapshot again = parse_snapshot(text, "x.snap");
    CHECK(to_text(again) == text);
    CHECK(again.at == snapshot.at);
    CHECK(again.namespaces == snapshot.namespaces);
    CHECK(again.rows[0].name == snapshot.rows[0].name);
    CHECK(again.rows[0].keys.high == 11);
    CHECK(again.rows[0].ttl_p99_ms == 300);
    CHECK_FALSE(again.rows[1].bytes);
    CHECK(again.rest->bytes->value == 9);
}

TEST_CASE("a choice of keys is read back, and a file without one is of all keys") {
    std::string text = to_text(some_snapshot());
    const KeyOptions chosen = parse_snapshot(text, "x.snap").chosen;
    CHECK(chosen.filter.excludes == std::vector<std::string>{"tmp:\xff*"});
    CHECK(chosen.filter.type == "hash");
    CHECK(chosen.filter.only_persistent);
    CHECK_FALSE(chosen.filter.ttl_below);
    CHECK(chosen.filter.ttl_above == std::chrono::minutes(1));
    CHECK(chosen.filter.size_over == 10);
    CHECK(chosen.members_of == std::vector<std::string>{"tags"});
    CHECK(same_choice(chosen, some_snapshot().chosen));
    CHECK_FALSE(same_choice(chosen, {}));
    Snapshot of_all = some_snapshot();
    of_all.chosen = {};
    text = to_text(of_all);
    const std::size_t at = text.find("\"chosen\"");
    REQUIRE(at != std::string::npos);
    text.erase(at, text.find('\n', at) + 1 - at);
    CHECK(same_choice(parse_snapshot(text, "x.snap").chosen, {}));
}

TEST_CASE("what is no snapshot is bad input") {
    const std::string text = to_text(some_snapshot());
    CHECK(code_of("") == ExitCode::bad_input);
    CHECK(code_of("{}") == ExitCode::bad_input);
    CHECK(code_of("[1]") == ExitCode::bad_input);
    CHECK(code_of("{\"cachectl_snapshot\": \"2\"}") == ExitCode::bad_input);
    for (const char* choice : {"\"another\": true, \"exclude\"", "\"no_ttl\": 1, \"exclude\""}) {
        std::string other = text;
        other.replace(other.find("\"exclude\""), 9, choice);
        CHECK(code_of(other) == ExitCode::bad_input);
    }
    CHECK(code_of(text.substr(0, text.size() / 2)) == ExitCode::bad_input);
    for (const char* wrong : {"\"depth\": 2", "\"keys\": 10"}) {
        std::string other = text;
        const std::size_t at = other.find(wrong);
        REQUIRE(at != std::string::npos);
        other.replace(
            at, std::string(wrong).size(),
            std::string("\"depth\": \"x\"").replace(1, 5, std::string(wrong).substr(1, 4)));
        CHECK(code_of(other) == ExitCode::bad_input);
    }
}

TEST_CASE("a snapshot replaces a snapshot, and nothing else") {
    const TempDir dir;
    const std::string path = dir.path().string() + "/a.snap";
    save_snapshot(some_snapshot(), path);
    save_snapshot(some_snapshot(), path);
    CHECK(read_snapshot(path).depth == 2);
    const std::string link = dir.path().string() + "/link";
    std::filesystem::create_symlink(path, link);
    CHECK_THROWS_AS(save_snapshot(some_snapshot(), link), Error);
    CHECK(std::filesystem::is_symlink(link));
    std::filesystem::remove(link);
    const std::string other = dir.file("notes.txt", "my notes");
    CHECK_THROWS_AS(save_snapshot(some_snapshot(), other), Error);
    CHECK_THROWS_AS(save_snapshot(some_snapshot(), dir.path().string()), Error);
    CHECK_THROWS_AS(save_snapshot(some_snapshot(), dir.path().string() + "/none/a"), Error);
    std::ifstream file(other);
    std::string kept;
    std::getline(file, kept);
    CHECK(kept == "my notes");
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
        files += entry.is_regular_file() ? 1 : 0;
    }
    CHECK(files == 2);
}
