// Does what warm writes fit into a cluster? Against real masters with a maxmemory.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "redis/info.hpp"
#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr std::int64_t k_mib = 1024 * 1024;
constexpr std::size_t k_masters = 3;

std::string rows(int count, std::size_t size) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += fmt::format("{{\"id\":{},\"t\":\"{}\"}}\n", i, std::string(size, 'x'));
    }
    return text;
}

/// Of "the keys will take about 12.3 MiB, …", in bytes.
double estimate_in(const ProcessResult& refused) {
    const std::string before = "the keys will take about ";
    const auto at = refused.err.find(before);
    REQUIRE(at != std::string::npos);
    return std::stod(refused.err.substr(at + before.size())) * k_mib;
}

/// A cluster whose masters have a limit while a test runs.
struct Fixture {
    static RedisCluster& cluster() {
        // The backlog's default size differs between servers.
        static RedisCluster shared({.config = {"--repl-backlog-size", "1mb"}});
        return shared;
    }

    Fixture() { cluster().flush(); }
    ~Fixture() {
        limit_to(0);
        for (std::size_t i = 0; i < k_masters; ++i) {
            config(i, "maxmemory-policy", "noeviction");
        }
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    static void config(std::size_t node, const std::string& name, const std::string& value) {
        cluster().client(node).run({"CONFIG", "SET", name, value});
    }
    static std::int64_t info(std::size_t node, const std::string& name) {
        return *InfoFields(cluster().client(node).text({"INFO"})).integer(name);
    }
    static std::int64_t used(std::size_t node) {
        return info(node, "used_memory") - info(node, "mem_not_counted_for_evict");
    }
    static std::int64_t used_by_all() {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < k_masters; ++i) {
            sum += used(i);
        }
        return sum;
    }
    static void limit_to(std::int64_t bytes) {
        for (std::size_t i = 0; i < k_masters; ++i) {
            config(i, "maxmemory", std::to_string(bytes));
        }
    }
    /// So much more than each master uses now.
    static void leave_room_for(std::int64_t bytes) {
        for (std::size_t i = 0; i < k_masters; ++i) {
            config(i, "maxmemory", std::to_string(used(i) + bytes));
        }
    }
    static Strings at_first(Strings args) {
        args.insert(args.end(), {"--ttl", "1h", "-p", std::to_string(cluster().port(0))});
        return args;
    }

    TempDir dir;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what is to be written has to fit into all masters together") {
    const Strings args =
        at_first({"warm", dir.file("rows.ndjson", rows(6'000, 4'000)), "--key", "c:{id}"});
    leave_room_for(17 * k_mib);  // too little for all, and enough for a third
    const ProcessResult fits = run_cachectl(args);
    CHECK(fits.exit_code == 0);
    CHECK(fits.err == "");
    CHECK(cluster().all_keys().size() == 6'000);
    cluster().flush();
    leave_room_for(6 * k_mib);
    const ProcessResult result = run_cachectl(args);
    CHECK(result.exit_code == 8);
    CHECK(has(result.err, "there is room for"));
    CHECK(has(result.err, ": its 3 masters use "));
    CHECK(has(result.err, ", and their policy is noeviction; nothing was written"));
    CHECK(cluster().all_keys().empty());
}

// Servers whose slots have tables of their own need far more for few small keys than a single one.
TEST_CASE_FIXTURE(Fixture, "the estimate is within 15 % of what the masters then take") {
    for (const int count : {5'000, 60'000}) {
        CAPTURE(count);
        cluster().flush();
        const Strings args =
            at_first({"warm", dir.file("rows.ndjson", rows(count, 100)), "--key", "c:{id}"});
        leave_room_for(100'000);
        const ProcessResult refused = run_cachectl(args);
        REQUIRE(refused.exit_code == 8);
        const double estimated = estimate_in(refused);
        limit_to(0);
        const std::int64_t empty = used_by_all();
        REQUIRE(run_cachectl(args).exit_code == 0);
        const auto taken = static_cast<double>(used_by_all() - empty);
        CAPTURE(taken);
        CHECK(estimated > taken * 0.85);
        CHECK(estimated < taken * 1.15);
    }
}

// What is written goes into the backlog too, which counts until it has its full size.
TEST_CASE_FIXTURE(Fixture, "an empty replication backlog counts with what will fill it") {
    RedisCluster fresh({.config = {"--repl-backlog-size", "64mb"}});
    const std::string file = dir.file("rows.ndjson", rows(6'000, 1'000));
    const auto used_there = [&](std::size_t node) {
        return *InfoFields(fresh.client(node).text({"INFO", "memory"})).integer("used_memory");
    };
    const std::int64_t before = used_there(0) + used_there(1) + used_there(2);
    for (std::size_t i = 0; i < k_masters; ++i) {
        fresh.client(i).run({"CONFIG", "SET", "maxmemory", std::to_string(used_there(i) + k_mib)});
    }
    const Strings args = {"warm",  file, "--key", "c:{id}",
                          "--ttl", "1h", "-p",    std::to_string(fresh.port(0))};
    const ProcessResult refused = run_cachectl(args);
    REQUIRE(refused.exit_code == 8);
    const double estimated = estimate_in(refused);
    for (std::size_t i = 0; i < k_masters; ++i) {
        fresh.client(i).run({"CONFIG", "SET", "maxmemory", "0"});
    }
    REQUIRE(run_cachectl(args).exit_code == 0);
    const auto taken = static_cast<double>(used_there(0) + used_there(1) + used_there(2) - before);
    CAPTURE(estimated);
    CAPTURE(taken);
    CHECK(estimated > taken * 0.85);
    CHECK(estimated < taken * 1.15);
}

TEST_CASE_FIXTURE(Fixture, "stdin is watched: writing stops before a master is full, by its name") {
    // The others have no limit.
    const std::size_t small = 1;
    for (const char* policy : {"allkeys-lru", "noeviction"}) {
        CAPTURE(policy);
        cluster().flush();
        config(small, "maxmemory-policy", policy);
        const std::int64_t evicted = info(small, "evicted_keys");
        config(small, "maxmemory", std::to_string(used(small) + 10 * k_mib));
        ProcessOptions options;
        options.stdin_bytes = rows(300'000, 20);
        const ProcessResult result =
            run_cachectl(at_first({"warm", "-", "--key", "c:{id}", "--json"}), options);
        CHECK(result.exit_code == 5);
        CHECK(has(result.err, "the server is nearly full: " + cluster().address(small) + " uses "));
        const json summary = json::parse(result.out);
        CHECK(summary["complete"] == false);
        CHECK(summary["failed"] == 0);
        CHECK(info(small, "evicted_keys") == evicted);
        CHECK_FALSE(has(cluster().client(small).text({"INFO", "errorstats"}), "OOM"));
        config(small, "maxmemory", "0");  // a list of all keys would not fit either
        CHECK(summary["written"] == cluster().all_keys().size());
    }
}

TEST_CASE_FIXTURE(Fixture, "a master that is out of memory is named with its figures") {
    const std::size_t full = 2;
    config(0, "maxmemory", std::to_string(k_mib * 1024));
    Process work(cachectl_argv(at_first({"warm", "-", "--key", "c:{id}", "--json"})),
                 {.keep_stdin_open = true});
    work.write_stdin(rows(100, 20));
    for (int i = 0; i < 3'000 && cluster().all_keys().size() < 100; ++i) {
        work.pump(Millis(10));
    }
    config(full, "maxmemory", "1mb");
    work.write_stdin(rows(200, 20));
    work.close_stdin();
    const ProcessResult result = work.wait();
    CHECK(result.exit_code == 5);
    CHECK(has(result.err, "OOM command not allowed"));
    CHECK(has(result.err, " (" + cluster().address(full) + " uses "));
    CHECK(has(result.err, " of 1.0 MiB, and its policy is noeviction)"));
    const json summary = json::parse(result.out);
    CHECK(summary["written"] == cluster().all_keys().size());
    CHECK(summary["complete"] == false);
}
