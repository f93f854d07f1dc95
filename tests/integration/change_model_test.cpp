// invalidate, flush and expire against an independent model: random keyspaces and command lines.
// $CACHECTL_SOAK_RUNS makes it longer, $CACHECTL_SOAK_SEED tries other cases; what fails prints the
// seed that shows it again (`./dev soak`).
#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "output/escape.hpp"
#include "support/change_model.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

std::uint32_t variable(const char* name, std::uint32_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise
                           : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

std::string shown(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
        line += "'" + cachectl::escape_for_terminal(word) + "' ";
    }
    return line;
}

struct Fixture {
    RedisServer server;
    RespClient redis = server.client();
    TempDir dir;

    ProcessResult run(std::vector<std::string> words, const char* mode) {
        const auto end = std::find(words.begin(), words.end(), "--");
        words.insert(end, {mode, "--json", "-s", server.socket_path()});
        return run_cachectl(words);
    }
};

std::uint64_t number(const json& summary, const char* name) {
    return summary.contains(name) ? summary[name].get<std::uint64_t>() : 0;
}

/// Of a summary: its numbers add up, and its namespaces to what was or would be changed.
void check_sums(const json& summary, std::uint64_t changed) {
    const std::uint64_t sum = changed + number(summary, "unchanged") +
                              number(summary, "protected") + number(summary, "vanished") +
                              number(summary, "failed") + number(summary, "unknown") +
                              number(summary, "not_attempted");
    CHECK(number(summary, "matched") == sum);
    std::uint64_t in_namespaces = 0;
    for (const auto& [name, keys] : summary["namespaces"].items()) {
        in_namespaces += keys.get<std::uint64_t>();
    }
    // Of a list's keys, UNLINK says how many were there and not which: those that were not are
    // among the keys that are gone.
    CHECK(in_namespaces >= changed);
    CHECK(in_namespaces <= changed + number(summary, "vanished"));
    CHECK(number(summary, "failed") + number(summary, "unknown") +
              number(summary, "not_attempted") ==
          0);
}

void check_case(Fixture& fixture, std::uint32_t seed) {
    RandomData random(seed);
    fill_randomly(fixture.redis, random);
    const Keyspace before = read_keyspace(fixture.redis);
    const ChangeCase change = random_case(random, before);
    const std::string list = fixture.dir.file("list", change.list_bytes());
    const std::vector<std::string> words = change.command_line(list);
    const Expected expected = expected_of(change, before, fixture.redis);
    CAPTURE(seed);
    const std::string line = shown(words);
    CAPTURE(line);

    const ProcessResult dry = fixture.run(words, "--dry-run");
    CHECK(changed_between(before, read_keyspace(fixture.redis)).empty());
    const ProcessResult real = fixture.run(words, "--yes");
    CAPTURE(real.err);
    const Keyspace after = read_keyspace(fixture.redis);
    CHECK(real.exit_code == dry.exit_code);
    if (expected.refused) {
        CHECK(real.exit_code == 8);
        CHECK_FALSE(difference(change, before, after, {}));
        return;
    }
    if (real.exit_code == 8) {  // a guard may count what --limit chose
        CHECK(change.limit.has_value());
        CHECK((change.max_keys || change.expect));
        CHECK_FALSE(difference(change, before, after, {}));
        return;
    }
    REQUIRE_FALSE(real.out.empty());
    const json summary = json::parse(real.out);
    const json promise = json::parse(dry.out);
    const std::uint64_t changed = number(summary, change.expires() ? "changed" : "deleted");
    const std::uint64_t would = number(promise, change.expires() ? "would_change" : "would_delete");
    check_sums(summary, changed);
    check_sums(promise, would);
    // Which keys a limited walk meets first may change with every rehashing of the server's table.
    const bool walk_chooses =
        change.limit && expected.selected.size() > *change.limit && !change.uses_list;
    if (!walk_chooses) {
        CHECK(changed == would);
    }
    CHECK(summary["complete"] == true);
    CHECK(real.exit_code == (change.fail_if_none && expected.selected.empty() ? 1 : 0));

    // With a limit, which of the keys are chosen is the walk's business.
    std::set<std::string> chosen = expected.planned;
    if (change.limit && expected.selected.size() > *change.limit) {
        chosen = changed_between(before, after);
        CHECK(chosen.size() == changed);
        CHECK(changed <= *change.limit);
        CHECK(std::includes(expected.planned.begin(), expected.planned.end(), chosen.begin(),
                            chosen.end()));
    } else {
        CHECK(changed == expected.planned.size());
        CHECK(number(summary, "protected") == expected.spared.size());
        CHECK(number(summary, "unchanged") == expected.unchanged.size());
    }
    const auto wrong = difference(change, before, after, chosen);
    const std::string what = wrong ? cachectl::escape_for_terminal(*wrong) : "";
    CHECK(what.empty());
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what is left of a keyspace is what an independent model says") {
    const std::uint32_t runs = variable("CACHECTL_SOAK_RUNS", 120);
    const std::uint32_t first = variable("CACHECTL_SOAK_SEED", 1);
    for (std::uint32_t seed = first; seed < first + runs; ++seed) {
        check_case(*this, seed);
    }
}
