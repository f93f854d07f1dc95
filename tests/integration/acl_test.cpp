// Each command as an ACL user who has the rights that its manual page lists and no others, and then
// without one of them after the other: what is needed is named, what is not is done without.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using cachectl::AclRight;
using cachectl::RdbKeyHead;
using cachectl::RdbType;
using cachectl::RdbWriter;

namespace {

/// One way to use a command, and the conditions in its list of rights that are met then.
struct Scenario {
    std::string command;
    std::vector<std::string> args;
    std::vector<std::string_view> conditions;
    std::string input = {};
    /// What comes after the keys have been written: then these stay, and the exit code tells of it.
    std::vector<std::string_view> late = {};
    bool warns = false;

    [[nodiscard]] std::string line() const {
        std::string text = command;
        for (const std::string& arg : args) {
            text += ' ' + arg;
        }
        return text;
    }
};

constexpr std::string_view k_rows = R"([{"id":1,"a":"x","s":1.5},{"id":2,"a":"y","s":2}])";

Scenario warm_as(const std::string& type, const std::string& columns) {
    const std::string with = "with `--as " + type + "`";
    static std::set<std::string> texts;
    return {"warm",
            {"-", "--key", "a:new:{id}", "--as", type, "--columns", columns, "--ttl", "1h"},
            {*texts.insert(with).first, "for all that is no string",
             "for all that is no string and has a time to live",
             "for all that is no string and new, without `--if-exists overwrite`"},
            std::string(k_rows)};
}

/// The key of that type that is there already has another value.
Scenario updated(const std::string& type) {
    const std::string with = "with `--as " + type + "`";
    const std::string update = "with `--if-exists update` and `--as " + type + "`";
    static std::set<std::string> texts;
    return {"warm",
            {"-", "--key", "a:{t}", "--as", type, "--columns", type == "zset" ? "f,s" : "f",
             "--ttl", "1h", "--if-exists", "update"},
            {*texts.insert(with).first, *texts.insert(update).first, "for all that is no string",
             "for all that is no string and has a time to live"},
            R"([{"t":")" + type + R"(","f":"w","s":2}])"};
}

/// A list that is built up before it takes its place.
Scenario in_slices(bool replaces, bool expires) {
    std::string rows = "t,v\n";
    for (int i = 0; i < 2'001; ++i) {
        rows += fmt::format("{},{}\n", replaces ? "list" : "new", i);
    }
    Scenario scenario{
        "warm",
        {"-", "--format", "csv", "--group", "a:{t}", "--as", "list", "--columns", "v"},
        {"with `--as list`", "for all that is no string",
         "for more than 2,000 elements, 1,000 fields or 1,000 members with scores"},
        std::move(rows)};
    if (replaces) {
        scenario.args.insert(scenario.args.end(), {"--if-exists", "overwrite"});
        scenario.conditions.emplace_back("for as many that replace what is there");
    }
    if (expires) {
        scenario.args.insert(scenario.args.end(), {"--ttl", "1h"});
    } else {
        scenario.warns = true;
        scenario.conditions.emplace_back("for as many that never expire");
    }
    return scenario;
}

Scenario verified(Scenario warm, std::string_view condition) {
    warm.args.emplace_back("--verify");
    warm.conditions.insert(warm.conditions.end(), {condition, "with `--verify`"});
    return warm;
}

/// The files are gone with the process.
std::string backup_of(RdbType type, bool large, bool expires) {
    static const TempDir dir;
    const std::string path =
        (dir.path() / fmt::format("{}{}{}", static_cast<int>(type), large, expires)).string();
    RdbWriter writer(path, {});
    RdbKeyHead head{.name = "a:restored"};
    if (expires) {
        head.expires_at = std::chrono::milliseconds(4'000'000'000'000);
    }
    if (!large) {
        writer.add(head, cachectl::make_dump_payload(type, "\1x", 9));
    } else {
        const std::string text(50'000, 'x');
        writer.begin(head, type);
        if (type != RdbType::string) {
            writer.add_length(type == RdbType::hash ? 2 : 4);
        }
        writer.add_string(type == RdbType::string ? std::string(300'000, 'x') : text + '0');
        for (int i = 1; i < 4 && type != RdbType::string; ++i) {
            if (type == RdbType::zset_2) {
                writer.add_score(i);
            }
            writer.add_string(text + std::to_string(i));
        }
        if (type == RdbType::zset_2) {
            writer.add_score(4);
        }
    }
    writer.commit();
    writer.finish();
    return path;
}

/// Of a value above 100 KiB, which is built up by that condition's command.
Scenario restored(RdbType type, std::string_view condition, bool expires, bool replace) {
    Scenario scenario{
        "restore",
        {backup_of(type, true, expires), "--yes"},
        {condition, "for values above 100 KiB", "with `--dry-run`, and for values above 100 KiB",
         expires ? "for values above 100 KiB that expire"
                 : "for values above 100 KiB that never expire",
         replace ? "for values above 100 KiB, with `--replace`"
                 : "for values above 100 KiB, without `--replace`"}};
    if (replace) {
        scenario.args.emplace_back("--replace");
    }
    return scenario;
}

/// A key policy; the file is gone with the process.
std::string policy_path(const std::string& rules) {
    static const TempDir dir;
    static int files = 0;
    return dir.file(fmt::format("{}.json", ++files), R"({"keys": [)" + rules + R"(],
        "unknown": "ignore"})");
}

/// A file of --backup, which is new for each run.
std::string backup_path() {
    static const TempDir dir;
    return (dir.path() / "new.rdb").string();
}

Scenario saved(const char* key, std::vector<std::string_view> conditions) {
    conditions.insert(conditions.end(),
                      {"without `--spread`", "for names without glob characters", "with `--backup`",
                       "with `--backup`, on Redis 7.0, Valkey 7.2 and newer; "
                       "else `+pttl`"});
    return {"invalidate", {key, "--yes", "--backup", backup_path()}, std::move(conditions)};
}

Scenario saved_large(const std::string& type, std::string_view of_type,
                     std::string_view of_some_servers = "") {
    static std::set<std::string> keys;
    return saved(keys.insert("large:" + type).first->c_str(),
                 {of_type, of_some_servers, "with `--backup`, for values above 100 KiB"});
}

const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> all = {
        {"keys", {"a:*"}, {"without `--keys-from` or `--members-of`"}},
        {"keys",
         {"a:*", "-l"},
         {"without `--keys-from` or `--members-of`",
          "with `-l`, or `--type` and `--keys-from` or `--members-of`",
          "with `-l`, `--sort ttl`, `--no-ttl`, `--ttl-below` or `--ttl-above`", "with `-l`"}},
        {"keys", {"a:*", "--count"}, {"without `--keys-from` or `--members-of`"}},
        {"keys",
         {"a:*", "--sort", "ttl"},
         {"without `--keys-from` or `--members-of`",
          "with `-l`, `--sort ttl`, `--no-ttl`, `--ttl-below` or `--ttl-above`"}},
        {"keys",
         {"a:*", "--sort", "size"},
         {"without `--keys-from` or `--members-of`", "with `--sort size`"}},
        {"keys",
         {"a:*", "--sort", "idle"},
         {"without `--keys-from` or `--members-of`", "with `--sort idle`"}},
        {"keys",
         {"a:*", "--size-over", "1", "--idle-over", "60s"},
         {"without `--keys-from` or `--members-of`", "with `--size-over`", "with `--idle-over`"}},
        {"keys", {"a:string"}, {"for names without glob characters"}},
        {"keys", {"--keys-from", "-"}, {"with `--keys-from` or `--members-of`"}, "a:string\n"},
        {"keys",
         {"--members-of", "a:set"},
         {"with `--keys-from` or `--members-of`", "with `--members-of`"}},
        {"keys",
         {"--members-of", "a:zset"},
         {"with `--keys-from` or `--members-of`", "with `--members-of`",
          "with `--members-of`, for sorted sets"}},
        {"ttl",
         {"--members-of", "a:zset"},
         {"with `--members-of`", "with `--members-of`, for sorted sets"}},
        {"ttl", {"a:*"}, {"without `--keys-from` or `--members-of`"}},
        {"ttl", {"a:*", "--timeline", "1h"}, {"without `--keys-from` or `--members-of`"}},
        {"ttl",
         {"--type", "string", "--keys-from", "-"},
         {"with `--type` and `--keys-from` or `--members-of`"},
         "a:string\n"},
        {"ttl",
         {"a:*", "--size-over", "1", "--idle-over", "60s"},
         {"without `--keys-from` or `--members-of`", "with `--size-over`", "with `--idle-over`"}},
        {"get", {"a:string"}, {"of a string"}},
        {"get", {"a:hash"}, {"of a hash", "of a hash, without `--field`"}},
        {"get",
         {"large:string", "--raw"},
         {"of a string", "of a string of more than a slice (16 to 256 KiB)", "like `+watch`"}},
        {"get",
         {"large:hash"},
         {"of a hash", "of a hash, without `--field`", "of a large hash, and with `--field`",
          "of a large hash, on Redis before 7.4"}},
        {"get", {"a:hash", "--field", "f"}, {"of a hash", "of a large hash, and with `--field`"}},
        {"get", {"a:list", "--index", "0"}, {"of a list"}},
        {"get", {"a:list"}, {"of a list"}},
        {"get", {"a:set"}, {"of a set"}},
        {"get", {"a:zset"}, {"of a sorted set"}},
        {"get", {"a:stream"}, {"of a stream"}},
        {"health",
         {"--mute", "MEMORY_NO_LIMIT", "--interval", "100ms"},
         {"where replicas are connected, or a command was slow", "without `--no-keys`",
          "for large keys", "for large lists", "for large hashes", "for large sets",
          "for large sorted sets"}},
        {"capabilities", {}, {"on servers that have it, from Redis 7.0 on"}},
        {"stats", {}, {}},
        {"stats", {"-o", "table"}, {"as a table, with `--watch`, or for `slow`"}},
        {"stats", {"overview", "slow"}, {"as a table, with `--watch`, or for `slow`"}},
        {"stats", {"clients"}, {"for `clients`"}},
        {"stats", {"latency"}, {"for `latency`"}},
        {"du",
         {"a:*", "--json"},
         {"without `--keys-from` or `--members-of`", "for the largest keys, as a table or JSON",
          "for the largest keys, as a table or JSON, on servers with CLIENT NO-TOUCH"}},
        {"du",
         {"a:*", "--by", "type", "--exact"},
         {"without `--keys-from` or `--members-of`", "with `--type` or `--by type`"}},
        {"du",
         {"--members-of", "a:zset"},
         {"with `--members-of`", "with `--members-of`, for sorted sets"}},
        {"du",
         {"a:*", "--by", "encoding", "--exact"},
         {"without `--keys-from` or `--members-of`", "with `--by encoding`"}},
        {"du",
         {"a:*", "--idle-over", "60s", "--exact", "--json", "--largest", "0"},
         {"without `--keys-from` or `--members-of`", "with `--idle-over`"}},
        {"snapshot", {"-", "a"}, {"without `--keys-from` or `--members-of`"}},
        {"hot", {"a:*", "--interval", "1s", "--json", "--quiet"}, {}},
        {"audit",
         {"a:*", "--json", "--policy",
          policy_path(R"({"pattern": "a:string", "ttl": "9h"}, {"pattern": "a:*",
                         "max_size": "1MiB"}, {"pattern": "x", "type": "hash"})")},
         {"without `--keys-from` or `--members-of`",
          "where the policy has a `ttl` or a `max_ttl`, and with `--suggest`",
          "where the policy has a `type`, and with `--suggest`",
          "where the policy has a `max_size`, and with `--suggest`"}},
        {"audit",
         {"a:string", "--policy", policy_path(R"({"pattern": "a:*"})")},
         {"for names without glob characters"}},
        {"audit",
         {"--members-of", "a:zset", "--policy", policy_path(R"({"pattern": "a:*"})")},
         {"with `--members-of`", "with `--members-of`, for sorted sets"}},
        {"audit",
         {"a:*", "--idle-over", "60s", "--policy", policy_path(R"({"pattern": "a:*"})")},
         {"without `--keys-from` or `--members-of`", "with `--idle-over`"}},
        {"wait", {"a:*"}, {"for patterns with glob characters"}},
        {"wait", {"a:string", "--ready"}, {"for names without glob characters"}},
        {"invalidate",
         {"a:*", "--yes"},
         {"without `--spread`", "without `--keys-from` or `--members-of`",
          "without `--size-over`"}},
        {"invalidate",
         {"a:string", "--yes"},
         {"without `--spread`", "for names without glob characters"}},
        {"invalidate",
         {"--keys-from", "-", "--type", "string", "--yes", "--max-keys", "9"},
         {"without `--spread`",
          "with `--keys-from` or `--members-of`, where keys are counted first or limited",
          "with `--type`"},
         "a:string\n"},
        {"invalidate",
         {"a:*", "--no-ttl", "--size-over", "1", "--idle-over", "60s", "--yes"},
         {"without `--spread`", "without `--keys-from` or `--members-of`",
          "with `--no-ttl`, `--ttl-below` or `--ttl-above`", "with `--size-over`",
          "with `--idle-over`"}},
        {"invalidate",
         {"a:*", "--yes", "--spread", "1h"},
         {"without `--keys-from` or `--members-of`", "with `--spread`"}},
        {"flush",
         {"a", "--yes", "--spread", "1h"},
         {"for namespaces, where keys are protected or counted, or a question is asked",
          "with `--spread`"}},
        saved("a:string", {"with `--backup`, for values up to 100 KiB"}),
        saved_large("string", "with `--backup`, for strings above 100 KiB"),
        saved_large("hash", "with `--backup`, for hashes above 100 KiB",
                    "with `--backup`, for hashes above 100 KiB, on servers that have it"),
        saved_large("list", "with `--backup`, for lists above 100 KiB"),
        saved_large("set", "with `--backup`, for sets above 100 KiB"),
        saved_large("zset", "with `--backup`, for sorted sets above 100 KiB"),
        {"invalidate",
         {"--members-of", "a:set", "--and-set", "--yes"},
         {"without `--spread`", "with `--members-of`", "with `--and-set`",
          "with `--and-set`, for sets"},
         {},
         {"+exists", "+srem", "+pttl"}},
        {"invalidate",
         {"--members-of", "a:zset", "--and-set", "--yes"},
         {"without `--spread`", "with `--members-of`", "with `--members-of`, for sorted sets",
          "with `--and-set`", "with `--and-set`, for sorted sets"},
         {},
         {"+exists", "+zrem", "+pttl"}},
        {"expire",
         {"--members-of", "a:zset", "--set", "1h", "--yes"},
         {"without `--remove`", "with `--members-of`", "with `--members-of`, for sorted sets"}},
        {"expire",
         {"a:*", "--cap", "1h", "--yes"},
         {"without `--keys-from` or `--members-of`", "without `--remove`", "without `--set`"}},
        {"expire",
         {"a:string", "--set", "1h", "--yes"},
         {"without `--remove`", "for names without glob characters"}},
        {"expire",
         {"a:*", "--set", "1h", "--yes"},
         {"without `--keys-from` or `--members-of`", "without `--remove`"}},
        {"expire",
         {"a:*", "--remove", "--yes"},
         {"without `--keys-from` or `--members-of`", "with `--remove`", "without `--set`"}},
        {"expire",
         {"a:*", "--set", "1h", "--size-over", "1", "--idle-over", "60s", "--yes"},
         {"without `--keys-from` or `--members-of`", "without `--remove`", "with `--size-over`",
          "with `--idle-over`"}},
        {"expire",
         {"--keys-from", "-", "--type", "string", "--set", "1h", "--yes", "--max-keys", "9"},
         {"without `--remove`",
          "with `--keys-from` or `--members-of`, where keys are counted first or limited",
          "with `--type`"},
         "a:string\n"},
        {"flush",
         {"a", "--yes"},
         {"for namespaces, where keys are protected or counted, or a question is asked",
          "for namespaces, and where keys are protected or counted"}},
        {"flush",
         {"--whole-db", "--yes"},
         {"with `--whole-db`",
          "with `--whole-db` or `--all-dbs`, unless `--include-neighbours` is given"}},
        {"flush", {"--whole-db", "--include-neighbours", "--yes"}, {"with `--whole-db`"}},
        {"flush",
         {"--all-dbs", "--yes"},
         {"with `--all-dbs`",
          "with `--whole-db` or `--all-dbs`, unless `--include-neighbours` is given"}},
        {"warm",
         {"-", "--key", "a:new:{id}", "--ttl", "1h"},
         {"for JSON and strings"},
         std::string(k_rows)},
        warm_as("hash", "id,a"),
        warm_as("list", "id,a"),
        warm_as("set", "id,a"),
        warm_as("zset", "a,s"),
        {"warm",
         {"-", "--key", "a:{t}", "--value", "w", "--ttl", "9h", "--if-exists", "refresh",
          "--refresh-below", "3h"},
         {"for JSON and strings", "with `--if-exists refresh`",
          "with `--if-exists refresh`, where keys are written again"},
         R"([{"t":"string"}])"},
        {"warm",
         {"-", "--key", "a:{t}", "--value", "w", "--ttl", "1h", "--if-exists", "update"},
         {"for JSON and strings", "with `--if-exists update`, for JSON and strings"},
         R"([{"t":"string"}])"},
        {"warm",
         {"-", "--key", "a:new:{id}", "--ttl", "1h", "--set", "r=v1", "--switch", "a:now", "--sync",
          "a:*", "--yes"},
         {"for JSON and strings", "with `--if-exists update`, for JSON and strings",
          "with `--verify`, for JSON and strings", "with `--verify`", "with `--sync`",
          "with `--switch`"},
         std::string(k_rows),
         {"+scan", "+unlink"}},
        updated("hash"),
        updated("list"),
        updated("set"),
        updated("zset"),
        {"warm",
         {"-", "--key", "a:new:{id}", "--ttl", "1h", "--verify"},
         {"for JSON and strings", "with `--verify`, for JSON and strings", "with `--verify`"},
         std::string(k_rows)},
        {"warm",
         {"-", "--key", "a:new:{id}", "--ttl", "1h", "--verify"},
         {"for JSON and strings", "with `--verify`, for strings above 256 KiB", "with `--verify`"},
         R"([{"id":1,"v":")" + std::string(300'000, 'v') + R"("}])"},
        verified(warm_as("hash", "id,a"), "with `--verify` and `--as hash`"),
        verified(warm_as("list", "id,a"), "with `--verify` and `--as list`"),
        verified(warm_as("set", "id,a"), "with `--verify` and `--as set`"),
        verified(warm_as("zset", "a,s"), "with `--verify` and `--as zset`"),
        in_slices(false, true),
        in_slices(true, false),
        {"restore",
         {backup_of(RdbType::string, false, false), "--yes"},
         {"for values up to 100 KiB, and of other types"}},
        {"restore", {backup_of(RdbType::string, false, true), "--dry-run"}, {"with `--dry-run`"}},
        {"context", {"check"}, {"with `check`"}},
        restored(RdbType::string, "for strings above 100 KiB", false, false),
        restored(RdbType::hash, "for hashes above 100 KiB", true, false),
        restored(RdbType::list, "for lists above 100 KiB", false, false),
        restored(RdbType::set, "for sets above 100 KiB", false, false),
        restored(RdbType::zset_2, "for sorted sets above 100 KiB", false, true),
    };
    return all;
}

const cachectl::Command& command_named(const std::string& name) {
    for (const cachectl::Command& command : cachectl::command_table()) {
        if (command.name == name) {
            return command;
        }
    }
    throw std::runtime_error("no command " + name);
}

/// HPTTL is of Redis 7.4 and Valkey 9; others refuse a rule of it.
bool has_hpttl() {
    static const bool has =
        RedisServer().client().command({"ACL", "SETUSER", "x", "+hpttl"}).type !=
        RespValue::Type::error;
    return has;
}

std::vector<AclRight> rights_in(const Scenario& scenario) {
    std::vector<AclRight> rights;
    for (const AclRight& right : command_named(scenario.command).rights) {
        if (right.rule == "+hpttl" && !has_hpttl()) {
            continue;
        }
        const auto& met = scenario.conditions;
        if (right.when.empty() || std::find(met.begin(), met.end(), right.when) != met.end()) {
            rights.push_back(right);
        }
    }
    return rights;
}

struct Fixture {
    RedisServer server;
    RespClient redis = server.client();
    int keys = 0;  // that are there before a run

    void fill(bool large) {
        redis.run({"FLUSHALL"});
        redis.run({"SET", "a:string", "v", "EX", "9000"});
        redis.run({"HSET", "a:hash", "f", "v"});
        redis.run({"RPUSH", "a:list", "v"});
        redis.run({"SADD", "a:set", "a:string"});
        redis.run({"ZADD", "a:zset", "1", "a:string"});
        redis.run({"XADD", "a:stream", "*", "f", "v"});
        redis.run({"SET", "b:other", "v"});
        if (large) {
            redis.run({"SET", "large:string", std::string(300'000, 'v')});
            redis.run({"HSET", "large:hash", "f", std::string(300'000, 'v'), "g", "v"});
            redis.run({"RPUSH", "large:list", std::string(300'000, 'v')});
            redis.run({"SADD", "large:set", std::string(300'000, 'v')});
            redis.run({"ZADD", "large:zset", "1", std::string(300'000, 'v')});
        }
        // Keys that nobody has used for long: one that expires, one that does not.
        const std::vector<std::pair<std::string, std::string>> idle = {{"a:string", "9000000"},
                                                                       {"a:hash", "0"}};
        for (const auto& [key, ttl] : idle) {
            const std::string value = redis.text({"DUMP", key});
            redis.run({"RESTORE", key, ttl, value, "REPLACE", "IDLETIME", "500"});
        }
    }
    void allow(const std::vector<AclRight>& rights, std::string_view but = {}) {
        std::vector<std::string> rules{"ACL", "SETUSER", "bob",  "reset",
                                       "on",  "nopass",  "~a:*", "~large:*"};
        for (const AclRight& right : rights) {
            if (right.rule != but) {
                rules.emplace_back(right.rule);
            }
        }
        redis.run(rules);
    }
    ProcessResult run(const Scenario& scenario) {
        const bool large = !scenario.args.empty() && scenario.args.front().starts_with("large:");
        keys = large ? 12 : 7;
        std::filesystem::remove(backup_path());
        fill(large);
        std::vector<std::string> args{
            scenario.command, "-s", server.socket_path(), "--user", "bob", "-a", "any", "--quiet"};
        args.insert(args.end(), scenario.args.begin(), scenario.args.end());
        ProcessOptions options;
        options.stdin_bytes = scenario.input;
        return run_cachectl(args, options);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "each command works with the rights on its page and none besides") {
    for (const Scenario& scenario : scenarios()) {
        CAPTURE(scenario.line());
        allow(rights_in(scenario));
        const ProcessResult result = run(scenario);
        CHECK(result.exit_code == 0);
        CHECK(result.err.empty() == !scenario.warns);
        const bool all = !scenario.args.empty() && (scenario.args.front() == "--whole-db" ||
                                                    scenario.args.front() == "--all-dbs");
        CHECK(redis.integer({"EXISTS", "b:other"}) == (all ? 0 : 1));
    }
}

TEST_CASE_FIXTURE(Fixture, "a right that is missing is named, or what it is for is done without") {
    for (const Scenario& scenario : scenarios()) {
        const std::vector<AclRight> rights = rights_in(scenario);
        for (const AclRight& missing : rights) {
            CAPTURE(scenario.line());
            CAPTURE(missing.rule);
            allow(rights, missing.rule);
            const ProcessResult result = run(scenario);
            if (missing.rule == "+memory|usage" &&
                scenario.line().find("--idle-over") != std::string::npos) {
                continue;  // what a filter goes by may not lack, nor what is read with it
            }
            // Redis before 7.4 is not asked for it.
            if (missing.rule == "+hscan" && scenario.args.front() == "large:hash") {
                continue;
            }
            if (missing.without.empty()) {
                const auto& late = scenario.late;
                const bool is_late =
                    std::find(late.begin(), late.end(), missing.rule) != late.end();
                CHECK(result.exit_code == (is_late ? 5 : 4));
                CHECK(has(result.err, "NOPERM"));
                CHECK(has(result.err, "the user lacks the ACL rule " + std::string(missing.rule)));
                if (!is_late) {
                    CHECK(redis.integer({"DBSIZE"}) == keys);
                }
            } else {
                CHECK(result.exit_code == 0);
                CHECK_FALSE(result.out.empty());
            }
        }
    }
}

TEST_CASE("no right is listed that the test does without") {
    for (const cachectl::Command& command : cachectl::command_table()) {
        for (const AclRight& right : command.rights) {
            CAPTURE(command.name);
            CAPTURE(right.rule);
            CAPTURE(right.when);
            // The first has a case of its own, the second shows only where the input is slow.
            if (right.rule == "+del" || right.rule == "+ping") {
                continue;
            }
            if (right.rule == "+hpttl" || right.rule == "+msetex") {
                continue;  // most servers know no such rule
            }
            if (right.when.starts_with("where it does not fit")) {
                continue;
            }
            if (right.rule == "+hotkeys" || right.rule == "+object|freq" ||
                right.rule == "+monitor") {
                continue;  // the server's version, its policy, or a warning is in the way
            }
            if (right.when.ends_with("where a sample is drawn") || command.name == "diff") {
                continue;  // the server's version has to be known; diff looks as snapshot does
            }
            if (right.when == "with `--hit-ratio` or `--replica-lag`") {
                continue;  // other clients or a replica have to be there
            }
            if (right.when == "for values above 1 MiB") {
                continue;  // it degrades without it
            }
            const bool is_of_backup = right.when.starts_with("with `--backup`");
            if (is_of_backup &&
                (command.name != "invalidate" || right.rule.starts_with("+object"))) {
                continue;  // as with invalidate, and where there is an eviction policy
            }
            if (right.when.ends_with("into which keys are put back") ||
                right.when.starts_with("where keys have names like those of")) {
                continue;  // another client has to write meanwhile; the mark is not in reach
            }
            if (right.when.starts_with("on a cluster")) {
                continue;  // see cluster_acl_test.cpp
            }
            const bool met =
                std::any_of(scenarios().begin(), scenarios().end(), [&](const Scenario& scenario) {
                    const auto& met_here = scenario.conditions;
                    return scenario.command == command.name &&
                           (right.when.empty() || std::find(met_here.begin(), met_here.end(),
                                                            right.when) != met_here.end());
                });
            CHECK(met);
        }
    }
}

TEST_CASE_FIXTURE(Fixture, "a connection asks for little, and does without most of that") {
    const Scenario listing{"keys", {"a:*"}, {"without `--keys-from` or `--members-of`"}};
    const Scenario elsewhere{
        "keys", {"a:*", "-n", "1"}, {"without `--keys-from` or `--members-of`"}};
    std::vector<AclRight> rights = rights_in(listing);
    for (const AclRight& right : cachectl::connection_rights()) {
        rights.push_back(right);
    }
    std::erase_if(rights, [](const AclRight& right) { return right.rule == "+client|no-touch"; });
    for (const AclRight& missing : cachectl::connection_rights()) {
        CAPTURE(missing.rule);
        allow(rights, missing.rule);
        const ProcessResult here = run(listing);
        CHECK(here.exit_code == 0);
        CHECK(here.err.empty());
        const ProcessResult there = run(elsewhere);
        CHECK(there.exit_code == (missing.rule == "+select" ? 4 : 0));
        if (missing.rule == "+select") {
            CHECK(has(there.err, "the user lacks the ACL rule +select"));
        }
    }
}

TEST_CASE_FIXTURE(Fixture, "--allow-del asks for +del where +unlink is missing") {
    const std::vector<AclRight> del = {
        {"+scan", "", ""}, {"+del", "", ""}, {"+memory|usage", "", ""}, {"+type", "", ""}};
    allow(del);
    Scenario scenario{"invalidate", {"a:*", "--yes"}, {}};
    ProcessResult result = run(scenario);
    CHECK(result.exit_code == 4);
    CHECK(has(result.err, "the user lacks the ACL rule +unlink; --allow-del uses DEL"));
    CHECK(redis.integer({"DBSIZE"}) == 7);
    scenario.args.emplace_back("--allow-del");
    result = run(scenario);
    CHECK(result.exit_code == 0);
    CHECK(redis.integer({"DBSIZE"}) == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "keys that the user may not touch are spared and listed, the others go") {
    const std::vector<AclRight> rights = {{"+scan", "", ""}, {"+unlink", "", ""}};
    allow(rights);
    const ProcessResult result = run({"invalidate", {"*", "--all", "--yes"}, {}});
    CHECK(result.exit_code == 5);
    CHECK(has(result.out + result.err, "b:other"));
    CHECK(has(result.out, "deleted 6 of 7 keys"));
    CHECK(redis.list({"KEYS", "*"}) == std::vector<std::string>{"b:other"});
}
