#include "warm/memory/watch.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

constexpr std::uint64_t k_mib = std::uint64_t{1} << 20;

/// A server whose memory grows by what is written, as the test tells it.
struct OneServer {
    explicit OneServer(std::uint64_t limit) : memory{.limit = limit, .policy = "allkeys-lru"} {
        client.on("INFO", [this](const FakeClient::Args& args) {
            CHECK(args == FakeClient::Args{"INFO", "memory"});
            if (on_asked) {
                on_asked();
            }
            return Reply::make_string(fmt::format(
                "used_memory:{}\r\nmaxmemory:{}\r\n{}", memory.used, memory.limit,
                memory.passing
                    ? fmt::format("mem_overhead_db_hashtable_rehashing:{}\r\n", *memory.passing)
                    : ""));
        });
    }
    FakeClient client;
    ServerMemory memory;
    std::function<void()> on_asked;
};

}  // namespace

TEST_CASE("writing ends before the limit, and near to it") {
    for (const std::uint64_t limit : {3 * k_mib, 20 * k_mib, 200 * k_mib}) {
        OneServer server(limit);
        MemoryWatch watch(server.client, server.memory);
        while (!watch.is_full()) {
            REQUIRE(server.memory.used < limit);
            server.memory.used += 300;  // a third more than was thought
            watch.wrote(225);
            server.client.run_until([] { return false; });
        }
        CHECK(server.memory.used <= limit - limit / 200 + (std::uint64_t{32} << 10));
        CHECK(server.memory.used >= limit * 9 / 10);
        CHECK(server.client.count("INFO") < 140);
    }
}

TEST_CASE("far from the limit the server is asked every 4 MiB, and nobody waits for it") {
    OneServer server(1000 * k_mib);
    MemoryWatch watch(server.client, server.memory);
    for (int i = 0; i < 8 * 1024; ++i) {
        watch.wrote(1024);
    }
    CHECK(server.client.pending() == 1);
    CHECK(server.client.count("INFO") == 0);
    server.client.run_until([] { return false; });
    for (int i = 0; i < 4 * 1024; ++i) {
        watch.wrote(1024);
    }
    server.client.run_until([] { return false; });
    CHECK(server.client.count("INFO") == 2);
    CHECK_FALSE(watch.is_full());
}

TEST_CASE("a server that is full from the start is full") {
    OneServer server(10 * k_mib);
    server.memory.used = 10 * k_mib - 1000;
    const MemoryWatch watch(server.client, server.memory);
    CHECK(watch.is_full());
}

TEST_CASE("a table that is being moved is waited for before the limit, and then it goes on") {
    constexpr std::uint64_t k_table = 2 * k_mib;
    for (const bool tells : {true, false}) {
        CAPTURE(tells);
        OneServer server(20 * k_mib);
        server.memory.used = 16 * k_mib;
        MemoryWatch watch(server.client, server.memory);
        // A table has just grown: little is left, until the server has moved the old one.
        server.memory.used += 2 * k_table - 40'000;
        if (tells) {
            server.memory.passing = k_table;
        }
        int asked = 0;
        server.on_asked = [&] {
            if (++asked == 30) {
                server.memory.used -= k_table;
                server.memory.passing.reset();
            }
        };
        watch.wrote(2 * k_table, k_table);
        CHECK(asked == 30);
        CHECK_FALSE(watch.is_full());
        while (!watch.is_full()) {
            REQUIRE(server.memory.used < server.memory.limit);
            server.memory.used += 300;
            watch.wrote(300, 0);
        }
        CHECK(server.memory.used >= server.memory.limit * 98 / 100);
    }
}

TEST_CASE("it is not waited for if what stays is too much, nor for ever") {
    OneServer server(20 * k_mib);
    server.memory.used = 10 * k_mib;
    MemoryWatch watch(server.client, server.memory);
    server.memory.used = 20 * k_mib - 10'000;
    server.memory.passing = 20'000;
    watch.wrote(10 * k_mib);
    CHECK(server.client.count("INFO") == 1);
    CHECK(watch.is_full());

    OneServer other(20 * k_mib);
    other.memory.used = 10 * k_mib;
    MemoryWatch endless(other.client, other.memory);
    other.memory.used = 20 * k_mib - 10'000;
    other.memory.passing = k_mib;
    const auto begin = other.client.now();
    endless.wrote(10 * k_mib);
    CHECK(endless.is_full());
    CHECK(other.client.now() - begin > std::chrono::seconds(20));
    CHECK(other.client.now() - begin < std::chrono::seconds(30));
}
