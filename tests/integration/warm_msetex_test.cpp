// warm on a server that has MSETEX: none is to be had, so one is played before a real server, which
// does what Redis 8.4 says of it with a script. What is there in the end is what SETs would have
// left.
#include <doctest/doctest.h>

#include "support/json.hpp"
#include "support/personas_server.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

constexpr const char* k_script = R"(
local keys = tonumber(ARGV[1])
local set, only_new = {}, false
for i = 2 + 2 * keys, #ARGV do
    if ARGV[i] == 'NX' then only_new = true else set[#set + 1] = ARGV[i] end
end
for i = 1, keys do
    if only_new and redis.call('EXISTS', ARGV[2 * i]) == 1 then return 0 end
end
for i = 1, keys do redis.call('SET', ARGV[2 * i], ARGV[2 * i + 1], unpack(set)) end
return 1)";

Persona newest_redis() {
    Persona persona{"Redis 8.4",
                    "# Server\r\nredis_version:8.4.0\r\nredis_mode:standalone\r\nrun_id:"
                    "0123456789012345678901234567890123456789\r\n# Replication\r\nrole:master\r\n"};
    persona.quirk = [](const Persona::Command& command) -> std::optional<std::string> {
        if (command.front() != "HELLO") {
            return std::nullopt;
        }
        return resp::array({resp::bulk("server"), resp::bulk("redis"), resp::bulk("version"),
                            resp::bulk("8.4.0"), resp::bulk("proto"), resp::integer(2),
                            resp::bulk("mode"), resp::bulk("standalone")});
    };
    persona.translated = [](const Persona::Command& command) -> std::optional<Persona::Command> {
        if (command.front() != "MSETEX") {
            return std::nullopt;
        }
        Persona::Command script = {"EVAL", k_script, "0"};
        script.insert(script.end(), command.begin() + 1, command.end());
        return script;
    };
    return persona;
}

/// "NAME=VALUE" of every key, and "NAME=VALUE expires".
std::vector<std::string> keyspace(const RedisServer& server) {
    RespClient redis = server.client();
    std::vector<std::string> keys;
    for (const std::string& key : redis.list({"KEYS", "*"})) {
        const bool expires = redis.integer({"PTTL", key}) > 0;
        keys.push_back(key + '=' + redis.text({"GET", key}) + (expires ? " expires" : ""));
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

/// 3,000 rows, of which some come again with another value, one is large, and one key in 50 is
/// there already.
std::string rows() {
    std::string text;
    for (int i = 0; i < 3'000; ++i) {
        const int id = i % 97 == 0 ? i / 2 : i;
        const std::string value = i == 1'500 ? std::string(20'000, 'x') : std::to_string(i);
        text += "{\"id\":" + std::to_string(id) + ",\"v\":\"" + value + "\"}\n";
    }
    return text;
}

void plant(const RedisServer& server) {
    RespClient redis = server.client();
    for (int i = 0; i < 3'000; i += 50) {
        redis.run({"SET", "c:" + std::to_string(i), "old"});
    }
}

}  // namespace

TEST_CASE("what many keys of one command leave is what a SET each leaves") {
    const TempDir dir;
    const std::string file = dir.file("rows.ndjson", rows());
    const Persona persona = newest_redis();
    for (const char* if_exists : {"skip", "overwrite", "update"}) {
        for (const char* jitter : {"0%", "20%"}) {
            CAPTURE(if_exists);
            CAPTURE(jitter);
            const RedisServer plain, behind;
            plant(plain);
            plant(behind);
            PersonaServer newest(persona, behind.socket_path());
            const auto warm = [&](std::vector<std::string> where) {
                std::vector<std::string> args = {"warm",        file,       "--key", "c:{id}",
                                                 "--ttl",       "1h",       "-o",    "json",
                                                 "--if-exists", if_exists,  "--yes", "--max-errors",
                                                 "100",         "--jitter", jitter};
                args.insert(args.end(), where.begin(), where.end());
                const ProcessResult run = run_cachectl(std::move(args));
                CHECK(run.exit_code == 0);
                return nlohmann::json::parse(run.out);
            };
            const nlohmann::json one = warm({"-s", plain.socket_path()});
            const nlohmann::json many = warm({"-p", std::to_string(newest.port())});
            for (const char* field : {"keys", "written", "skipped", "unchanged", "duplicates",
                                      "failed", "bytes", "complete"}) {
                CAPTURE(field);
                CHECK(one[field] == many[field]);
            }
            CHECK(keyspace(plain) == keyspace(behind));
            const bool batches = if_exists != std::string("update") && jitter == std::string("0%");
            CHECK((newest.count("MSETEX") > 20) == batches);
        }
    }
}
