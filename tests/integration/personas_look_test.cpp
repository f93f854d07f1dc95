// What looks at keys, on each of the products that support/personas knows: right answers, or one
// sentence that says what is lacking; and nothing changes.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "support/json.hpp"
#include "support/personas_look.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using nlohmann::json;
using Words = PersonaStage::Words;

namespace {

void lists_all(LookStage& stage) {
    const ProcessResult all = stage.run({"keys", "-0"});
    CHECK(all.exit_code == 0);
    CHECK(all.err.empty());
    std::set<std::string> listed;
    for (std::size_t at = 0; at < all.out.size();) {
        const std::size_t end = all.out.find('\0', at);
        CHECK(listed.insert(all.out.substr(at, end - at)).second);
        at = end + 1;
    }
    CHECK(listed.size() == stage.before.size());
    CHECK(std::all_of(listed.begin(), listed.end(),
                      [&](const auto& key) { return stage.before.contains(key); }));

    const ProcessResult forced = stage.run({"keys", "--walk", "partitioned", "--count"});
    if (stage.lacks("partitions")) {
        check_refused(forced, "cannot walk in partitions: ");
    } else {
        CHECK(forced.out == std::to_string(stage.before.size()) + '\n');
    }
    const ProcessResult two = stage.run({"keys", "a:1", "a:hash", "a:none"});
    CHECK(two.exit_code == 0);
    CHECK(two.out == "a:1\na:hash\n");
}

void lists_long(LookStage& stage) {
    const ProcessResult run = stage.run({"keys", "-l", "b:*", "--json"});
    CHECK(run.exit_code == 0);
    const bool lacks_some = stage.lacks("sizes") || stage.lacks("idle times");
    CHECK(lines_in(run.err) == (lacks_some ? 1 : 0));
    CHECK(has(run.err, stage.lacks("sizes")        ? "MEMORY"
                       : stage.lacks("idle times") ? "some columns are not known"
                                                   : ""));
    const json keys = parsed(run);
    CHECK(keys.size() == part_of(stage.before, "b:").size());
    for (const json& key : keys) {
        const std::string name = key["key"];
        CAPTURE(name);
        CHECK(key["type"] == stage.ask(name, {"TYPE", name}).text);
        CHECK(key["ttl_ms"].is_null() == (stage.before[name].expires_at < 0));
        CHECK(key["size_bytes"].is_null() == stage.lacks("sizes"));
        CHECK(key["idle_s"].is_null() == stage.lacks("idle times"));
        if (!stage.lacks("sizes")) {
            CHECK(key["size_bytes"] == stage.ask(name, {"MEMORY", "USAGE", name}).integer);
        }
    }
    for (const char* option : {"--idle-over", "--size-over"}) {
        const bool is_idle = option == std::string("--idle-over");
        const ProcessResult filtered =
            stage.run({"keys", option, is_idle ? "9d" : "100KiB", "--count"});
        if (stage.lacks(is_idle ? "idle times" : "sizes")) {
            check_refused(filtered, is_idle ? "OBJECT" : "MEMORY");
        } else {
            CHECK(filtered.out == (is_idle ? "0\n" : "1\n"));
        }
    }
}

void sums_up_ttls(LookStage& stage) {
    const auto never = std::count_if(stage.before.begin(), stage.before.end(),
                                     [](const auto& key) { return key.second.expires_at < 0; });
    const json all = parsed(stage.run({"ttl", "--summary", "--json"}));
    CHECK(all["keys"] == stage.before.size());
    CHECK(all["persistent"] == never);

    const ProcessResult run = stage.run({"ttl", "--summary", "--sample", "300", "--json"});
    if (run.exit_code == 4) {
        CHECK(run.out.empty());
        CHECK(has(run.err, stage.lacks("DBSIZE") ? "cannot count the keys"
                                                 : "cannot draw a sample of the keys"));
        return;
    }
    CHECK(run.exit_code == 0);
    const json some = parsed(run);
    CHECK(some["keys"] == stage.before.size());
    CHECK(some["persistent"].get<double>() > 0.5 * static_cast<double>(never));
}

void shows_values(LookStage& stage) {
    const json hash = parsed(stage.run({"get", "a:hash", "--json"}));
    const json& record = hash.is_array() ? hash.at(0) : hash;
    CHECK(record["type"] == "hash");
    CHECK(record["size_bytes"].is_null() == stage.lacks("sizes"));
    CHECK(record.dump().find("\"w\"") != std::string::npos);
    const ProcessResult raw = stage.run({"get", "a:1", "--raw"});
    CHECK(raw.exit_code == 0);
    CHECK(has(raw.out, "v1"));
}

void measures(LookStage& stage) {
    for (const Words& command : {Words{"du", "--json"}, Words{"du", "--exact", "--json"}}) {
        const ProcessResult run = stage.run(command);
        CHECK(run.exit_code == 0);
        CHECK(says_little(run));
        const json usage = parsed(run);
        CHECK(usage["total"]["keys"] == stage.before.size());
        CHECK(usage["total"]["bytes"].is_null() == stage.lacks("sizes"));
        for (const json& name : usage["namespaces"]) {
            const std::string prefix = name["namespace"].get<std::string>() + ':';
            CHECK(name["keys"] == part_of(stage.before, prefix).size());
        }
    }
    const std::string file = (stage.dir().path() / "then").string();
    const ProcessResult kept = stage.run({"snapshot", file});
    CHECK(kept.exit_code == 0);
    CHECK(says_little(kept, 3));
    const json diff = parsed(stage.run({"diff", file, "now", "--json"}));
    CHECK(diff["total"]["keys_change"] == 0);
}

void audits(LookStage& stage) {
    const std::string policy = stage.dir().file(
        "policy.json", R"({"keys": [{"pattern": "b:*", "ttl": "1d"}], "unknown": "ignore"})");
    const ProcessResult run = stage.run({"audit", "--policy", policy, "--json"});
    CHECK(run.exit_code == 1);
    CHECK(says_little(run));
    const json audit = parsed(run);
    CHECK(audit["keys"] == stage.before.size());
    const auto keys = part_of(stage.before, "b:");
    const auto forever = std::count_if(keys.begin(), keys.end(),
                                       [](const auto& key) { return key.second.expires_at < 0; });
    REQUIRE(audit["findings"].size() == 1);
    CHECK(audit["findings"][0]["keys"] == forever);
}

void waits(LookStage& stage) {
    CHECK(stage.run({"wait", "--keys", "b:*", "--min", "100", "--within", "0"}).exit_code == 0);
    const ProcessResult shut =
        stage.run({"wait", "--keys", "b:*", "--min", "1000", "--within", "0"});
    CHECK(shut.exit_code == 1);
    CHECK(says_little(shut));
    CHECK(stage.run({"wait", "--ready", "--within", "0"}).exit_code == 0);
    CHECK(stage.run({"context", "check"}).exit_code == 0);
}

constexpr Look k_looks[] = {
    {"every key is listed, with one cursor where no other walk is sure", lists_all},
    {"a long list has what the server tells, and blanks for the rest", lists_long},
    {"times to live add up, and a sample is true or refused", sums_up_ttls},
    {"values are shown as they are", shows_values},
    {"namespaces are counted, and measured where sizes are told", measures},
    {"a policy is checked against every key", audits},
    {"a gate opens for what is there, and stays shut for what is not", waits},
};

}  // namespace

TEST_CASE("a proxy that passes for Redis is found out by what it answers") {
    Persona unknown = persona("Redis Software");
    constexpr const char* k_zeros = "0000000000000000000000000000000000000000";
    unknown.info.replace(unknown.info.find(k_zeros), std::string_view(k_zeros).size(), "c5a4cf6a");
    LookStage stage(unknown);
    check_refused(stage.run({"ttl", "--summary", "--sample", "300"}),
                  "cannot draw a sample of the keys: the server counts 1,131, and none is where");
    check_refused(stage.run({"du", "--sample", "300"}), "cannot draw a sample of the keys");
    const json all = parsed(stage.run({"ttl", "--summary", "--json"}));
    CHECK(all["keys"] == stage.before.size());
    CHECK(stage.strange_cursors() > 0);
}

TEST_CASE("a product that takes every SELECT for its only database is not asked for another") {
    LookStage stage(persona("Kvrocks"));
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"keys"},
          {"flush", "--whole-db", "--yes", "--include-neighbours"}}) {
        std::vector<std::string> with_database = words;
        with_database.insert(with_database.end(), {"-n", "3"});
        const ProcessResult run = stage.run(with_database);
        CHECK(run.exit_code == 2);
        CHECK(run.out.empty());
        CHECK(has(run.err, "Kvrocks has one database"));
    }
    CHECK(stage.keyspace() == stage.before);
}

TEST_CASE("the keys of each product are looked at, and nothing changes") { look_at_each(k_looks); }
