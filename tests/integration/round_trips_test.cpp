// How often a command that looks at one key waits for a server that is far away.
#include <doctest/doctest.h>

#include "support/fake_server.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

/// Requests of which each waited for the reply to the one before it; connecting is one more.
std::size_t waits_of(const RedisServer& server, std::vector<std::string> args) {
    std::size_t writes = 0;
    {
        FakeServer far(pass_on(server.port(), {.client_pause = 10ms, .writes = &writes}));
        args.insert(args.end(), {"-p", std::to_string(far.port())});
        const ProcessResult run = run_cachectl(std::move(args));
        CHECK(run.exit_code == 0);
        CHECK(run.err.empty());
    }
    return writes;
}

}  // namespace

TEST_CASE("at most two round trips more than redis-cli get, which connects and asks") {
    const RedisServer server({}, Listen::tcp_too);
    RespClient redis = server.client();
    redis.run({"SET", "user:1", "v"});
    redis.run({"CONFIG", "SET", "requirepass", "secret"});
    for (const char* command : {"keys", "get", "ttl"}) {
        CAPTURE(command);
        CHECK(waits_of(server, {command, "user:1", "-a", "secret"}) == 3);
    }
}
