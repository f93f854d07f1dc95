// What each product says of itself and of what it lacks, of those that are run for them: its own
// words, from its source, its documentation, or what people have seen of it. Where no words are
// known, they are Redis'.
#include "support/personas_words.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace cachectl::test {

// --- Upstash ------------------------------------------------------------------------------------
// Commands and INFO's sections: https://upstash.com/docs/redis/overall/rediscompatibility and
// …/docs/redis/commands/server/info ("opaque" cursors: …/commands/generic/scan). COMMAND without
// more is an error: https://github.com/beekeeper-studio/beekeeper-studio/issues/3558.

namespace {

constexpr std::string_view k_upstash_info =
    "# Server\r\nupstash_version:1.13.3\r\nredis_version:6.2.6\r\nredis_git_sha1:b8ef06c\r\n"
    "redis_build_id:20250422\r\nredis_mode:standalone\r\n\r\n"
    "# Clients\r\nconnected_clients:1\r\nmaxclients:10000\r\n\r\n"
    "# Persistence\r\ntotal_keys:15\r\ntotal_data_size:2048\r\nmax_data_size:268435456\r\n\r\n"
    "# Stats\r\ntotal_connections_received:50\r\ntotal_commands_processed:1500\r\n"
    "instantaneous_ops_per_sec:5\r\nexpired_keys:3\r\nevicted_keys:0\r\n"
    "keyspace_hits:350\r\nkeyspace_misses:10\r\n\r\n"
    "# Replication\r\nrole:master\r\n\r\n";

}  // namespace

Persona upstash() {
    Persona persona{"Upstash", std::string(k_upstash_info)};
    persona.unknown = [](const Persona::Command& command) {
        return resp::error("ERR Command is not available: '" + command[0] +
                           "'. See https://upstash.com/docs/redis/overall/rediscompatibility "
                           "for details");
    };
    persona.absent = {"OBJECT",  "MEMORY",     "CONFIG",    "SLOWLOG", "LATENCY",
                      "ROLE",    "COMMANDLOG", "HOTKEYS",   "MONITOR", "CLUSTER",
                      "COMMAND", "ACL|DRYRUN", "RANDOMKEY", "WAIT"};
    persona.quirk = [](const Persona::Command& command) -> PersonaReply {
        if (is_command(command, "SELECT") && command.size() > 1 && command[1] != "0") {
            return resp::error("ERR Only 0th database is supported! Selected DB: " + command[1]);
        }
        return std::nullopt;
    };
    // Above what fits a signed number.
    persona.cursor = [](std::size_t n) { return "18446744073709" + std::to_string(500'000 + n); };
    persona.strange_cursor = Persona::StrangeCursor::begins_anew;
    persona.wants_tls = true;
    persona.lacks = {"sizes", "idle times", "partitions"};
    return persona;
}

// --- Memorystore for Redis ----------------------------------------------------------------------
// https://cloud.google.com/memorystore/docs/redis/supported-commands; the words are those of
// https://github.com/oliver006/redis_exporter/issues/315 for 5.0, where CLIENT is missing too.

Persona memorystore() {
    Persona persona{"Memorystore 5.0"};
    persona.info =
        "# Server\r\nredis_version:5.0.14\r\nredis_git_sha1:00000000\r\n"
        "redis_build_id:c5a4cf6a5f3e1dd2\r\nredis_mode:standalone\r\nos:Linux 5.10 x86_64\r\n"
        "process_id:1\r\nrun_id:8d5fd2a7e14b44b1a9ac6a0f1b1a0f53c1f2e6d7\r\n"
        "tcp_port:6379\r\nuptime_in_seconds:86400\r\n\r\n"
        "# Clients\r\nconnected_clients:2\r\nblocked_clients:0\r\n\r\n"
        "# Memory\r\nused_memory:4000000\r\nused_memory_peak:5000000\r\n"
        "used_memory_rss:8000000\r\nmaxmemory:1073741824\r\nmaxmemory_policy:volatile-lru\r\n"
        "mem_fragmentation_ratio:2.0\r\n\r\n"
        "# Persistence\r\nloading:0\r\nrdb_changes_since_last_save:0\r\n"
        "rdb_last_bgsave_status:ok\r\n\r\n"
        "# Stats\r\ntotal_connections_received:20\r\ntotal_commands_processed:1000\r\n"
        "instantaneous_ops_per_sec:5\r\nexpired_keys:3\r\nevicted_keys:0\r\n"
        "keyspace_hits:350\r\nkeyspace_misses:10\r\n\r\n"
        "# Replication\r\nrole:master\r\nconnected_slaves:0\r\nmaster_repl_offset:1\r\n\r\n"
        "# CPU\r\nused_cpu_sys:1.5\r\nused_cpu_user:2.5\r\n\r\n";
    persona.unknown = older_unknown;
    persona.absent = {"HELLO",   "CLIENT",     "CONFIG",      "ROLE",    "ACL",
                      "MONITOR", "DEBUG",      "PEXPIRETIME", "HOTKEYS", "COMMANDLOG",
                      "CLUSTER", "SMISMEMBER", "ZMSCORE"};
    // Redis 5.0 has no TYPE in SCAN, and no NX, XX, GT or LT in PEXPIRE.
    persona.quirk = [](const Persona::Command& command) -> PersonaReply {
        if (is_command(command, "SCAN") &&
            std::count(command.begin(), command.end(), "TYPE") != 0) {
            return resp::error("ERR syntax error");
        }
        if (is_command(command, "PEXPIRE") && command.size() != 3) {
            return resp::error("ERR wrong number of arguments for 'pexpire' command");
        }
        return std::nullopt;
    };
    persona.lacks = {"partitions"};
    return persona;
}

Persona memorystore_for_valkey() {
    Persona persona{"Memorystore for Valkey"};
    persona.unknown = [](const Persona::Command& command) {
        std::string name = command[0];
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return resp::error("NOPERM User default has no permissions to run the '" + name +
                           "' command");
    };
    persona.absent = {"CONFIG", "ROLE", "ACL", "MONITOR", "DEBUG", "SLOWLOG", "LATENCY"};
    return persona;
}

// --- Redis Software and Redis Cloud -------------------------------------------------------------
// The server section: what three people have shown of the INFO of redislabs.com databases (6.2.3,
// 6.2.6, 7.2.0): no executable, and 40 zeros as the build. "ERR command is not allowed":
// https://github.com/RedisGrafana/grafana-redis-datasource/issues/81; "unknown subcommand 'MYID'":
// https://github.com/redis/lettuce/pull/3699. What is missing:
// https://redis.io/docs/latest/operate/rs/references/compatibility/commands/.

namespace {

std::string enterprise_info(const std::string& mode, bool cluster) {
    return "# Server\r\nredis_version:7.2.0\r\nredis_git_sha1:00000000\r\nredis_git_dirty:0\r\n"
           "redis_build_id:0000000000000000000000000000000000000000\r\nredis_mode:" +
           mode +
           "\r\nos:Linux 5.4.0-1044-gcp x86_64\r\narch_bits:64\r\nmultiplexing_api:epoll\r\n"
           "gcc_version:7.5.0\r\nprocess_id:10641201\r\n"
           "run_id:2af5d6635afc7b68653571f2cb0d30a5a9a7f0a4\r\ntcp_port:18891\r\n"
           "uptime_in_seconds:106747\r\nuptime_in_days:1\r\nhz:10\r\nlru_clock:0\r\n"
           "config_file:\r\n\r\n"
           "# Clients\r\nconnected_clients:1\r\nblocked_clients:0\r\nmaxclients:30\r\n"
           "cluster_connections:0\r\n\r\n"
           "# Memory\r\nused_memory:2391376\r\nused_memory_human:2.28M\r\n"
           "used_memory_rss:2391376\r\nused_memory_peak:3162208\r\nused_memory_lua:32768\r\n"
           "mem_fragmentation_ratio:1\r\nmem_allocator:jemalloc-5.1.0\r\n\r\n"
           "# Persistence\r\nloading:0\r\nrdb_changes_since_last_save:41\r\n"
           "rdb_bgsave_in_progress:0\r\nrdb_last_bgsave_status:ok\r\naof_enabled:0\r\n\r\n"
           "# Stats\r\ntotal_connections_received:20\r\ntotal_commands_processed:1000\r\n"
           "instantaneous_ops_per_sec:5\r\nexpired_keys:3\r\nevicted_keys:0\r\n"
           "keyspace_hits:350\r\nkeyspace_misses:10\r\n\r\n"
           "# Replication\r\nrole:master\r\nconnected_slaves:0\r\nmaster_repl_offset:0\r\n\r\n"
           "# CPU\r\nused_cpu_sys:0.0\r\nused_cpu_user:0.0\r\n\r\n"
           "# Cluster\r\ncluster_enabled:" +
           (cluster ? "1" : "0") + "\r\n\r\n";
}

PersonaReply enterprise_quirk(const Persona::Command& command) {
    for (const std::string_view name :
         {"CLUSTER|MYID", "CLUSTER|COUNTKEYSINSLOT", "CLUSTER|GETKEYSINSLOT"}) {
        const std::size_t bar = name.find('|');
        if (begins_with(command, name.substr(0, bar), name.substr(bar + 1))) {
            return resp::error("ERR unknown subcommand '" + command[1] + "'");
        }
    }
    return std::nullopt;
}

}  // namespace

Persona enterprise() {
    Persona persona{"Redis Software", enterprise_info("standalone", false)};
    persona.unknown = [](const Persona::Command&) {
        return resp::error("ERR command is not allowed");
    };
    persona.absent = {"ROLE", "CLUSTER", "LATENCY", "DEBUG", "HOTKEYS", "COMMANDLOG", "CONFIG"};
    persona.quirk = [](const Persona::Command& command) -> PersonaReply {
        if (is_command(command, "SELECT") && command.size() > 1 && command[1] != "0") {
            return resp::error("ERR DB index is out of range");
        }
        return enterprise_quirk(command);
    };
    // A proxy before shards: which one, and where in it.
    persona.cursor = [](std::size_t n) { return std::to_string((n << 20U) | 3U); };
    persona.strange_cursor = Persona::StrangeCursor::ends_the_walk;
    persona.lacks = {"partitions"};
    return persona;
}

Persona enterprise_cluster() {
    Persona persona = enterprise();
    persona.name = "Redis Software as a cluster";
    persona.info = enterprise_info("cluster", true);
    persona.absent.erase("CLUSTER");
    persona.is_cluster = true;
    return persona;
}

// --- ElastiCache Serverless ---------------------------------------------------------------------
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SupportedCommands.html: TLS and the
// cluster's protocol alone; the words: https://github.com/redis/jedis/issues/3766; "os:Amazon
// ElastiCache" and the zeros: https://github.com/oliver006/redis_exporter/issues/597.

Persona elasticache() {
    Persona persona{"ElastiCache Serverless"};
    persona.info =
        "# Server\r\nredis_version:7.1.0\r\nredis_git_sha1:0\r\nredis_git_dirty:0\r\n"
        "redis_build_id:0\r\nredis_mode:cluster\r\nos:Amazon ElastiCache\r\narch_bits:64\r\n"
        "run_id:a20787f1c26718fd8c3b27a0c7dc33fce98ed847\r\ntcp_port:6379\r\n"
        "uptime_in_seconds:10641682\r\nuptime_in_days:123\r\nexecutable:-\r\n"
        "config_file:-\r\n\r\n"
        "# Replication\r\nrole:master\r\nconnected_slaves:1\r\n\r\n"
        "# Cluster\r\ncluster_enabled:1\r\n\r\n";
    persona.unknown = redis_unknown;
    persona.absent = {"MEMORY",  "CONFIG",     "ROLE",  "ACL",         "SLOWLOG",
                      "LATENCY", "MONITOR",    "DEBUG", "KEYS",        "SELECT",
                      "HOTKEYS", "COMMANDLOG", "WAIT",  "CLIENT|LIST", "CLIENT|NO-TOUCH"};
    persona.cursor = [](std::size_t n) { return std::to_string(n * 7'919 + 9'000'000'000ULL); };
    persona.strange_cursor = Persona::StrangeCursor::ends_the_walk;
    persona.is_cluster = true;
    persona.wants_tls = true;
    persona.lacks = {"sizes", "partitions"};
    return persona;
}

}  // namespace cachectl::test
