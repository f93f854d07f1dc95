// What monitoring is given, held against Prometheus' own checker (of Debian's package prometheus),
// and files that are replaced as a whole.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"

using namespace cachectl::test;

namespace {

using Strings = std::vector<std::string>;

ProcessResult promtool(const Strings& args, const std::string& input = "") {
    Strings all = {"promtool", "check"};
    all.insert(all.end(), args.begin(), args.end());
    ProcessOptions options;
    options.stdin_bytes = input;
    return run_process(all, options);
}

/// Empty: all is well.
std::string complaints(const std::string& metrics) {
    const ProcessResult result = promtool({"metrics"}, metrics);
    return result.exit_code == 0 ? "" : result.out + result.err;
}

}  // namespace

TEST_CASE("promtool has nothing to say against the metrics of any command") {
    const RedisServer server({"--slowlog-log-slower-than", "0", "--maxmemory", "64mb"});
    RespClient redis = server.client();
    redis.run({"CONFIG", "SET", "latency-monitor-threshold", "1"});
    redis.run({"SET", "odd \"name\\\n:x", "v", "EX", "100"});
    redis.run({"EVAL", "for i=1,300000 do end", "0"});
    for (const Strings& command :
         {Strings{"stats", "all"}, Strings{"du"}, Strings{"du", "--by", "ttl"},
          Strings{"health", "--interval", "100ms", "--mute", "SLOW_COMMANDS"}}) {
        CAPTURE(command[0]);
        Strings args = command;
        args.insert(args.begin() + 1, {"-s", server.socket_path(), "-o", "prometheus"});
        const ProcessResult result = run_cachectl(args);
        CHECK(result.exit_code == 0);
        CHECK(complaints(result.out) == "");
        CHECK(has(result.out, "cachectl_up{target=\"" + server.socket_path() + "\"} 1\n"));
        CHECK(has(result.out, "cachectl_last_run_timestamp_seconds{target="));
    }
    CHECK(complaints("# HELP a_total A\n# TYPE a_total gauge\na_total 1\n") != "");
}

TEST_CASE("promtool takes the alerts of contrib/") {
    CHECK(promtool({"rules", CACHECTL_SOURCE_DIR "/contrib/prometheus/alerts.yml"}).exit_code == 0);
}

TEST_CASE("--to replaces a file as a whole, and leaves it where there is nothing to say") {
    RedisServer server;
    const TempDir dir;
    const std::string file = (dir.path() / "cache.prom").string();
    const auto run = [&](Strings args) {
        args.insert(args.begin() + 1, {"-s", server.socket_path(), "--to", file});
        return run_cachectl(args);
    };
    const ProcessResult first = run({"stats", "-o", "prometheus"});
    CHECK(first.exit_code == 0);
    CHECK(first.out.empty());
    CHECK(has(read_file(file), "cachectl_memory_used_bytes{target="));
    struct stat facts {};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0644);

    server.stop();
    CHECK(run({"du", "--json"}).exit_code == 3);
    CHECK(has(read_file(file), "cachectl_memory_used_bytes{target="));
    // Metrics say that it is down.
    CHECK(run({"stats", "-o", "prometheus"}).exit_code == 3);
    CHECK_FALSE(has(read_file(file), "cachectl_memory_used_bytes"));
    CHECK(has(read_file(file), "\"} 0\n"));
    for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
        CHECK(entry.path().filename() == "cache.prom");
    }
}

TEST_CASE("--to a folder that is not there is a local error") {
    const RedisServer server;
    const ProcessResult result =
        run_cachectl({"stats", "-s", server.socket_path(), "--to", "/no/such/folder/file"});
    CHECK(result.exit_code == 7);
    CHECK(has(result.err, "/no/such/folder/file"));
}
