// Values that are too large to be written at once: whole whatever happens, and never seen in part.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"
#include "support/warm_runs.hpp"

using namespace cachectl::test;
using namespace std::literals;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

namespace {

/// Rows of one group with the members v1, v2 … and the numbers 1, 2 …
std::string rows(int count, const std::string& prefix = "v") {
    std::string text;
    for (int i = 1; i <= count; ++i) {
        text += fmt::format("{{\"t\":1,\"n\":{},\"v\":\"{}{}\"}}\n", i, prefix, i);
    }
    return text;
}

struct Kind {
    const char *as, *columns, *length, *write;
    Words read;  // with "@" for the key
    bool has_order;
};

const std::vector<Kind> k_kinds = {
    {"list", "v", "LLEN", "RPUSH", {"LRANGE", "@", "0", "-1"}, true},
    {"set", "v", "SCARD", "SADD", {"SMEMBERS", "@"}, false},
    {"hash", "v,n", "HLEN", "HSET", {"HGETALL", "@"}, false},
    {"zset", "v,n", "ZCARD", "ZADD", {"ZRANGE", "@", "0", "-1", "WITHSCORES"}, true},
};

Words elements(RespClient& client, const Kind& kind, const std::string& key) {
    Words command = kind.read;
    std::replace(command.begin(), command.end(), "@"s, key);
    Words all = client.list(command);
    if (!kind.has_order) {
        std::sort(all.begin(), all.end());
    }
    return all;
}

/// What rows() would make of the key, one element at a time.
void make(RespClient& client, const Kind& kind, const std::string& key, int count,
          const std::string& prefix = "v") {
    const std::string as = kind.as;
    client.pipeline(static_cast<std::size_t>(count), [&](std::size_t i) {
        const std::string value = prefix + std::to_string(i + 1);
        const std::string number = std::to_string(i + 1);
        Words command = {kind.write, key};
        if (as == "zset") {
            command.push_back(number);
        }
        command.push_back(value);
        if (as == "hash") {
            command.push_back(number);
        }
        return command;
    });
}

Words group(const Kind& kind, const Words& more = {}) {
    Words words = {"-",         "--group",    "k:{t}", "--as", kind.as,
                   "--columns", kind.columns, "--ttl", "1h",   "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

bool is_aside(const std::string& key) { return key.find("cachectl:") != std::string::npos; }

/// A run that takes a second or more, and has begun to build its value.
struct Slow {
    Slow(const RedisServer& server, const Kind& kind, const Words& more, int count = 60'000)
        : client(server.client()),
          process(cachectl_argv(on(server, group(kind, slowly(more)))),
                  {.stdin_bytes = rows(count)}) {
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (aside.empty() && std::chrono::steady_clock::now() < deadline) {
            process.pump(1ms);
            const Words keys = client.list({"KEYS", "*"});
            const auto found = std::find_if(keys.begin(), keys.end(), is_aside);
            aside = found == keys.end() ? std::string() : *found;
        }
        REQUIRE_FALSE(aside.empty());
    }

    RespClient client;
    Process process;
    std::string aside;

private:
    static Words slowly(Words more) {
        more.insert(more.end(), {"--pace", "gentle"});
        return more;
    }
};

}  // namespace

TEST_CASE("a large value is whole at every moment, whatever its type and whatever was there") {
    RedisServer server;
    for (const Kind& kind : k_kinds) {
        CAPTURE(kind.as);
        RespClient client = server.client();
        client.run({"FLUSHALL"});
        make(client, kind, "want:new", 5'000);
        make(client, kind, "k:1", 3'000, "old");
        std::atomic<bool> is_over = false;
        std::set<std::int64_t> seen;
        std::thread reader([&] {
            RespClient other = server.client();
            while (!is_over) {
                seen.insert(other.integer({kind.length, "k:1"}));
            }
        });
        const auto run = [&](const Words& more) {
            const ProcessResult result =
                warm(server, group(kind, more), {.stdin_bytes = rows(5'000)});
            CHECK(result.exit_code == 0);
            return Json::parse(result.out);
        };
        CHECK(run({})["skipped"] == 1);
        CHECK(client.integer({kind.length, "k:1"}) == 3'000);
        CHECK(run({"--if-exists", "overwrite"})["written"] == 1);
        CHECK(elements(client, kind, "k:1") == elements(client, kind, "want:new"));
        CHECK(client.integer({"PTTL", "k:1"}) > 3'500'000);
        CHECK(run({"--if-exists", "update"})["unchanged"] == 1);
        const Words refresh = {"--if-exists", "refresh", "--refresh-below", "2m"};
        CHECK(run(refresh)["skipped"] == 1);
        client.run({"PEXPIRE", "k:1", "60000"});
        CHECK(run(refresh)["replaced"] == 1);
        CHECK(client.integer({"PTTL", "k:1"}) > 3'500'000);
        is_over = true;
        reader.join();
        CHECK(seen == std::set<std::int64_t>{3'000, 5'000});
        client.run({"UNLINK", "k:1"});
        for (const Words& mode : {Words{}, Words{"--if-exists", "update"}, refresh}) {
            CHECK(run(mode)["written"] == 1);
            CHECK(elements(client, kind, "k:1") == elements(client, kind, "want:new"));
            client.run({"UNLINK", "k:1"});
        }
        CHECK(client.integer({"DBSIZE"}) == 1);  // nothing is left beside it
    }
}

TEST_CASE("what is saved before it is replaced in slices comes back") {
    RedisServer server;
    RespClient client = server.client();
    const TempDir dir;
    for (const Kind& kind : k_kinds) {
        CAPTURE(kind.as);
        client.run({"FLUSHALL"});
        make(client, kind, "k:1", 30'000, "old");  // it is read in pieces itself
        client.run({"COPY", "k:1", "want"});
        const std::string backup = (dir.path() / kind.as).string();
        const ProcessResult result =
            warm(server, group(kind, {"--if-exists", "overwrite", "--backup", backup}),
                 {.stdin_bytes = rows(5'000)});
        CHECK(result.exit_code == 0);
        CHECK(client.integer({kind.length, "k:1"}) == 5'000);
        const ProcessResult restored =
            run_cachectl({"restore", backup, "--replace", "--yes", "-s", server.socket_path()});
        CHECK(restored.exit_code == 0);
        CHECK(elements(client, kind, "k:1") == elements(client, kind, "want"));
        CHECK(client.integer({"PTTL", "k:1"}) == -1);
        CHECK(client.integer({"DBSIZE"}) == 2);
    }
}

TEST_CASE("what others write while a value is built is in the backup") {
    const TempDir dir;
    for (const int elements : {10, 30'000}) {  // of what is there: read at once, or in pieces
        CAPTURE(elements);
        const Kind& kind = k_kinds.front();
        RedisServer server;
        RespClient client = server.client();
        make(client, kind, "k:1", elements, "old");
        const std::string backup = (dir.path() / std::to_string(elements)).string();
        Slow slow(server, kind, {"--if-exists", "overwrite", "--backup", backup});
        client.run({"RPUSH", "k:1", "meanwhile"});
        CHECK(slow.process.wait().exit_code == 0);
        CHECK(client.integer({"LLEN", "k:1"}) == 60'000);
        CHECK(run_cachectl({"restore", backup, "--replace", "--yes", "-s", server.socket_path()})
                  .exit_code == 0);
        CHECK(client.integer({"LLEN", "k:1"}) == elements + 1);
        CHECK(client.text({"LINDEX", "k:1", "-1"}) == "meanwhile");
    }
}

TEST_CASE("what is saved first is read back when it has been written") {
    RedisServer server;
    RespClient client = server.client();
    const TempDir dir;
    for (const Kind& kind : k_kinds) {
        for (const int count : {900, 1'999, 5'000}) {
            CAPTURE(kind.as);
            CAPTURE(count);
            client.run({"FLUSHALL"});
            make(client, kind, "k:1", 10, "old");
            const ProcessResult result =
                warm(server,
                     group(kind, {"--if-exists", "overwrite", "--verify", "--backup",
                                  (dir.path() / fmt::format("{}{}", kind.as, count)).string()}),
                     {.stdin_bytes = rows(count)});
            CHECK(result.exit_code == 0);
            CHECK(Json::parse(result.out)["verified"] == 1);
        }
    }
}

TEST_CASE("an old value does not go before the new one is there") {
    const Kind& kind = k_kinds.front();
    RedisServer server;
    RespClient client = server.client();
    make(client, kind, "k:1", 10, "old");
    Slow slow(server, kind, {"--if-exists", "overwrite"});
    client.run({"UNLINK", slow.aside});  // as if it had been evicted
    const ProcessResult result = slow.process.wait();
    CHECK(result.exit_code == 4);  // nothing was written
    CHECK(has(result.err, "while it was built up"));
    CHECK(Json::parse(result.out)["failed"] == 1);
    CHECK(client.list({"KEYS", "*"}) == Words{"k:1"});
    CHECK(client.integer({"LLEN", "k:1"}) == 10);
}

TEST_CASE("a run that is ended while it builds a value changes nothing and leaves nothing") {
    for (const int signal : {SIGINT, SIGTERM}) {
        const Kind& kind = k_kinds.back();
        RedisServer server;
        RespClient client = server.client();
        make(client, kind, "k:1", 10, "old");
        Slow slow(server, kind, {"--if-exists", "overwrite"});
        slow.process.send_signal(signal);
        const ProcessResult result = slow.process.wait();
        CHECK(result.exit_code == 128 + signal);
        CHECK(Json::parse(result.out)["not_attempted"] == 1);
        CHECK(client.list({"KEYS", "*"}) == Words{"k:1"});
        CHECK(client.integer({"ZCARD", "k:1"}) == 10);
    }
}

TEST_CASE("what a killed run has built expires by itself") {
    RedisServer server;
    RespClient client = server.client();
    Slow slow(server, k_kinds.front(), {});
    slow.process.send_signal(SIGKILL);
    slow.process.wait();
    const std::int64_t left = client.integer({"PTTL", slow.aside});
    CHECK(left > 0);
    CHECK(left <= 3'600'000);
    CHECK(client.integer({"EXISTS", "k:1"}) == 0);
}

TEST_CASE("a server that is killed while a value is built has no part of it") {
    RedisServer server;
    Slow slow(server, k_kinds.front(), {});
    server.kill();
    const ProcessResult result = slow.process.wait();
    CHECK(result.exit_code == 3);
    CHECK(Json::parse(result.out)["not_attempted"] == 1);
}

TEST_CASE("in a cluster a value stays whole while its slot moves") {
    RedisCluster cluster({.masters = 3, .replicas = false});
    const Kind& kind = k_kinds.front();
    const std::uint16_t slot = cachectl::slot_of("k:1");
    const std::size_t from = cluster.owner(slot);
    const std::size_t to = (from + 1) % 3;
    for (const char* mode : {"skip", "overwrite", "refresh"}) {
        CAPTURE(mode);
        cluster.flush();
        Words words = group(kind, {"--pace", "gentle", "--if-exists", mode});
        if (mode == "refresh"s) {
            words.insert(words.end(), {"--refresh-below", "2m"});
        }
        words.insert(words.begin(), "warm");
        words.insert(words.end(), {"-p", std::to_string(cluster.port(0))});
        Process process(cachectl_argv(words), {.stdin_bytes = rows(60'000)});
        const std::size_t now_at = cluster.owner(slot);
        const std::size_t next = now_at == from ? to : from;
        while (cluster.all_keys().empty() && process.running()) {
            process.pump(1ms);
        }
        cluster.open_slot(slot, now_at, next);
        cluster.move_keys(slot, now_at, next);
        for (int i = 0; i < 300 && process.running(); ++i) {
            process.pump(1ms);
        }
        cluster.move_keys(slot, now_at, next);
        cluster.close_slot(slot, next);
        const ProcessResult result = process.wait();
        CHECK(result.exit_code == 0);
        CHECK(Json::parse(result.out)["written"] == 1);
        CHECK(cluster.all_keys() == Words{"k:1"});
        RespClient client = cluster.client(next);
        Words wanted;
        for (int i = 1; i <= 60'000; ++i) {
            wanted.push_back("v" + std::to_string(i));
        }
        CHECK((client.list({"LRANGE", "k:1", "0", "-1"}) == wanted));
    }
}
