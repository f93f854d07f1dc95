#include "warm/memory/watch.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

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
            return Reply::make_string(
                fmt::format("used_memory:{}\r\nmaxmemory:{}\r\n", memory.used, memory.limit));
        });
    }
    FakeClient client;
    ServerMemory memory;
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
        CHECK(server.memory.used <= limit - limit / 200);
        CHECK(server.memory.used >= limit * 9 / 10);
        CHECK(server.client.count("INFO") < 120);
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
