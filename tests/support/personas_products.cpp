// What each product says of itself and of what it lacks, of those that people run: its own words,
// from its source, its documentation, or what people have seen of it. Where no words are known,
// they are Redis'.
#include "support/personas_words.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace cachectl::test {

// --- Apache Kvrocks 2.17 ------------------------------------------------------------------------
// INFO: https://github.com/netdata/netdata, src/go/plugin/go.d/collector/redis/testdata/kvrocks.
// Commands: https://github.com/apache/kvrocks, src/commands/cmd_server.cc and cmd_key.cc: their
// arities ("flushdb" 1, "pexpire" 3), OBJECT, CLIENT; SELECT always says OK.

namespace {

constexpr std::string_view k_kvrocks_info =
    "# Server\r\nversion:2.17.0\r\nkvrocks_version:2.17.0\r\nredis_version:7.0.0\r\n"
    "git_sha1:185d4221\r\nredis_mode:standalone\r\nkvrocks_mode:standalone\r\n"
    "os:Linux 6.12.0 x86_64\r\narch_bits:64\r\nprocess_id:1\r\ntcp_port:6666\r\n"
    "uptime_in_seconds:86400\r\nuptime_in_days:1\r\nexecutable:\r\nconfig_file:\r\n\r\n"
    "# Clients\r\nmaxclients:10000\r\nconnected_clients:1\r\nmonitor_clients:0\r\n"
    "blocked_clients:0\r\n\r\n"
    "# Memory\r\nused_memory_rss:39284736\r\nused_memory_rss_human:37.46M\r\n"
    "used_memory_lua:319488\r\nused_memory_startup:34586624\r\nmem_allocator:jemalloc\r\n\r\n"
    "# Persistence\r\nloading:0\r\nbgsave_in_progress:0\r\nlast_bgsave_status:ok\r\n\r\n"
    "# Stats\r\ntotal_connections_received:1\r\ntotal_commands_processed:1\r\n"
    "instantaneous_ops_per_sec:0\r\nkeyspace_hits:0\r\nkeyspace_misses:0\r\n\r\n"
    "# Replication\r\nrole:master\r\nconnected_slaves:0\r\nmaster_repl_offset:0\r\n\r\n"
    "# CPU\r\nused_cpu_sys:0.025845\r\nused_cpu_user:0.027417\r\n\r\n"
    "# Commandstats\r\ncmdstat_info:calls=1,usec=0,usec_per_call=0\r\n\r\n"
    "# Cluster\r\ncluster_enabled:0\r\n\r\n"
    "# Keyspace\r\nlast_dbsize_scan_timestamp:0\r\ndb0:keys=0,expires=0,avg_ttl=0,expired=0\r\n"
    "sequence:0\r\nused_db_size:0\r\nmax_db_size:0\r\nused_percent:0%\r\n\r\n"
    "# RocksDB\r\nblock_cache_usage:262144\r\nestimate_keys[default]:0\r\n"
    "num_files_at_level[default]:[0,0,0,0,0,0,0]\r\n";

PersonaReply kvrocks_quirk(const Persona::Command& command) {
    const std::string arity = resp::error("ERR wrong number of arguments");
    if ((is_command(command, "FLUSHDB") || is_command(command, "FLUSHALL")) && command.size() > 1) {
        return arity;
    }
    if (is_command(command, "PEXPIRE") && command.size() != 3) {
        return arity;
    }
    if (is_command(command, "OBJECT")) {
        return resp::error("ERR object subcommand must be dump");
    }
    if (is_command(command, "CLIENT") && !begins_with(command, "CLIENT", "SETNAME") &&
        !begins_with(command, "CLIENT", "LIST") && !begins_with(command, "CLIENT", "ID")) {
        return resp::error("ERR Syntax error, try CLIENT LIST|INFO|KILL ip:port|GETNAME|SETNAME");
    }
    if (is_command(command, "MEMORY") && !begins_with(command, "MEMORY", "USAGE")) {
        return resp::error("ERR Unknown operation");
    }
    if (is_command(command, "DBSIZE")) {
        return resp::integer(0);  // until somebody has it counted with DBSIZE SCAN
    }
    if (begins_with(command, "CONFIG", "GET")) {
        return resp::array({});  // its settings have other names
    }
    if (is_command(command, "SELECT")) {
        return resp::status("OK");
    }
    return std::nullopt;
}

}  // namespace

Persona kvrocks() {
    Persona persona{"Kvrocks", std::string(k_kvrocks_info)};
    persona.unknown = older_unknown;
    persona.absent = {"LATENCY", "ACL", "HOTKEYS", "COMMANDLOG"};
    persona.quirk = kvrocks_quirk;
    persona.cursor = [](std::size_t n) { return "_a:key" + std::to_string(n); };
    persona.strange_cursor = Persona::StrangeCursor::begins_anew;
    persona.lacks = {"idle times", "partitions"};
    return persona;
}

// --- Dragonfly 2.0 ------------------------------------------------------------------------------
// INFO: the same folder of netdata. https://github.com/dragonflydb/dragonfly, src/facade and
// src/server: UnknownSubCmd, ScanOpts (an unknown TYPE is a syntax error), no OBJECT.

namespace {

constexpr std::string_view k_dragonfly_info =
    "# Server\r\nredis_version:7.4.0\r\ndragonfly_version:df-v2.0.0\r\nredis_mode:standalone\r\n"
    "arch_bits:64\r\nprocess_id:1\r\nos:Linux 6.12.0 x86_64\r\nthread_count:8\r\n"
    "multiplexing_api:epoll\r\ntcp_port:6379\r\nuptime_in_seconds:86400\r\n"
    "uptime_in_days:1\r\nhz:100\r\nexecutable:dragonfly\r\nconfig_file:\r\n\r\n"
    "# Clients\r\nconnected_clients:1\r\nmax_clients:64000\r\nblocked_clients:0\r\n\r\n"
    "# Memory\r\nused_memory:6784704\r\nused_memory_human:6.47MiB\r\n"
    "used_memory_peak:6784704\r\nused_memory_rss:60502016\r\nmaxmemory:48540578611\r\n"
    "maxmemory_human:45.21GiB\r\nobject_used_memory:0\r\ncache_mode:store\r\n"
    "maxmemory_policy:noeviction\r\n\r\n"
    "# Stats\r\ntotal_connections_received:2\r\ntotal_commands_processed:1\r\n"
    "instantaneous_ops_per_sec:0\r\ninstantaneous_input_kbps:-1\r\n"
    "instantaneous_output_kbps:-1\r\nrejected_connections:-1\r\nexpired_keys:0\r\n"
    "evicted_keys:0\r\nkeyspace_hits:0\r\nkeyspace_misses:0\r\n\r\n"
    "# Persistence\r\nlast_success_save:1791035031\r\nloading:0\r\nsaving:0\r\n"
    "rdb_changes_since_last_success_save:0\r\nrdb_bgsave_in_progress:0\r\n"
    "rdb_last_bgsave_status:ok\r\n\r\n"
    "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n"
    "master_replid:4da04ff40e648670f83234caa27706516c67588b\r\n\r\n"
    "# Cpu\r\nused_cpu_sys:0.62596\r\nused_cpu_user:0.16774\r\n\r\n"
    "# Cluster\r\ncluster_enabled:0\r\n\r\n";

PersonaReply dragonfly_quirk(const Persona::Command& command) {
    for (const std::string_view name : {"CLIENT|NO-TOUCH", "MEMORY|STATS", "MEMORY|DOCTOR"}) {
        const std::size_t bar = name.find('|');
        if (begins_with(command, name.substr(0, bar), name.substr(bar + 1))) {
            return resp::error("ERR Unknown subcommand or wrong number of arguments for '" +
                               command[1] + "'. Try " + command[0] + " HELP.");
        }
    }
    if (is_command(command, "SCAN")) {
        static const std::set<std::string> types = {"string", "list", "set",
                                                    "zset",   "hash", "stream"};
        for (std::size_t i = 2; i + 1 < command.size(); i += 2) {
            if (command[i] == "TYPE" && !types.contains(command[i + 1])) {
                return resp::error("ERR syntax error");
            }
        }
    }
    return std::nullopt;
}

}  // namespace

Persona dragonfly() {
    Persona persona{"Dragonfly", std::string(k_dragonfly_info)};
    persona.unknown = older_unknown;
    persona.absent = {"OBJECT", "HOTKEYS", "COMMANDLOG", "PEXPIRETIME"};
    persona.quirk = dragonfly_quirk;
    // The low 10 bits are the shard; one that there is not ends the walk.
    persona.cursor = [](std::size_t n) { return std::to_string(n * 1024 + n % 8); };
    persona.strange_cursor = Persona::StrangeCursor::ends_the_walk;
    persona.lacks = {"idle times", "partitions"};
    return persona;
}

// --- Garnet 2.2 ---------------------------------------------------------------------------------
// INFO: the same folder of netdata: the keyspace is told only when it is asked for.
// https://github.com/microsoft/garnet, libs/server/Resp/CmdStrings.cs and website/docs/commands.

namespace {

constexpr std::string_view k_garnet_info =
    "# Server\r\ngarnet_version:2.2.0\r\nserver_name:garnet\r\nos:Unix\r\n"
    "processor_count:8\r\narch_bits:64\r\nuptime_in_seconds:86400\r\nuptime_in_days:1\r\n"
    "monitor_task:disabled\r\nmonitor_freq:0\r\nlatency_monitor:disabled\r\n"
    "run_id:9f2b7c11d4e84d6cbb0e8c6c1f0a7d5e3b2a1908\r\nredis_version:7.4.3\r\n"
    "redis_mode:standalone\r\n\r\n"
    "# Memory\r\nsystem_page_size:4096\r\ntotal_system_memory:8589934592\r\n"
    "total_system_memory(MB):8192\r\nproc_physical_memory_size:78344192\r\n"
    "gc_heap_bytes:178939640\r\nstore_index_size:134218752\r\n"
    "total_main_store_size:167773184\r\n\r\n"
    "# Cluster\r\ncluster_enabled:0\r\n\r\n"
    "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n"
    "master_failover_state:no-failover\r\nmaster_repl_offset:N/A\r\n\r\n"
    "# Stats\r\ntotal_connections_active:0\r\ntotal_connections_received:0\r\n"
    "total_commands_processed:0\r\ninstantaneous_ops_per_sec:0\r\ntotal_found:0\r\n"
    "total_notfound:0\r\ngarnet_hit_rate:0.00\r\n\r\n"
    "# Persistence\r\nrdb_last_bgsave_status:ok\r\n\r\n"
    "# Clients\r\nconnected_clients:0\r\n\r\n";

PersonaReply garnet_quirk(const Persona::Command& command) {
    for (const std::string_view name :
         {"OBJECT|IDLETIME", "OBJECT|FREQ", "MEMORY|STATS", "LATENCY|LATEST", "CLIENT|NO-TOUCH",
          "ACL|DRYRUN", "CLUSTER|COUNTKEYSINSLOT"}) {
        const std::size_t bar = name.find('|');
        if (begins_with(command, name.substr(0, bar), name.substr(bar + 1))) {
            return resp::error("ERR unknown subcommand '" + command[1] + "'. Try " + command[0] +
                               " HELP.");
        }
    }
    return std::nullopt;
}

}  // namespace

Persona garnet() {
    Persona persona{"Garnet", std::string(k_garnet_info)};
    persona.info_lists_keys = false;
    persona.strange_section = "ERR Invalid section. Try INFO HELP";
    persona.unknown = [](const Persona::Command&) { return resp::error("ERR unknown command"); };
    persona.absent = {"RANDOMKEY", "HOTKEYS", "COMMANDLOG"};
    persona.quirk = garnet_quirk;
    // An address in its log; one that is none is moved to the next that is.
    persona.cursor = [](std::size_t n) { return std::to_string(64 + n * 35'217); };
    persona.strange_cursor = Persona::StrangeCursor::begins_anew;
    persona.lacks = {"idle times", "partitions"};
    return persona;
}

}  // namespace cachectl::test
