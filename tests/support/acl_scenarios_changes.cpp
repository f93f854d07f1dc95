// Of acl_scenarios.hpp, those of commands that change, write or restore keys.
#include <fmt/format.h>

#include <chrono>
#include <set>
#include <utility>

#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/acl_scenarios.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

namespace {

constexpr std::string_view k_rows = R"([{"id":1,"a":"x","s":1.5},{"id":2,"a":"y","s":2}])";

AclScenario warm_as(const std::string& type, const std::string& columns) {
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
AclScenario updated(const std::string& type) {
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

/// A value that is built up before it takes its place.
AclScenario in_slices(const std::string& type, std::string_view condition, bool replaces,
                      bool expires) {
    std::string rows = "t,v,n\n";
    for (int i = 0; i < 2'001; ++i) {
        rows += fmt::format("{},{},{}\n", replaces ? type : "new", i, i);
    }
    const bool in_pairs = type == "hash" || type == "zset";
    static std::set<std::string> texts;
    AclScenario scenario{
        "warm",
        {"-", "--format", "csv", "--group", "a:{t}", "--as", type, "--columns",
         in_pairs ? "v,n" : "v"},
        {*texts.insert("with `--as " + type + "`").first, "for all that is no string",
         "for more than 2,000 elements, 1,000 fields or 1,000 members with scores", condition},
        std::move(rows)};
    if (replaces) {
        scenario.args.insert(scenario.args.end(), {"--if-exists", "overwrite"});
    }
    if (expires) {
        scenario.args.insert(scenario.args.end(), {"--ttl", "1h"});
    } else {
        scenario.warns = true;
        scenario.conditions.emplace_back("for as many that never expire");
    }
    return scenario;
}

AclScenario verified(AclScenario warm, std::string_view condition) {
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
AclScenario restored(RdbType type, std::string_view condition, bool expires, bool replace) {
    AclScenario scenario{
        "restore",
        {backup_of(type, true, expires), "--yes"},
        {condition, "for values above 100 KiB", "with `--dry-run`, and for values above 100 KiB",
         expires ? "for values above 100 KiB that expire"
                 : "for values above 100 KiB that never expire",
         replace ? "" : "for values above 100 KiB, without `--replace`"}};
    if (replace) {
        scenario.args.emplace_back("--replace");
    }
    return scenario;
}

AclScenario saved(const char* key, std::vector<std::string_view> conditions) {
    conditions.insert(conditions.end(),
                      {"without `--spread`", "for names without glob characters", "with `--backup`",
                       "with `--backup`, on Redis 7.0, Valkey 7.2 and newer; "
                       "else `+pttl`"});
    return {"invalidate", {key, "--yes", "--backup", acl_backup_path()}, std::move(conditions)};
}

AclScenario saved_large(const std::string& type, std::vector<std::string_view> conditions) {
    static std::set<std::string> keys;
    conditions.emplace_back("with `--backup`, for values above 100 KiB");
    return saved(keys.insert("large:" + type).first->c_str(), std::move(conditions));
}

}  // namespace

std::string acl_backup_path() {
    static const TempDir dir;
    return (dir.path() / "new.rdb").string();
}

std::vector<AclScenario> acl_scenarios_of_changes() {
    return {
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
        saved_large("string", {"with `--backup`, for strings above 100 KiB"}),
        saved_large("hash", {"with `--backup`, for hashes above 100 KiB",
                             "with `--backup`, for hashes above 100 KiB of 500 fields at most, "
                             "before Redis 7.4 and Valkey 8.0",
                             "with `--backup`, for hashes above 100 KiB, on servers that have it"}),
        saved_large("list", {"with `--backup`, for lists above 100 KiB"}),
        saved_large("set", {"with `--backup`, for sets above 100 KiB"}),
        saved_large("zset", {"with `--backup`, for sorted sets above 100 KiB"}),
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
        in_slices("list", "for lists of more than 2,000 elements", false, true),
        in_slices("hash", "for hashes of more than 1,000 fields", true, false),
        in_slices("set", "for sets of more than 2,000 elements", true, true),
        in_slices("zset", "for sorted sets of more than 1,000 members", false, false),
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
}

}  // namespace cachectl::test
