// The promise of a walk, against a real server: every key that is there from the beginning to the
// end is met, while others come and go in such numbers that the table grows, shrinks and rehashes.
// $CACHECTL_ORACLE_SECONDS makes it longer.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "redis/session.hpp"
#include "support/redis_server.hpp"
#include "util/signals.hpp"
#include "walk/cursor_kind.hpp"
#include "walk/walker.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

constexpr std::size_t k_stable = 20'000;
constexpr std::size_t k_guests = 120'000;

/// Adds and removes guests until it is told to stop: the table is made larger and smaller.
class Churn {
public:
    explicit Churn(const RedisServer& server) : m_client(server.client()) {
        m_thread = std::thread([this] {
            while (!m_stop) {
                in_portions("SET");
                in_portions("UNLINK");
                ++rounds;
            }
        });
    }
    ~Churn() {
        m_stop = true;
        m_thread.join();
    }
    std::atomic<int> rounds{0};

private:
    void in_portions(const char* verb) {
        constexpr std::size_t k_portion = 5'000;
        for (std::size_t at = 0; at < k_guests && !m_stop; at += k_portion) {
            m_client.pipeline(k_portion, [&](std::size_t i) {
                RespClient::Args args = {verb, "guest:" + std::to_string(at + i)};
                if (args[0] == "SET") {
                    args.emplace_back("x");
                }
                return args;
            });
        }
    }

    RespClient m_client;
    std::atomic<bool> m_stop{false};
    std::thread m_thread;
};

struct Tally {
    std::uint64_t checks = 0;
    std::uint64_t missed = 0;
    std::uint64_t repeated = 0;
};

void walk_once(Client& client, const ScanOptions& options, PaceLevel level, Tally& tally) {
    Pace pace(client, {.level = level});
    Walker walker(client, pace, options);
    std::vector<unsigned char> seen(k_stable);
    // The check against DBSIZE may find too few while thousands of guests come and go.
    walker.on_resume = [&](bool) { seen.assign(k_stable, 0); };
    const WalkOutcome outcome = walker.run([&](const ScanPage& page) {
        for (const std::string& key : page.keys) {
            if (!key.starts_with("stays:")) {
                continue;
            }
            unsigned char& times = seen.at(std::stoul(key.substr(6)));
            tally.repeated += times++ == 0 ? 0 : 1;
        }
    });
    REQUIRE(outcome.complete);
    for (const unsigned char times : seen) {
        tally.missed += times == 0 ? 1 : 0;
    }
    tally.checks += k_stable;
}

}  // namespace

TEST_CASE("every key that stays is met, by every kind of walk, whatever the table does") {
    RedisServer server({"--maxmemory", "0"});
    server.client().pipeline(k_stable, [](std::size_t i) -> RespClient::Args {
        return {"SET", "stays:" + std::to_string(i), "x"};
    });
    Loop loop;
    ServerAddress address;
    address.socket_path = server.socket_path();
    Session client(loop, address, {});
    const char* longer = std::getenv("CACHECTL_ORACLE_SECONDS");
    const std::chrono::seconds time(longer == nullptr ? 15 : std::atoi(longer));
    const auto end = std::chrono::steady_clock::now() + time;

    // Where it is not known what cursors mean, walks are in one piece.
    const bool in_partitions = why_cursors_are_unknown(client.server()).empty();
    const std::size_t kinds = in_partitions ? Partition::k_max_bits + 2 : 1;
    Tally tally;
    const Churn churn(server);
    std::size_t walks = 0;
    while (std::chrono::steady_clock::now() < end || walks < 2 * kinds) {
        const auto kind = static_cast<unsigned>(walks % kinds);
        ScanOptions options;
        options.count = walks % 3 == 0 ? 100 : 500;
        options.remember = Remember::everything;
        options.mode = kind == 0 ? WalkMode::plain : WalkMode::partitioned;
        if (kind != 0) {
            options.partition_bits = kind - 1;
        }
        walk_once(client, options, PaceLevel::full, tally);
        ++walks;
    }
    MESSAGE(walks << " walks, " << tally.checks << " checks, " << tally.missed << " missed, "
                  << churn.rounds.load() << " rounds of churn");
    CHECK(tally.missed == 0);
    CHECK(tally.repeated == 0);
    CHECK(tally.checks >= 2 * kinds * k_stable);
}
