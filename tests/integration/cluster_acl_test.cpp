// A cluster's user who has the rights that the manual pages list and no others, and then lacks one
// of them after the other.
#include <doctest/doctest.h>

#include <algorithm>

#include "cli/acl_right.hpp"
#include "commands/commands.hpp"
#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Strings = std::vector<std::string>;

namespace {

constexpr std::string_view k_on_cluster = "on a cluster";
constexpr std::string_view k_for_walks = "on a cluster, for walks";
constexpr std::string_view k_while_moving = "on a cluster, while slots are being moved";

struct Scenario {
    Strings args;
    std::vector<std::string_view> conditions;  // of the command's rights
    bool walks;
};

/// A file with two records.
std::string rows() {
    static const TempDir dir;
    static const std::string file = dir.file("rows.ndjson", "{\"id\":1}\n{\"id\":2}\n");
    return file;
}

const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> all = {
        {{"keys", "a:*"}, {"without `--keys-from` or `--members-of`"}, true},
        {{"get", "a:1"}, {"of a string"}, false},
        {{"stats"}, {}, false},
        {{"health", "--interval", "100ms", "--mute", "MEMORY_NO_LIMIT"},
         {"without `--no-keys`", "for large keys", "on a cluster"},
         false},
        {{"expire", "a:*", "--set", "1h", "--yes"},
         {"without `--keys-from` or `--members-of`", "without `--remove`"},
         true},
        {{"flush", "--whole-db", "--yes"},
         {"with `--whole-db`", "on a cluster, with `--whole-db` or `--all-dbs`",
          "with `--whole-db` or `--all-dbs`, unless `--include-neighbours` is given"},
         true},
        {{"invalidate", "a:*", "--yes"},
         {"without `--keys-from` or `--members-of`", "without `--spread`"},
         true},
        {{"ttl", "a:*"}, {"without `--keys-from` or `--members-of`"}, true},
        {{"warm", rows(), "--key", "a:new:{id}", "--ttl", "1h"}, {"for JSON and strings"}, false},
        {{"warm", rows(), "--key", "a:new:{id}", "--as", "hash", "--ttl", "1h"},
         {"with `--as hash`", "for all that is no string",
          "for all that is no string and has a time to live",
          "for all that is no string and new, without `--if-exists overwrite`"},
         false},
    };
    return all;
}

RedisCluster& cluster() {
    static RedisCluster shared({.masters = 3, .replicas = false});
    return shared;
}

std::vector<AclRight> rights_of(const Scenario& scenario) {
    std::vector<AclRight> rights;
    for (const Command& command : command_table()) {
        if (command.name != scenario.args.front()) {
            continue;
        }
        for (const AclRight& right : command.rights) {
            const auto& met = scenario.conditions;
            if (right.when.empty() || std::find(met.begin(), met.end(), right.when) != met.end()) {
                rights.push_back(right);
            }
        }
    }
    for (const AclRight& right : connection_rights()) {
        if (right.when == k_on_cluster || (right.when == k_for_walks && scenario.walks)) {
            rights.push_back(right);
        }
    }
    return rights;
}

void allow(const std::vector<AclRight>& rights, std::string_view but = {}) {
    Strings rules{"ACL", "SETUSER", "bob", "reset", "on", "nopass", "~a:*"};
    for (const AclRight& right : rights) {
        if (right.rule != but) {
            rules.emplace_back(right.rule);
        }
    }
    for (std::size_t i = 0; i < cluster().size(); ++i) {
        cluster().client(i).run(rules);
    }
}

void fill() {
    cluster().flush();
    Strings keys;
    for (int i = 0; i < 100; ++i) {
        keys.push_back("a:" + std::to_string(i));
    }
    cluster().set(keys);
}

ProcessResult run(Strings args) {
    args.insert(args.end(),
                {"-p", std::to_string(cluster().port(0)), "--user", "bob", "-a", "any", "--quiet"});
    return run_cachectl(std::move(args));
}

}  // namespace

TEST_CASE("on a cluster each command works with the rights on its page, and names one it lacks") {
    for (const Scenario& scenario : scenarios()) {
        CAPTURE(scenario.args.front());
        const std::vector<AclRight> rights = rights_of(scenario);
        fill();
        allow(rights);
        const ProcessResult all = run(scenario.args);
        CHECK(all.exit_code == 0);
        CHECK(all.err.empty());
        for (const AclRight& missing : rights) {
            if (!missing.rule.starts_with("+cluster|")) {
                continue;
            }
            CAPTURE(missing.rule);
            fill();
            allow(rights, missing.rule);
            const ProcessResult result = run(scenario.args);
            if (missing.without.empty()) {
                CHECK(result.exit_code == 4);
                CHECK(has(result.err, "the user lacks the ACL rule " + std::string(missing.rule)));
                CHECK(cluster().all_keys().size() == 100);
            } else {
                CHECK(result.exit_code == 0);
                CHECK(result.err.empty());
            }
        }
    }
}

TEST_CASE("+asking is needed while a slot is being moved") {
    fill();
    const Scenario get = {{"get", "a:1", "--raw"}, {"of a string"}, false};
    std::vector<AclRight> rights = rights_of(get);
    const std::uint16_t slot = slot_of("a:1");
    const std::size_t from = cluster().owner(slot);
    const std::size_t to = (from + 1) % 3;
    cluster().open_slot(slot, from, to);
    cluster().move_keys(slot, from, to);
    allow(rights);
    const ProcessResult without = run(get.args);
    CHECK(without.exit_code != 0);
    for (const AclRight& right : connection_rights()) {
        if (right.when == k_while_moving) {
            rights.push_back(right);
        }
    }
    allow(rights);
    const ProcessResult with = run(get.args);
    CHECK(with.exit_code == 0);
    CHECK(with.out == "v");
    cluster().close_slot(slot, to);
    cluster().wait_until_agreed();
}
