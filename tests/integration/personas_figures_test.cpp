// What tells of the server, on each of the products that support/personas knows: its own figures,
// or blanks; and nothing changes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <map>
#include <set>
#include <string>

#include "support/json.hpp"
#include "support/personas_look.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

/// The places of numbers below 0, none of which is a figure.
void find_negative(const json& value, const std::string& place, std::set<std::string>& found) {
    for (const auto& [name, part] : value.items()) {
        if (part.is_structured()) {
            find_negative(part, place + '.' + name, found);
        } else if (part.is_number() && part.get<double>() < 0) {
            found.insert(place + '.' + name);
        }
    }
}

void shows_figures(LookStage& stage) {
    for (const char* section : {"overview", "all", "keyspace"}) {
        CAPTURE(section);
        const ProcessResult run = stage.run({"stats", section, "--json"});
        if (stage.lacks("INFO")) {
            check_refused(run, "INFO");
            continue;
        }
        CHECK(run.exit_code == 0);
        const json stats = parsed(run);
        std::set<std::string> negative;
        find_negative(stats, "", negative);
        CHECK(negative == std::set<std::string>{});
        CHECK(stats.dump().find("9223372036854") == std::string::npos);
    }
    if (stage.lacks("INFO")) {
        return;
    }
    const ProcessResult table = stage.run({"stats", "-o", "table", "--interval", "0s"});
    CAPTURE(table.out);
    CHECK(table.exit_code == 0);
    CHECK_FALSE(has(table.out, "none\n"));  // there are keys
    CHECK_FALSE(has(table.out, ";\n"));
    // Kvrocks has not counted them; the others have.
    const json stats = parsed(stage.run({"stats", "keyspace", "--json"}));
    const json& keys = stats["keyspace"].at(0)["keys"];
    CHECK(keys == (stage.persona().name == "Kvrocks" ? json() : json(stage.before.size())));
}

void watches(LookStage& stage) {
    Process watch(cachectl_argv(stage.argv({"stats", "--watch", "100ms"})));
    REQUIRE(watch.wait_for_out("\n"));
    const std::size_t first = watch.out().size();
    while (lines_in(watch.out()) < 2 && watch.running()) {
        watch.pump(Millis(100));
    }
    CHECK(watch.out().size() > first);
    watch.send_signal(SIGINT);
    const ProcessResult end = watch.wait();
    CHECK_FALSE(end.timed_out);
    CHECK(says_little(end));
    CHECK(has(end.out, stage.lacks("INFO") ? "\"reachable\":false" : "\"reachable\":true"));
}

void finds_hot_keys(LookStage& stage) {
    if (!stage.lacks("idle times") && !stage.lacks("sizes")) {
        return;  // as with Redis, and it takes a while
    }
    const ProcessResult run = stage.run({"hot", "--interval", "1s"});
    if (stage.lacks("idle times")) {
        check_refused(run, "OBJECT");
    } else {
        CHECK(run.exit_code == 0);
        CHECK(says_little(run));
    }
}

void judges_health(LookStage& stage) {
    const ProcessResult run = stage.run({"health", "--interval", "100ms", "--json", "--all"});
    if (stage.lacks("INFO")) {
        CHECK(run.exit_code == 4);
        CHECK(has(run.err, "INFO"));
        return;
    }
    CHECK(run.exit_code <= 1);
    std::map<std::string, std::string> found;
    const json verdict = parsed(run);
    for (const json& check : verdict["checks"]) {
        found[check["id"]] = check["status"];
    }
    CHECK(found["SERVER_DOWN"] == "ok");
    const bool knows_big = !stage.lacks("sizes") && !stage.lacks("DBSIZE");
    CHECK(found["BIG_KEYS"] == (knows_big ? "ok" : "unknown"));
    const auto untold = [&](const std::string& id, const std::string& field) {
        if (!stage.persona().info.empty() && !has(stage.persona().info, field + ':')) {
            CAPTURE(id);
            CHECK(found[id] == "unknown");
        }
    };
    untold("MEMORY_NEAR_MAX", "used_memory");
    untold("CLIENTS_NEAR_MAX", "maxclients");
    untold("SAVE_FAILED", "rdb_last_bgsave_status");
    untold("SAVE_SLOW", "rdb_last_bgsave_time_sec");
    untold("EVICTIONS", "evicted_keys");
    if (has(stage.persona().info, "rejected_connections:-1")) {
        CHECK(found["CLIENTS_REJECTED"] == "unknown");
    }
}

void knows_capabilities(LookStage& stage) {
    const ProcessResult run = stage.run({"capabilities", "--json"});
    CHECK(run.exit_code == 0);
    CHECK(says_little(run));
    const json told = parsed(run);
    const std::set<std::string>& absent = stage.persona().absent;
    for (const auto& right : told["rules"].items()) {
        std::string name = right.key().substr(1);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        if (absent.contains(name) || absent.contains(name.substr(0, name.find('|')))) {
            CAPTURE(name);
            CHECK(right.value() != "allowed");
        }
    }
}

constexpr Look k_looks[] = {
    {"figures are the server's, or blank, and never below zero", shows_figures},
    {"stats --watch goes on reading", watches},
    {"hot keys are looked for by what there is", finds_hot_keys},
    {"what is not told is unknown to health, and neither well nor ill", judges_health},
    {"capabilities allows nothing that the server does not have", knows_capabilities},
};

}  // namespace

TEST_CASE("each product tells of itself what it knows") { look_at_each(k_looks); }
