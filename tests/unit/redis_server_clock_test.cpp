#include "redis/server_clock.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;
using Args = std::vector<std::string>;
using Answer = std::pair<std::string, std::string>;

namespace {

constexpr WallTime k_here{1'700'000'000'000ms};

struct Stage {
    WallTime told(const std::string& seconds, const std::string& micros) {
        client.on("TIME", [=](const Args&) {
            return Reply::make_array({Reply::make_string(seconds), Reply::make_string(micros)});
        });
        return server_clock(client, k_here)();
    }

    FakeClient client;
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "a server's clock: what it said once, and what has passed since") {
    const WallTime first = told("1600000000", "123456");
    CHECK(first >= WallTime(1'600'000'000'123ms));
    const auto clock = server_clock(client, k_here);
    const WallTime before = clock();
    bool waited = false;
    client.after(90s, [&] { waited = true; });
    client.run_until([&] { return waited; });
    CHECK(clock() - before >= 90s);
    CHECK(clock() - before < 100s);
    CHECK(client.count("TIME") == 2);
}

TEST_CASE_FIXTURE(Stage, "a server's clock that is no time of day is not believed") {
    for (const Answer& answer : std::vector<Answer>{{"", "0"},
                                                    {"12x", "0"},
                                                    {"1600000000", ""},
                                                    {"-1", "0"},
                                                    {"1600000000", "1000000"},
                                                    {"1600000000", "-1"},
                                                    {"9223372036854775807", "0"},
                                                    {"253402300800", "0"}}) {
        CAPTURE(answer.first);
        CAPTURE(answer.second);
        const WallTime now = told(answer.first, answer.second);
        CHECK(now >= k_here);
        CHECK(now < k_here + 10s);
    }
    client.on("TIME", [](const Args&) { return Reply::make_error("NOPERM no right to 'TIME'"); });
    CHECK(server_clock(client, k_here)() < k_here + 10s);
}
