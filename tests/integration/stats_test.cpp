// stats against real servers: a master, its replica, and a user without rights.
#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

using Strings = std::vector<std::string>;

ProcessResult stats(const RedisServer& server, Strings args, ProcessOptions options = {}) {
    args.insert(args.begin(), {"stats", "-s", server.socket_path()});
    return run_cachectl(std::move(args), std::move(options));
}

/// The sizes of keys are unknown before Redis 8.0, of which there is a warning.
json stats_json(const RedisServer& server, Strings args = {}) {
    const bool has_sizes = !args.empty() && args[0] == "all";
    args.emplace_back("--json");
    const ProcessResult result = stats(server, std::move(args));
    REQUIRE(result.exit_code == 0);
    CHECK((result.err.empty() || has_sizes));
    return json::parse(result.out);
}

/// "memory.used_bytes<TAB>941112"
bool is_plain_line(const std::string& line) {
    const std::size_t tab = line.find('\t');
    return tab != std::string::npos && line.find('.') < tab && tab + 1 < line.size() &&
           line.find('\t', tab + 1) == std::string::npos;
}

/// "cachectl_keyspace_keys{db="0"} 12"
bool is_sample(const std::string& line) {
    const std::size_t space = line.rfind(' ');
    const std::size_t name_end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
    if (!line.starts_with("cachectl_") || space == std::string::npos) {
        return false;
    }
    char* end = nullptr;
    std::strtod(line.c_str() + space + 1, &end);
    if (*end != '\0' || end == line.c_str() + space + 1) {
        return false;
    }
    return name_end == space || (line[name_end] == '{' && line[space - 1] == '}');
}

}  // namespace

TEST_CASE("the overview agrees with the server") {
    const RedisServer server({"--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"});
    RespClient redis = server.client();
    json figures = stats_json(server);
    CHECK(figures["cache"]["hit_ratio"].is_null());
    CHECK(figures["cache"]["total_requests"] == 0);
    CHECK(figures["keyspace"] == json::array());

    redis.run({"SET", "a", "v"});
    redis.run({"SET", "b", "v", "EX", "1000"});
    redis.run({"SELECT", "3"});
    redis.run({"SET", "c", "v"});
    redis.run({"GET", "c"});
    redis.run({"GET", "c"});
    redis.run({"GET", "c"});
    redis.run({"GET", "none"});
    redis.command({"NO_SUCH_COMMAND"});
    figures = stats_json(server);
    const std::string told = redis.command({"INFO", "server"}).text;
    const auto tells = [&](const char* field) { return told.find(field) != std::string::npos; };
    CHECK(figures["server"]["name"] == (tells("server_name:valkey") ? "valkey"
                                        : tells("redict_version")   ? "redict"
                                                                    : "redis"));
    CHECK(figures["server"]["mode"] == "standalone");
    CHECK(figures["server"]["role"] == "master");
    CHECK(figures["server"]["uptime_s"].get<int>() >= 0);
    CHECK(figures["memory"]["max_bytes"] == 64 * 1024 * 1024);
    CHECK(figures["memory"]["policy"] == "allkeys-lru");
    for (const char* name :
         {"used_bytes", "peak_bytes", "rss_bytes", "dataset_bytes", "fragmentation_ratio"}) {
        CHECK(figures["memory"][name].get<double>() > 0);
    }
    REQUIRE(figures["keyspace"].size() == 2);
    CHECK(figures["keyspace"][0]["db"] == 0);
    CHECK(figures["keyspace"][0]["keys"] == 2);
    CHECK(figures["keyspace"][0]["expires"] == 1);
    CHECK(figures["keyspace"][1]["db"] == 3);
    CHECK(figures["cache"]["hits"] == 3);
    CHECK(figures["cache"]["misses"] == 1);
    CHECK(figures["cache"]["hit_ratio"] == 0.75);
    CHECK(figures["cache"]["total_requests"] == 4);
    CHECK(figures["cache"]["errors"].get<int>() >= 1);
}

TEST_CASE("the commands that took the most time come first") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.pipeline(1000, [](std::size_t) -> RespClient::Args { return {"SET", "k", "v"}; });
    redis.command({"GET", "k", "wrong"});
    const json commands = stats_json(server, {"commands"})["commands"];
    REQUIRE(commands.size() >= 2);
    std::int64_t last = commands[0]["usec_total"].get<std::int64_t>();
    bool seen_set = false;
    for (const json& command : commands) {
        CHECK(command["usec_total"].get<std::int64_t>() <= last);
        last = command["usec_total"].get<std::int64_t>();
        if (command["name"] == "set") {
            seen_set = true;
            CHECK(command["calls"] == 1000);
            CHECK(command["failed"] == 0);
            CHECK(command["p99_usec"].get<double>() > 0);
        }
        if (command["name"] == "get") {
            CHECK(command["rejected"] == 1);
        }
    }
    CHECK(seen_set);
}

TEST_CASE("every section in every format") {
    const RedisServer server;
    server.client().run({"SET", "k", "v"});
    const Strings sections = {"overview", "memory",  "keyspace",    "commands", "clients",
                              "slow",     "latency", "replication", "all"};
    for (const std::string& section : sections) {
        CAPTURE(section);
        CHECK(stats_json(server, {section}).is_object());
        std::istringstream lines(stats(server, {section}).out);
        int count = section == "slow" ? 1 : 0;  // nothing was slow
        for (std::string line; std::getline(lines, line); ++count) {
            CAPTURE(line);
            CHECK(is_plain_line(line));
        }
        CHECK(count > 0);
        std::istringstream metrics(stats(server, {section, "-o", "prometheus"}).out);
        count = section == "slow" ? 1 : 0;
        for (std::string line; std::getline(metrics, line); ++count) {
            CAPTURE(line);
            CHECK((line.starts_with("# HELP cachectl_") || line.starts_with("# TYPE cachectl_") ||
                   is_sample(line)));
        }
        CHECK(count > 0);
        CHECK(stats(server, {section, "-o", "csv"}).out.starts_with("section,name,value\r\n"));
        CHECK(stats(server, {section, "-o", "table"}).exit_code == 0);
    }
}

TEST_CASE("on a terminal: which server it is, human figures, and a bar of the memory used") {
    const RedisServer server({"--maxmemory", "4mb"});
    server.client().run({"SET", "k", std::string(1'000'000, 'x')});
    PtyOptions options;
    options.process.env = {{"LANG", "C.UTF-8"}};
    PtyProcess terminal(cachectl_argv({"stats", "-s", server.socket_path(), "--color", "never"}),
                        options);
    CHECK(terminal.wait().exit_code == 0);
    const std::string& screen = terminal.screen();
    CHECK(screen.starts_with(server.socket_path() + "  "));
    CHECK(screen.find(", master, up ") != std::string::npos);
    const std::size_t used = screen.find("\nmemory     ");
    REQUIRE(used != std::string::npos);
    const std::string line = screen.substr(used, screen.find('\r', used) - used);
    CHECK(line.find(" MiB of 4.0 MiB") != std::string::npos);
    CHECK(line.find("\u2588\u2588") != std::string::npos);
    CHECK(line.find(" %  noeviction") != std::string::npos);
    CHECK(screen.find("\nload       ") != std::string::npos);
}

TEST_CASE("a master and its replica know each other") {
    const RedisServer master({"--repl-diskless-sync-delay", "0"}, Listen::tcp_too);
    const RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port())},
                              Listen::tcp_too);
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    json seen;
    do {
        std::this_thread::sleep_for(100ms);
        seen = stats_json(replica, {"replication"})["replication"];
    } while (seen["master"]["link"] != "up" && std::chrono::steady_clock::now() < deadline);
    CHECK(seen["role"] == "replica");
    CHECK(seen["master"]["link"] == "up");
    CHECK(seen["master"]["address"] == "127.0.0.1:" + std::to_string(master.port()));
    CHECK(seen["master"]["last_io_s"].get<int>() >= 0);

    const json own = stats_json(master, {"replication"})["replication"];
    CHECK(own["role"] == "master");
    CHECK(own["master"].is_null());
    CHECK(own["connected_replicas"] == 1);
    REQUIRE(own["replicas"].size() == 1);
    CHECK(own["replicas"][0]["address"] == "127.0.0.1:" + std::to_string(replica.port()));
    CHECK(own["replicas"][0]["state"] == "online");
    CHECK(stats_json(replica)["server"]["role"] == "replica");
}

TEST_CASE("a user without INFO is told the missing rule") {
    const RedisServer server;
    server.client().run({"ACL", "SETUSER", "blind", "on", ">pw", "~*", "+@all", "-info"});
    const ProcessResult result = stats(server, {"--user", "blind", "-a", "pw"});
    CHECK(result.exit_code == 4);
    CHECK(result.out.empty());
    CHECK(result.err.find("the user lacks the ACL rule +info") != std::string::npos);
    CHECK(result.err.find("pw") == std::string::npos);
}

TEST_CASE("a full disk under stdout is an error of its own") {
    const RedisServer server;
    ProcessOptions options;
    options.stdout_path = "/dev/full";
    CHECK(stats(server, {}, options).exit_code == 7);
}

namespace {

/// A client by that name, which no server before has had.
RespClient named_client(const RedisServer& server, const std::string& name) {
    RespClient client = server.client();
    client.run({"CLIENT", "SETNAME", name});
    return client;
}

}  // namespace

TEST_CASE("KEYS by a named client is in the slow log, and who held the server in the overview") {
    const RedisServer server({"--slowlog-log-slower-than", "1000"});
    RespClient redis = server.client();
    redis.pipeline(100'000, [](std::size_t i) -> RespClient::Args {
        return {"SET", "sess:" + std::to_string(i), "v"};
    });
    named_client(server, "cron-legacy").list({"KEYS", "sess:*"});
    // More than six seconds, which is a tenth of a minute.
    named_client(server, "reporting")
        .command({"EVAL",
                  "local b=redis.call('TIME') repeat local t=redis.call('TIME') "
                  "until t[1]-b[1]>6",
                  "0"});
    const json slow = stats_json(server, {"slow"})["slow"];
    const auto of_shape = [&](const std::string& shape) {
        const auto found = std::find_if(slow.begin(), slow.end(), [&](const json& row) {
            return row["command"].get<std::string>().starts_with(shape);
        });
        return found == slow.end() ? json() : *found;
    };
    const json keys = of_shape("KEYS sess:*");
    CHECK(keys["client"] == "cron-legacy");
    CHECK(keys["calls"] == 1);
    CHECK(keys["usec_longest"].get<int>() > 1'000);
    CHECK(of_shape("EVAL local b=")["client"] == "reporting");

    const std::string overview = stats(server, {"-o", "table"}).out;
    CHECK(overview.find("! EVAL local b=") != std::string::npos);
    CHECK(overview.find(" by reporting, ") != std::string::npos);
    CHECK(overview.find("stats slow\n") != std::string::npos);
    CHECK(overview.find("\nHELD THE SERVER, LAST MINUTE") != std::string::npos);
}

TEST_CASE("rates are of the application, and not of our own commands") {
    const RedisServer server;
    const json rates = stats_json(server, {"overview", "--interval", "300ms"})["rates"];
    CHECK(rates["interval_ms"].get<int>() >= 300);
    CHECK(rates["commands_per_s"] == 0);
    CHECK(rates["output_bytes_per_s"].get<double>() < 1'000);
    CHECK(rates["evicted_per_s"] == 0);
}

TEST_CASE("clients by name, without ourselves") {
    const RedisServer server;
    const RespClient one = named_client(server, "app");
    const RespClient two = named_client(server, "app");
    const json figures = stats_json(server, {"clients"});
    REQUIRE(figures["connections"].size() == 1);
    CHECK(figures["connections"][0]["client"] == "app");
    CHECK(figures["connections"][0]["connections"] == 2);
    CHECK(figures["clients"]["connected"] == 3);
}

TEST_CASE("a user with no other right than INFO has blanks and one warning for each") {
    const RedisServer server;
    server.client().run({"ACL", "SETUSER", "poor", "on", ">pw", "-@all", "+info", "+ping"});
    const ProcessResult result = stats(server, {"all", "--json", "--user", "poor", "-a", "pw"});
    CHECK(result.exit_code == 0);
    const json figures = json::parse(result.out);
    CHECK(figures["slow"] == json::array());
    CHECK(figures["connections"] == json::array());
    CHECK(figures["memory"]["used_bytes"].get<int>() > 0);
    CHECK(result.err.find("cannot read the slow log: NOPERM") != std::string::npos);
    CHECK(result.err.find("cannot list the clients: NOPERM") != std::string::npos);
    CHECK(result.err.find("cannot read the latency monitor: NOPERM") != std::string::npos);
}

TEST_CASE("a master of a cluster that refuses writes is named in the overview") {
    RedisCluster cluster({.replicas = false});
    const auto overview = [&] {
        const ProcessResult result = run_cachectl(
            {"stats", "-o", "table", "-p", std::to_string(cluster.port(0)), "--interval", "0s"});
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
        return result.out;
    };
    CHECK(overview().find("! ") == std::string::npos);
    cluster.client(1).run({"CONFIG", "SET", "maxmemory", "1"});
    const std::string full = overview();
    CAPTURE(full);
    CHECK(full.find("! " + cluster.address(1) +
                    ": memory is full and nothing may be evicted: writes are refused") !=
          std::string::npos);
}
