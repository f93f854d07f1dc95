// Each call of the system fails once, in each command that only looks: it ends, with a code of
// those that are documented and with words, and changes nothing.
#include <doctest/doctest.h>

#include "support/fault_stage.hpp"

using namespace cachectl::test;

namespace {

using Words = std::vector<std::string>;

TorturedCommand looking(const std::string& name, const Words& words, bool is_repeatable = true) {
    return {.name = name,
            .words = [words](const TempDir&) { return words; },
            .is_repeatable = is_repeatable};
}

std::vector<TorturedCommand> lists_of_keys() {
    return {
        looking("keys", {"keys", "--sort", "name"}),
        looking("keys -l", {"keys", "-l", "--sort", "name", "--json"}, false),
        looking("keys --count", {"keys", "course:*", "--count"}),
        looking("ttl", {"ttl", "course:1", "course:2", "other:*"}, false),
        looking("ttl --summary", {"ttl", "--summary", "--json"}, false),
        looking("get", {"get", "course:hash", "course:large", "course:zset", "--json"}, false),
        {.name = "keys --keys-from -",
         .words =
             [](const TempDir&) {
                 return Words{"keys", "--keys-from", "-", "-l", "--json"};
             },
         .stdin_bytes = "course:1\ncourse:2\nnone\n"},
    };
}

std::vector<TorturedCommand> figures() {
    return {
        looking("stats", {"stats", "all", "--json"}, false),
        looking("du", {"du", "--exact", "--json"}, false),
        looking("health", {"health", "--json", "--interval", "100ms"}, false),
        looking("capabilities", {"capabilities", "--json"}, false),
        looking("hot", {"hot", "--monitor", "100ms", "--json"}, false),
        {.name = "audit",
         .words =
             [](const TempDir& dir) {
                 return Words{"audit", "--policy", (dir.path() / "policy.json").string(), "--json"};
             },
         .prepare =
             [](const TempDir& dir) {
                 dir.file("policy.json", R"({"keys": [{"pattern": "course:*", "max_size": "1KiB"},
                                                      {"pattern": "other:*"}]})");
             }},
    };
}

/// A snapshot replaces an older one wholly or not at all.
TorturedCommand snapshot() {
    return {.name = "snapshot",
            .words =
                [](const TempDir& dir) {
                    return Words{"snapshot", (dir.path() / "now.json").string()};
                },
            .leaves = {"now.json"},
            .check =
                [](const FaultyRun& run, const TempDir& dir, const Keyspace&, const Keyspace&) {
                    const std::string file = (dir.path() / "now.json").string();
                    const bool is_there = std::filesystem::exists(file);
                    CHECK((is_there || run.exit_code != 0));
                    if (is_there) {
                        CHECK(run_cachectl({"diff", file, file}).exit_code == 0);
                    }
                }};
}

}  // namespace

TEST_CASE_FIXTURE(FaultStage, "lists of keys: each call fails once") {
    for (const TorturedCommand& command : lists_of_keys()) {
        fail_calls(command, 1);
        fail_allocations(command, 2);
    }
    MESSAGE("runs: " << runs());
}

TEST_CASE_FIXTURE(FaultStage, "figures: each call fails once") {
    for (const TorturedCommand& command : figures()) {
        fail_calls(command, 1);
        fail_allocations(command, 2);
    }
    MESSAGE("runs: " << runs());
}

TEST_CASE_FIXTURE(FaultStage, "snapshots: each call fails once") {
    fail_calls(snapshot(), 1);
    fail_allocations(snapshot(), 2);
    MESSAGE("runs: " << runs());
}
