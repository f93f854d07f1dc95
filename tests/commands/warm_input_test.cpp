// warm: how its files are read: compressed ones, and the escapes of SQL.
#include <doctest/doctest.h>

#include "support/compressed.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

TEST_CASE("what unpacks to more than allowed is refused by a guard") {
    const TempDir dir;
    std::string rows;
    for (int i = 0; i < 50'000; ++i) {
        rows += "{\"id\":" + std::to_string(i) + "}\n";
    }
    const std::string file = dir.file("a.ndjson.gz", cachectl::gzipped(rows));
    FakeClient client;
    const std::vector<std::string> args = {"warm", file, "--key", "c:{id}", "--ttl", "1h"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), args.begin(), args.end());
        return run_with(client, more);
    };
    const RunResult refused = with({"--max-unpacked", "100KiB"});
    CHECK(refused.code == 8);
    CHECK(refused.err == "cachectl: error: " + file +
                             " unpacks to more than 100.0 KiB; nothing was written\n"
                             "cachectl: --max-unpacked SIZE allows more\n");
    CHECK(client.keys.empty());
    CHECK(with({"--max-unpacked", "1MiB"}).code == 0);
    CHECK(client.keys.size() == 50'000);
    CHECK(with({"--max-unpacked", "0"}).err ==
          "cachectl: error: --max-unpacked: it must be more than 0\n");
}

TEST_CASE("a bomb is refused with what had been written, unless its size is allowed") {
    const TempDir dir;
    std::string rows =
        "{\"id\":1}\n{\"id\":3}\n" + std::string(8 * 1024 * 1024, ' ') + "\n{\"id\":2}\n";
    const std::string file = dir.file("a.ndjson.zst", cachectl::zstd_packed(rows));
    FakeClient client;
    const RunResult refused = run_with(client, {"warm", file, "--key", "c:{id}", "--ttl", "1h"});
    CHECK(refused.code == 8);
    CHECK(refused.err ==
          "cachectl: error: " + file +
              " unpacks to more than 1000 times its size: is it a bomb?; 2 keys had been written\n"
              "cachectl: if it is none, --max-unpacked SIZE says how large it may become\n");
    const RunResult allowed =
        run_with(client, {"warm", file, "--key", "c:{id}", "--ttl", "1h", "--max-unpacked", "9MB"});
    CHECK(allowed.code == 0);
    CHECK(client.keys.size() == 3);
}

TEST_CASE("backslashes are what the dump's dialect says, or just backslashes") {
    const TempDir dir;
    const std::string file = dir.file("a.sql",
                                      "CREATE TABLE `t` (`id` int, `v` text) ENGINE=InnoDB;\n"
                                      "INSERT INTO `t` VALUES (1,'a\\nb');\n");
    FakeClient client;
    const auto value = [&](std::vector<std::string> more) {
        std::vector<std::string> args = {"warm", file,    "--key", "c:{id}",      "--value",
                                         "{v}",  "--ttl", "1h",    "--if-exists", "overwrite"};
        args.insert(args.end(), more.begin(), more.end());
        CHECK(run_with(client, args).code == 0);
        return client.keys["c:1"].value;
    };
    CHECK(value({}) == "a\nb");
    CHECK(value({"--no-backslash-escapes"}) == "a\\nb");
}
