// What is saved before it is overwritten.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "support/key_writing.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

/// A server that has the string "large", whose transactions are executed.
struct Stage {
    Stage() {
        client.keys["large"] = {.value = "value", .size_bytes = 300'000};
        client.answer("WATCH", Reply::make_status("OK"));
        client.answer("UNWATCH", Reply::make_status("OK"));
        client.answer("STRLEN", Reply::make_integer(5));
        client.answer("HSET", Reply::make_status("QUEUED"));
        client.answer("PEXPIRE", Reply::make_status("QUEUED"));
        client.answer("RENAMENX", Reply::make_status("QUEUED"));
        // Of the first look whether there are transactions, and of one that is saved, or a hash.
        client.on("EXEC", [this](const auto&) {
            const Lines lines = client.lines();
            const bool is_saving = lines.at(lines.size() - 2).starts_with("EXISTS");
            return Reply::make_array(std::vector<Reply>(is_saving ? 1 : 4, one()));
        });
    }

    FakeClient client;
    TempDir dir;
    Paces paces{client, {}};
    Backup backup{
        (dir.path() / "backup.rdb").string(), {}, 0, {.server_now = [] { return WallTime{}; }}};
};

}  // namespace

TEST_CASE("a large value that is saved is watched until its EXEC, whatever else is to be written") {
    Stage stage;
    KeyWriter writer(stage.client, &stage.paces);
    writer.save_in(stage.backup, AllowSlowDump::no);
    Encoded text;
    text.parts = {"new"};
    Encoded hash;
    hash.as = EncodeAs::hash;
    hash.parts = {"f", "v"};
    const auto write = [&](std::string_view key, const Encoded& value) {
        writer.write({.key = key, .value = value, .ttl = 1h, .if_exists = IfExists::overwrite});
    };
    write("small", text);
    writer.write({.key = "h1", .value = hash, .ttl = 1h});  // the first of another kind waits
    writer.settle();
    write("large", text);
    writer.write({.key = "h2", .value = hash, .ttl = 1h});  // is looked at while that is saved
    writer.settle();
    CHECK_FALSE(writer.stopped());
    CHECK(writer.tally().written == 4);
    const Lines lines = stage.client.lines();
    const auto watch = std::find(lines.begin(), lines.end(), "WATCH large");
    REQUIRE(watch != lines.end());
    const auto exec = std::find(watch, lines.end(), "EXEC");
    CHECK(*(exec - 1) == "EXISTS large");
    CHECK(std::none_of(watch, exec, [](const auto& line) { return line.starts_with("HSET"); }));
    CHECK(std::find(exec, lines.end(), "SET large new PX 3600000") != lines.end());
}
