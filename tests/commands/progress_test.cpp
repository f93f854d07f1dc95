// Progress where stderr is no terminal: log lines for those who wait, silence for scripts.
#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;
using cachectl::Reply;
using cachectl::SteadyTime;

namespace {

/// Each look at the clock is half a minute after the one before.
RunOptions slow(std::map<std::string, std::string> environment = {}) {
    RunOptions options;
    options.environment = std::move(environment);
    options.now = [now = SteadyTime(1h)]() mutable { return now += 31s; };
    return options;
}

FakeClient client_with_pages() {
    FakeClient client;
    for (int i = 0; i < 8; ++i) {
        client.keys["k" + std::to_string(i)] = {.value = "v"};
    }
    client.scan_page = 2;
    return client;
}

}  // namespace

TEST_CASE("a CI job's log has a line every half a minute") {
    for (const std::string command : {"keys", "ttl"}) {
        CAPTURE(command);
        FakeClient client = client_with_pages();
        const RunResult run = run_with(client, {command}, slow({{"CI", "true"}}));
        CHECK(run.code == 0);
        CHECK(run.err.starts_with("cachectl: "));
        CHECK(run.err.find(" looked at, ") != std::string::npos);
        CHECK(run.err.find('\r') == std::string::npos);
    }
    FakeClient client = client_with_pages();
    const RunResult run = run_with(client, {"invalidate", "k*", "--yes"}, slow({{"CI", "1"}}));
    CHECK(run.code == 0);
    CHECK(run.err.find(" keys, ") != std::string::npos);
}

TEST_CASE("a large value that is read in parts is told of as well") {
    const std::string value(2'000'000, 'v');
    FakeClient client;
    client.keys["k"] = {.value = value, .ttl_ms = 60'000};
    client.on("STRLEN", [&](const FakeClient::Args&) {
        return Reply::make_integer(static_cast<std::int64_t>(value.size()));
    });
    client.on("GETRANGE", [&](const FakeClient::Args& args) {
        const std::size_t first = std::stoul(args[2]);
        return Reply::make_string(value.substr(first, std::stoul(args[3]) + 1 - first));
    });
    const RunResult run = run_with(client, {"get", "k", "--raw"}, slow({{"CI", "true"}}));
    CHECK(run.code == 0);
    CHECK(run.out.size() == value.size());
    CHECK(run.err.starts_with("cachectl: reading, "));
    CHECK(run.err.find(" bytes, ") != std::string::npos);
}

TEST_CASE("elsewhere it has to be asked for, and can be refused") {
    const auto talk = [](std::vector<std::string> options,
                         std::map<std::string, std::string> environment) {
        FakeClient client = client_with_pages();
        options.insert(options.begin(), "keys");
        const RunResult run = run_with(client, options, slow(std::move(environment)));
        CHECK(run.code == 0);
        return run.err;
    };
    CHECK(talk({}, {}).empty());
    CHECK(talk({}, {{"CI", "false"}}).empty());
    CHECK(talk({}, {{"CI", ""}}).empty());
    CHECK_FALSE(talk({"--progress", "plain"}, {}).empty());
    CHECK(talk({"--progress", "plain", "--quiet"}, {}).empty());
    CHECK(talk({"--progress", "none"}, {{"CI", "true"}}).empty());
    CHECK(talk({"--no-progress"}, {{"CI", "true"}}).empty());

    FakeClient client;
    CHECK(run_with(client, {"keys", "--progress", "loud"}).code == 2);
}
