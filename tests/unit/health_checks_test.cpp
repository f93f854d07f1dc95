// Each check of health, driven from ok to bad and back by what a server says.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "health/check.hpp"
#include "health/judge.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

using Fields = std::map<std::string, std::string>;

/// A healthy server, seen twice within 10 seconds, of which a test changes what it is about.
struct Stage {
    Fields before = {{"used_memory", "500000000"},
                     {"used_memory_rss", "520000000"},
                     {"used_memory_startup", "1000000"},
                     {"maxmemory", "1000000000"},
                     {"maxmemory_policy", "noeviction"},
                     {"total_system_memory", "8000000000"},
                     {"mem_clients_normal", "20000"},
                     {"mem_clients_slaves", "0"},
                     {"mem_replication_backlog", "0"},
                     {"evicted_keys", "0"},
                     {"keyspace_hits", "1000"},
                     {"keyspace_misses", "10"},
                     {"connected_clients", "10"},
                     {"maxclients", "100"},
                     {"blocked_clients", "0"},
                     {"rejected_connections", "0"},
                     {"acl_access_denied_auth", "0"},
                     {"acl_access_denied_cmd", "0"},
                     {"used_cpu_sys_main_thread", "1"},
                     {"used_cpu_user_main_thread", "1"},
                     {"total_error_replies", "0"},
                     {"connected_slaves", "1"},
                     {"master_repl_offset", "50000000"},
                     {"slave0", "ip=10.0.0.7,port=6379,state=online,offset=50000000,lag=0"},
                     {"rdb_last_bgsave_status", "ok"},
                     {"aof_last_write_status", "ok"},
                     {"rdb_last_bgsave_time_sec", "3"},
                     {"rdb_last_cow_size", "1000000"},
                     {"rdb_last_save_time", "1699999000"},
                     {"rdb_changes_since_last_save", "5"},
                     {"aof_enabled", "0"},
                     {"number_of_cached_scripts", "2"},
                     {"loading", "0"},
                     {"db0", "keys=1000,expires=500,avg_ttl=0"}};
    Fields after = before;
    std::string role = "master";
    std::string commands = "cmdstat_get:calls=9,usec=5000000\n";
    std::function<void(HealthEvidence&)> besides;

    void now(const std::string& name, const std::string& value) { after[name] = value; }
    void always(const std::string& name, const std::string& value) {
        before[name] = after[name] = value;
    }

    [[nodiscard]] Reading reading(const Fields& fields, SteadyTime at) const {
        std::string text;
        for (const auto& [name, value] : fields) {
            text += name + ':' + value + '\n';
        }
        Reading reading;
        reading.at = at;
        reading.server.name = "redis";
        reading.server.version = fields.contains("version") ? fields.at("version") : "7.4.1";
        reading.server.role = role;
        reading.server.run_id = "one";
        reading.server.info = InfoFields(text);
        reading.commands = InfoFields(commands);
        return reading;
    }

    [[nodiscard]] HealthEvidence evidence() const {
        HealthEvidence all;
        all.interval = 10s;
        all.now = 1'700'000'000s;
        NodeEvidence& node = all.nodes.emplace_back();
        node.before = reading(before, SteadyTime(100s));
        node.after = reading(after, SteadyTime(110s));
        node.pings = {1ms, 1ms, 1ms};
        node.slow_logged = 0;
        node.stray_keys = 0;
        const auto pair = [](const char* name, const char* value) {
            return Reply::make_array({Reply::make_string(name), Reply::make_string(value)});
        };
        node.replies["CONFIG GET save"] = pair("save", "3600 1");
        node.replies["CONFIG GET min-replicas-to-write"] = pair("min-replicas-to-write", "0");
        node.replies["CONFIG GET client-output-buffer-limit"] =
            pair("client-output-buffer-limit", "normal 0 0 0 slave 1000000 500000 60");
        node.replies["CLIENT LIST TYPE replica"] = Reply::make_string(
            "id=3 addr=10.0.0.7:5 name= flags=S omem=0 cmd=replconf user=default\n");
        node.replies["CLUSTER INFO"] = Reply::make_string("cluster_state:ok\n");
        node.replies["CLUSTER NODES"] =
            Reply::make_string("id1 10.0.0.5:6379@16379 myself,master - 0 0 1 connected 0-8191\n");
        node.replies["LATENCY LATEST"] = Reply::make_array({});
        all.keys.emplace(nullptr, std::vector<std::string>{"sess:*"});
        all.keys->looked_at = all.keys->population = 1;
        if (besides) {
            besides(all);
        }
        NodeEvidence& first = all.nodes.front();  // which may have moved
        first.rates = rates_between(first.before, first.after);
        return all;
    }
};

/// Those of `stage`; "" if the check is not listed.
std::string status_of(std::string_view id, const Stage& stage, const HealthRules& rules = {}) {
    const HealthVerdict verdict = judge_health(stage.evidence(), rules, {});
    for (const HealthFinding& found : verdict.findings) {
        if (found.check->id == id) {
            return std::string(found.noted ? "noted" : name_of(found.status));
        }
    }
    return "";
}

using Change = std::function<void(Stage&)>;

struct Case {
    std::string id;
    Change ok, warn, crit;  // null: it has no such state
    std::string state = "warn";
    HealthRules rules = {};
};

Change now(const std::string& name, const std::string& value) {
    return [=](Stage& stage) { stage.now(name, value); };
}

Change always(const std::string& name, const std::string& value) {
    return [=](Stage& stage) { stage.always(name, value); };
}

Change besides(const std::function<void(HealthEvidence&)>& change) {
    return [=](Stage& stage) { stage.besides = change; };
}

Change cluster(const std::string& info) {
    return besides([=](HealthEvidence& all) {
        all.is_cluster = true;
        all.nodes[0].replies["CLUSTER INFO"] = Reply::make_string(info);
    });
}

Change own_slots(const std::string& slots) {
    return besides([=](HealthEvidence& all) {
        all.is_cluster = true;
        all.nodes[0].replies["CLUSTER NODES"] = Reply::make_string(
            "id1 10.0.0.5:6379@16379 myself,master - 0 0 1 connected " + slots + "\n");
    });
}

/// A second master that differs in one field, and in its slots.
Change second(const std::string& field, const std::string& value, const std::string& slots) {
    return besides([=](HealthEvidence& all) {
        all.is_cluster = true;
        NodeEvidence other = all.nodes.front();
        Stage stage;
        stage.always(field, value);
        other.before = stage.reading(stage.before, SteadyTime(100s));
        other.after = stage.reading(stage.after, SteadyTime(110s));
        other.after.node = "10.0.0.6:6379";
        other.replies["CLUSTER NODES"] = Reply::make_string(
            "id2 10.0.0.6:6379@16379 myself,master - 0 0 2 connected " + slots + "\n");
        all.nodes.push_back(std::move(other));
    });
}

KeyFacts key(const std::string& name, std::int64_t ttl_s, std::uint64_t bytes) {
    KeyFacts facts;
    facts.key = name;
    facts.size_bytes = bytes;
    if (ttl_s > 0) {
        facts.ttl = std::chrono::seconds(ttl_s);
    }
    return facts;
}

/// 200 keys of which `never` do not expire, and the others spread over so many seconds.
Change keys(int never, int spread_s) {
    return besides([=](HealthEvidence& all) {
        KeyTally tally(nullptr, {});
        for (int i = 0; i < 200; ++i) {
            tally.add(key("a:" + std::to_string(i), i < never ? 0 : 100 + spread_s * i / 200, 100));
        }
        tally.population = 200;
        all.keys.emplace(tally);
    });
}

Change failing(ExitCode code, const std::string& message) {
    // Another node answers, or there would be no verdict but that it is down.
    return besides([=](HealthEvidence& all) {
        NodeEvidence other = all.nodes.front();
        other.after.node = "b";
        other.after.failure = Error(code, message);
        all.nodes.push_back(std::move(other));
    });
}

HealthRules with_limits(const std::string& id, double warn) {
    HealthRules rules;
    rules.limits[id] = {warn, {}};
    return rules;
}

Change also(Change first, Change second_one) {
    return [=](Stage& stage) {
        first(stage);
        second_one(stage);
    };
}

const Change k_nothing = [](Stage&) {};

std::vector<Case> server_cases() {
    return {
        {"SERVER_DOWN", k_nothing, nullptr, failing(ExitCode::unreachable, "cannot ask: gone")},
        {"SERVER_LOADING", k_nothing, nullptr, now("loading", "1")},
        {"SERVER_BUSY", k_nothing, nullptr,
         failing(ExitCode::refused, "cannot read the figures: BUSY a script runs")},
        {"MEMORY_NEAR_MAX", k_nothing, now("used_memory", "850000000"),
         now("used_memory", "950000000")},
        {"MEMORY_NO_LIMIT", k_nothing, now("maxmemory", "0"), nullptr},
        {"MEMORY_NEAR_HOST", k_nothing, now("total_system_memory", "510000000"), nullptr},
        {"MEMORY_FRAGMENTED", k_nothing, now("used_memory_rss", "800000000"),
         now("used_memory_rss", "1100000000")},
        {"MEMORY_OVERHEAD", k_nothing, now("mem_clients_normal", "310000000"),
         now("mem_clients_slaves", "600000000")},
        {"MEMORY_SWAPPED", k_nothing, now("used_memory_rss", "400000000"), nullptr},
        {"EVICTIONS", now("evicted_keys", "50"), now("evicted_keys", "101"),
         also(also(now("evicted_keys", "1"), now("maxmemory_policy", "allkeys-lru")),
              besides([](HealthEvidence& all) { all.keys->protected_keys = 1; }))},
        {"EVICTION_MAY_TAKE_PROTECTED",
         also(now("maxmemory_policy", "allkeys-lru"),
              besides([](HealthEvidence& all) { all.protected_patterns = {"sess:*"}; })),
         also(now("maxmemory_policy", "allkeys-lru"), besides([](HealthEvidence& all) {
                  all.protected_patterns = {"sess:*"};
                  all.keys->protected_keys = 3;
              })),
         nullptr},
        {"EVICTION_STARVED", also(now("maxmemory_policy", "volatile-lru"), keys(80, 9000)),
         also(now("maxmemory_policy", "volatile-lru"), keys(120, 9000)), nullptr},
        {"HIT_RATIO_LOW", now("keyspace_hits", "1500"),
         also(now("keyspace_hits", "1070"), now("keyspace_misses", "40")),
         also(now("keyspace_hits", "1040"), now("keyspace_misses", "80"))},
        {"CLIENTS_NEAR_MAX", k_nothing, now("connected_clients", "80"),
         now("connected_clients", "95")},
        {"CLIENTS_REJECTED", always("rejected_connections", "70"), now("rejected_connections", "1"),
         now("rejected_connections", "9")},
        {"CLIENTS_BLOCKED", k_nothing, now("blocked_clients", "5"), nullptr, "warn",
         with_limits("CLIENTS_BLOCKED", 5)},
        // One of them is ours.
        {"CLIENTS_TOO_FEW", now("connected_clients", "2"), now("connected_clients", "1"), nullptr,
         "warn", with_limits("CLIENTS_TOO_FEW", 1)},
        {"AUTH_DENIED", always("acl_access_denied_auth", "99"), now("acl_access_denied_auth", "12"),
         now("acl_access_denied_cmd", "60")},
        {"CPU_SATURATED", k_nothing, now("used_cpu_user_main_thread", "9"),
         now("used_cpu_user_main_thread", "10.5")},
        {"LATENCY_HIGH", k_nothing, besides([](HealthEvidence& all) {
             all.nodes[0].pings = {1ms, 15ms, 15ms};
         }),
         besides([](HealthEvidence& all) {
             all.nodes[0].pings = {1ms, 70ms, 70ms};
         })},
        {"SERVER_HELD", k_nothing, besides([](HealthEvidence& all) {
             all.nodes[0].held = {{.shape = "KEYS *", .share = 0.15}};
         }),
         besides(
             [](HealthEvidence& all) { all.nodes[0].held = {{.shape = "KEYS *", .share = 0.5}}; })},
        {"SLOW_COMMANDS", k_nothing,
         besides([](HealthEvidence& all) { all.nodes[0].slow_logged = 10; }), nullptr},
        {"DANGEROUS_COMMANDS", k_nothing,
         [](Stage& stage) { stage.commands += "cmdstat_keys:calls=1,usec=4000000\n"; }, nullptr},
        {"ERRORS_RATE", k_nothing, now("total_error_replies", "60"), nullptr},
    };
}

Change replica_is(const std::string& parts) {
    return now("slave0", "ip=10.0.0.7,port=6379," + parts);
}

Change buffer(const std::string& bytes) {
    return besides([=](HealthEvidence& all) {
        all.nodes[0].replies["CLIENT LIST TYPE replica"] = Reply::make_string(
            "id=3 addr=10.0.0.7:5 name= flags=S omem=" + bytes + " cmd=replconf\n");
    });
}

Change link_down(const std::string& seconds) {
    return [=](Stage& stage) {
        stage.role = "replica";
        stage.now("master_link_status", "down");
        stage.now("master_link_down_since_seconds", seconds);
    };
}

std::vector<Case> other_cases() {
    return {
        {"REPLICA_LINK_DOWN", k_nothing, link_down("5"), link_down("300")},
        {"REPLICA_LAG", k_nothing, replica_is("state=online,offset=50000000,lag=12"),
         replica_is("state=online,offset=50000000,lag=31")},
        {"REPLICA_LOST", k_nothing, now("connected_slaves", "0"), nullptr},
        {"REPLICA_BUFFER", k_nothing, buffer("700000"), buffer("950000")},
        {"SAVE_FAILED", k_nothing, nullptr, now("rdb_last_bgsave_status", "err")},
        {"SAVE_SLOW", k_nothing, now("rdb_last_bgsave_time_sec", "700"),
         now("rdb_current_bgsave_time_sec", "1300")},
        {"SAVE_OLD", k_nothing, now("rdb_last_save_time", "1699800000"), nullptr},
        {"FORK_MEMORY", k_nothing, now("rdb_last_cow_size", "6000000000"),
         now("rdb_last_cow_size", "7000000000")},
        {"CLUSTER_STATE", cluster("cluster_state:ok\n"), nullptr,
         also(k_nothing,
              [](Stage& stage) {
                  second("maxmemory", "1000000000", "8192-16383")(stage);
                  const auto both = stage.besides;
                  stage.besides = [both](HealthEvidence& all) {
                      both(all);
                      all.nodes[1].replies["CLUSTER INFO"] =
                          Reply::make_string("cluster_state:fail\n");
                  };
              })},
        {"CLUSTER_SLOTS_FAIL", cluster("cluster_state:ok\ncluster_slots_fail:0\n"), nullptr,
         cluster("cluster_state:ok\ncluster_slots_fail:3\n")},
        {"CLUSTER_SLOTS_PFAIL", cluster("cluster_state:ok\ncluster_slots_pfail:0\n"),
         cluster("cluster_state:ok\ncluster_slots_pfail:3\n"), nullptr},
        {"CLUSTER_TWO_OWNERS", second("maxmemory", "1000000000", "8192-16383"), nullptr,
         second("maxmemory", "1000000000", "8191-16383")},
        {"CLUSTER_OPEN_SLOTS", own_slots("0-8191"), own_slots("0-8191 [93->-id2]"), nullptr},
        {"CLUSTER_ORPHAN_KEYS", cluster("cluster_state:ok\n"), besides([](HealthEvidence& all) {
             all.is_cluster = true;
             all.nodes[0].stray_keys = 2;
         }),
         nullptr},
        {"CLUSTER_UNBALANCED", second("used_memory", "500000000", "8192-16383"),
         second("used_memory", "3000000000", "8192-16383"), nullptr},
        {"CONFIG_DRIFT", second("maxmemory", "1000000000", "8192-16383"),
         second("maxmemory", "2000000000", "8192-16383"), nullptr},
        {"BIG_KEYS", keys(0, 9000), besides([](HealthEvidence& all) {
             all.keys->add(key("big", 0, 2'000'000));
             all.keys->set_big(all.keys->worth_counting());
         }),
         nullptr},
        {"KEYS_WITHOUT_TTL", keys(0, 9000), keys(60, 9000), nullptr, "warn",
         with_limits("KEYS_WITHOUT_TTL", 0.2)},
        {"EXPIRY_CLIFF", keys(0, 9000), keys(0, 30), nullptr},
        {"NO_PASSWORD", k_nothing,
         besides([](HealthEvidence& all) { all.without_password = true; }), nullptr, "noted"},
        {"LOGICAL_DBS", k_nothing, now("db1", "keys=1,expires=0,avg_ttl=0"), nullptr, "noted"},
        {"OLD_VERSION", k_nothing, always("version", "6.0.16"), nullptr, "noted"},
        {"SCRIPTS_MANY", k_nothing, now("number_of_cached_scripts", "5000"), nullptr, "noted"},
    };
}

std::string after(const Case& one, const Change& change) {
    Stage stage;
    change(stage);
    return status_of(one.id, stage, one.rules);
}

void drive(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        CAPTURE(one.id);
        CHECK(after(one, one.ok) == "ok");
        if (one.warn) {
            CHECK(after(one, one.warn) == one.state);
        }
        if (one.crit) {
            CHECK(after(one, one.crit) == "crit");
        }
        CHECK(after(one, one.ok) == "ok");
    }
}

}  // namespace

TEST_CASE("checks of a server go from ok to warn to crit, and back") { drive(server_cases()); }

TEST_CASE("so do those of replicas, persistence, clusters and keys") { drive(other_cases()); }

TEST_CASE("each check of the table is driven here, and has all that a manual needs") {
    std::set<std::string> driven;
    for (const auto& cases : {server_cases(), other_cases()}) {
        for (const Case& one : cases) {
            driven.insert(one.id);
        }
    }
    for (const HealthCheck& check : health_checks()) {
        CAPTURE(check.id);
        CHECK(driven.contains(std::string(check.id)));
        CHECK(check.about.ends_with('.'));
        CHECK(find_health_check(check.id) == &check);
    }
    CHECK(driven.size() == health_checks().size());
}

TEST_CASE("a cache that evicts may be full, and one whose keys never expire may not") {
    Stage stage;
    stage.always("used_memory", "999000000");
    stage.always("maxmemory_policy", "allkeys-lru");
    CHECK(status_of("MEMORY_NEAR_MAX", stage) == "ok");
    stage.always("maxmemory_policy", "volatile-lru");
    CHECK(status_of("MEMORY_NEAR_MAX", stage) == "ok");
    stage.always("db0", "keys=1000,expires=0,avg_ttl=0");
    CHECK(status_of("MEMORY_NEAR_MAX", stage) == "crit");
}

TEST_CASE("keys that a full cache evicts for our own replies are none of its trouble") {
    Stage stage;
    stage.always("maxmemory_policy", "allkeys-lru");
    stage.always("used_memory_dataset", "1000000");  // 1,000 bytes a key
    stage.now("evicted_keys", "120");
    CHECK(status_of("EVICTIONS", stage) == "warn");
    stage.besides = [](HealthEvidence& all) { all.nodes[0].after.own_reply_bytes = 100'000; };
    CHECK(status_of("EVICTIONS", stage) == "ok");
}

TEST_CASE("what holds different servers of a cluster is not added up") {
    Stage stage;
    second("maxmemory", "1000000000", "8192-16383")(stage);
    const auto both = stage.besides;
    stage.besides = [both](HealthEvidence& all) {
        both(all);
        all.nodes[0].held = {{.shape = "EVAL a", .share = 0.06}};
        all.nodes[1].held = {{.shape = "EVAL b", .share = 0.05},
                             {.shape = "KEYS *", .share = 0.02}};
    };
    CHECK(status_of("SERVER_HELD", stage) == "ok");
    const HealthVerdict verdict = judge_health(stage.evidence(), {}, {});
    for (const HealthFinding& found : verdict.findings) {
        if (found.check->id == "SERVER_HELD") {
            CHECK(found.node == "10.0.0.6:6379");
            CHECK(found.value == doctest::Approx(0.07));
        }
    }
    stage.besides = [both](HealthEvidence& all) {
        both(all);
        all.nodes[0].held = {{.shape = "EVAL a", .share = 0.06}};
        all.nodes[1].slow_lacking = "the user lacks the ACL rule +slowlog|get";
        all.nodes[1].slow_logged.reset();
    };
    CHECK(status_of("SERVER_HELD", stage) == "unknown");
}

TEST_CASE("other limits of a policy leave the conditions of a check as they are") {
    const auto with = [](const std::string& id, double warn, double crit) {
        HealthRules rules;
        rules.limits[id] = {warn, crit};
        return rules;
    };
    Stage small;
    small.always("used_memory", "1000000");
    small.always("used_memory_rss", "6000000");
    CHECK(status_of("MEMORY_FRAGMENTED", small, with("MEMORY_FRAGMENTED", 1.6, 3)) == "ok");
    Stage full;
    full.always("used_memory", "999000000");
    full.always("maxmemory_policy", "allkeys-lru");
    CHECK(status_of("MEMORY_NEAR_MAX", full, with("MEMORY_NEAR_MAX", 0.85, 0.95)) == "ok");
    Stage denied;
    denied.always("acl_access_denied_auth", "30");
    CHECK(status_of("AUTH_DENIED", denied, with("AUTH_DENIED", 20, 100)) == "ok");
    denied.now("acl_access_denied_auth", "31");
    CHECK(status_of("AUTH_DENIED", denied, with("AUTH_DENIED", 20, 100)) == "warn");
    Stage empty;
    second("used_memory", "9000000", "8192-16383")(empty);
    empty.always("used_memory", "2000000");
    CHECK(status_of("CLUSTER_UNBALANCED", empty, with("CLUSTER_UNBALANCED", 1.2, 2)) == "ok");
    Stage evicting;
    evicting.always("maxmemory_policy", "allkeys-lru");
    evicting.now("evicted_keys", "50");
    CHECK(status_of("EVICTIONS", evicting, with("EVICTIONS", 20, 100)) == "ok");
    evicting.besides = [](HealthEvidence& all) { all.keys->protected_keys = 1; };
    CHECK(status_of("EVICTIONS", evicting, with("EVICTIONS", 20, 100)) == "crit");

    // A default that holds where the policy has TTLs is not such a condition.
    Stage some;
    some.besides = [](HealthEvidence& all) {
        KeyTally tally(nullptr, {});
        for (int i = 0; i < 200; ++i) {
            tally.add(key("a:" + std::to_string(i), i < 40 ? 0 : 1000, 100));
        }
        all.keys.emplace(tally);
        all.policy_has_ttls = true;
    };
    CHECK(status_of("KEYS_WITHOUT_TTL", some) == "warn");
    CHECK(status_of("KEYS_WITHOUT_TTL", some, with("KEYS_WITHOUT_TTL", 0.3, 0.5)) == "ok");
}

TEST_CASE("fewer than 100 look-ups say nothing of the hit ratio") {
    Stage stage;
    stage.now("keyspace_misses", "100");
    CHECK(status_of("HIT_RATIO_LOW", stage) == "ok");
    stage.now("keyspace_misses", "110");
    CHECK(status_of("HIT_RATIO_LOW", stage) == "crit");
}

TEST_CASE("what a server does not tell is unknown, with the missing rule") {
    Stage stage;
    stage.before.erase("used_memory");
    stage.after.erase("used_memory");
    stage.besides = [](HealthEvidence& all) {
        all.nodes[0].replies["CONFIG GET save"] = Reply::make_error(
            "NOPERM this user has no permissions to run the 'config|get' command");
        all.keys.reset();
        all.keys_lacking = "the user lacks the ACL rule +scan";
    };
    const HealthVerdict verdict = judge_health(stage.evidence(), {}, {});
    std::map<std::string_view, std::string> unknown;
    for (const HealthFinding& found : verdict.findings) {
        if (found.status == HealthStatus::unknown) {
            unknown[found.check->id] = found.message;
        }
    }
    CHECK(unknown["MEMORY_NEAR_MAX"] == "redis does not tell used_memory");
    CHECK(unknown["SAVE_OLD"] == "the user lacks the ACL rule +config|get");
    CHECK(unknown["BIG_KEYS"] == "the user lacks the ACL rule +scan");
    CHECK(verdict.state == HealthVerdict::State::healthy);
}
