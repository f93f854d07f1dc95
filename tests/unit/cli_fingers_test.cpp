#include "cli/fingers.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

using Words = std::vector<std::string>;

TEST_CASE("words of other tools that only look are ours") {
    CHECK(understood({"scan", "user:*"}) == Words{"keys", "user:*"});
    CHECK(understood({"slowlog"}) == Words{"stats", "slow"});
    CHECK(understood({"help", "keys"}) == Words{"keys", "--help"});
    CHECK(understood({"help"}) == Words{"--help"});
    CHECK(understood({"keys", "scan"}) == Words{"keys", "scan"});
    CHECK(understood({"get", "help"}) == Words{"get", "help"});
    CHECK(understood({}) == Words{});
}

TEST_CASE("options of other tools") {
    CHECK(names_pattern("--match"));
    CHECK_FALSE(names_pattern("--limit"));
    CHECK(right_count("--count", "1000").find("--limit N") != std::string::npos);
    CHECK(right_count("--count", "user:1").empty());
    CHECK(right_count("--count", "").empty());
    CHECK(right_count("--all", "1000").empty());
}

TEST_CASE("words that change something are not carried out, but told the right way") {
    CHECK(understood({"del", "x"}) == Words{"del", "x"});
    const Words arguments = {"-n", "user:*", "it's"};
    CHECK(right_command("del", arguments) == "cachectl invalidate 'user:*' 'it'\\''s' --dry-run");
    CHECK(right_command("flushall", arguments) == "cachectl flush --all-dbs --dry-run");
    CHECK(right_command("monitor", {}) == "cachectl hot --monitor 2s");
    CHECK(right_command("DEL", Words{"x"}) == "cachectl invalidate x --dry-run");
    CHECK(right_command("nothing", {}).empty());
    CHECK(right_option("invalidate", "--force").find("--yes") != std::string::npos);
    CHECK(right_option("keys", "--match") == "a pattern stands by itself: cachectl keys 'PATTERN'");
    CHECK(right_option("", "--hotkeys") == "that is cachectl hot");
    CHECK(right_option("keys", "--limits").empty());
}

TEST_CASE("a word that only looks is told where it was not taken for ours, behind an option") {
    CHECK(right_command("info", {}) == "cachectl stats");
    CHECK(right_command("SCAN", Words{"-n", "user:*"}) == "cachectl keys 'user:*'");
    CHECK(right_command("help", Words{"keys"}) == "cachectl keys --help");
    CHECK(right_command("keys", {}).empty());
}
