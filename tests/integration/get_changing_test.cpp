// get of values that others write to while they are read.
#include <doctest/doctest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

ProcessResult get(const RedisServer& server, Strings args) {
    args.insert(args.begin(), {"get", "-s", server.socket_path()});
    return run_cachectl(std::move(args));
}

}  // namespace

TEST_CASE("a string that is rewritten while it is read is never shown as a mixture") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "k", std::string(3'000'000, 'a')});
    std::atomic<bool> over = false;
    std::thread writer([&] {
        RespClient client = server.client();
        for (char c = 'b'; !over; c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
            client.run({"SET", "k", std::string(3'000'000, c)});
        }
    });
    int mixed = 0;
    for (int i = 0; i < 500 && mixed == 0; ++i) {
        const ProcessResult result = get(server, {"k", "--raw"});
        const bool whole = result.out.size() == 3'000'000 &&
                           result.out.find_first_not_of(result.out[0]) == std::string::npos;
        if (!whole) {
            ++mixed;
        }
        // It may also have been rewritten behind the last slice, which by itself is whole.
        CHECK((result.exit_code == 5 || (whole && result.exit_code == 0)));
    }
    over = true;
    writer.join();
    CHECK(mixed > 0);
}

TEST_CASE("a list or a sorted set that is written to while it is read is told of") {
    const RedisServer server;
    RespClient redis = server.client();
    for (const std::string& type : {std::string("list"), std::string("zset")}) {
        CAPTURE(type);
        redis.pipeline(20'000, [&](std::size_t i) {
            const std::string n = std::to_string(i);
            return type == "list" ? Strings{"RPUSH", type, n} : Strings{"ZADD", type, n, n};
        });
        const Strings args = {type, "--limit", "all", "--json"};
        CHECK_FALSE(json::parse(get(server, args).out).contains("changed_while_read"));
        std::atomic<bool> over = false;
        std::thread writer([&] {
            RespClient client = server.client();
            for (int i = -1; !over; --i) {
                const std::string n = std::to_string(i);
                client.run(type == "list" ? Strings{"LPUSH", type, n}
                                          : Strings{"ZADD", type, n, n});
                client.run({type == "list" ? "RPOP" : "ZPOPMAX", type});
            }
        });
        const ProcessResult result = get(server, args);
        over = true;
        writer.join();
        CHECK(result.exit_code == 0);
        CHECK(json::parse(result.out)["changed_while_read"] == true);
        CHECK(result.err.find("cachectl: it may have changed while it was read: elements may be "
                              "missing or come twice\n") != std::string::npos);
    }
}
