// Nodes of a cluster that misbehave while keys are being deleted: bounded, with the truth about
// each key, and no command more than that takes.
#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "support/fake_node.hpp"
#include "support/observed_run.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto k_bound = Millis(60'000);  // of a run that is bounded at all

/// Deletes "{t}:0" and so on, which share a slot and so a command.
ObservedRun invalidate(const FakeNode& node, int keys) {
    ProcessOptions options;
    for (int i = 0; i < keys; ++i) {
        options.stdin_bytes += "{t}:" + std::to_string(i) + '\n';
    }
    return observe_cachectl({"invalidate", "--keys-from", "-", "--yes", "--json", "-p",
                             std::to_string(node.port()), "--timeout", "1s"},
                            options);
}

/// The summary of a run that has deleted nothing.
json nothing_deleted(const ObservedRun& run) {
    const json summary = json::parse(run.out);
    CHECK(summary["deleted"] == 0);
    CHECK(summary["complete"] == false);
    CHECK(run.took < k_bound);
    return summary;
}

/// UNLINKs as a node sees them while their slot is being moved.
class HalfMoved {
public:
    /// One key is refused so many times.
    HalfMoved(std::string key, int times) : m_key(std::move(key)), m_left(times) {}

    std::string operator()(const FakeServer::Command& command) {
        const std::lock_guard lock(m_mutex);
        if (command.size() > 2) {
            return k_try_again;
        }
        if (command[1] != m_key) {
            return resp::integer(1);
        }
        m_asked.push_back(Clock::now());
        return m_left-- > 0 ? k_try_again : resp::integer(1);
    }
    /// When that key was asked for.
    std::vector<Clock::time_point> asked() {
        const std::lock_guard lock(m_mutex);
        return m_asked;
    }

private:
    inline static const std::string k_try_again =
        resp::error("TRYAGAIN Multiple keys request during rehashing of slot");
    std::mutex m_mutex;
    std::string m_key;
    int m_left;
    std::vector<Clock::time_point> m_asked;
};

}  // namespace

TEST_CASE("a redirection to nowhere: nothing is deleted, and nothing more is sent") {
    for (const std::string to : {"MOVED 99999 127.0.0.1:7000", "MOVED 16384 127.0.0.1:7000",
                                 "MOVED 5 127.0.0.1:99999", "ASK -1 127.0.0.1:7000"}) {
        CAPTURE(to);
        const FakeNode node(serves_all(), always(resp::error(to)));
        const ObservedRun run = invalidate(node, 10);
        CHECK(run.exit_code == 5);
        CHECK(has(run.err, to + " (which is no valid redirection)"));
        CHECK(nothing_deleted(run)["failed"] == 10);
        CHECK(node.count("UNLINK") == 1);
    }
    const FakeNode node(serves_all(),
                        always(resp::error("MOVED 5 " + std::string(4000, 'h') + ":7000")));
    const ObservedRun run = invalidate(node, 10);
    CHECK(run.exit_code == 5);
    CHECK(has(run.err, "which is no valid redirection"));
    CHECK(nothing_deleted(run)["failed"] == 10);
}

TEST_CASE("a loop of redirections ends after 16, and deletes nothing") {
    for (const std::string kind : {"MOVED", "ASK"}) {
        CAPTURE(kind);
        const FakeNode node(serves_all(), [&](const FakeServer::Command&, std::uint16_t port) {
            return resp::error(kind + " 7629 127.0.0.1:" + std::to_string(port));
        });
        const ObservedRun run = invalidate(node, 10);
        CHECK(run.exit_code == 5);
        CHECK(has(run.err, kind + " 7629"));
        CHECK(nothing_deleted(run)["failed"] == 10);
        CHECK(node.count("UNLINK") == 17);
    }
}

TEST_CASE("TRYAGAIN: the keys go one by one, and what is refused again waits 100 ms each time") {
    HalfMoved slot("{t}:3", 3);
    const FakeNode node(serves_all(), [&](const FakeServer::Command& command, std::uint16_t) {
        return slot(command);
    });
    const ObservedRun run = invalidate(node, 10);
    CHECK(run.exit_code == 0);
    CHECK(run.err == "");
    CHECK(json::parse(run.out)["deleted"] == 10);
    CHECK(node.count("UNLINK") == 1 + 10 + 3);
    std::map<std::string, int> times;
    for (const auto& command : node.commands()) {
        if (command[0] == "UNLINK" && command.size() == 2) {
            ++times[command[1]];
        }
    }
    CHECK(times.size() == 10);
    CHECK(times["{t}:3"] == 4);
    CHECK(times["{t}:4"] == 1);
    const auto asked = slot.asked();
    for (std::size_t i = 1; i < asked.size(); ++i) {
        CHECK(asked[i] - asked[i - 1] >= std::chrono::milliseconds(95));
    }
}

TEST_CASE("a slot that never gets out of TRYAGAIN is given up") {
    HalfMoved slot("{t}:3", 1'000'000);
    const FakeNode node(serves_all(), [&](const FakeServer::Command& command, std::uint16_t) {
        return slot(command);
    });
    const ObservedRun run = invalidate(node, 10);
    CHECK(run.exit_code == 5);
    CHECK(has(run.err, "TRYAGAIN"));
    const json summary = json::parse(run.out);
    CHECK(summary["deleted"] == 9);
    CHECK(summary["failed"] == 1);
    CHECK(summary["complete"] == false);
    CHECK(slot.asked().size() < 100);
    CHECK(run.took < k_bound);
}

TEST_CASE("a master that stays a replica: the slots are asked for anew, and then it is told") {
    const FakeNode node(
        serves_all(), always(resp::error("READONLY You can't write against a read only replica.")));
    const ObservedRun run = invalidate(node, 10);
    CHECK(run.exit_code == 4);
    CHECK(has(run.err, "READONLY You can't write against a read only replica"));
    CHECK(has(run.err, "nothing was changed"));
    CHECK(nothing_deleted(run)["failed"] == 10);
    CHECK(node.count("UNLINK") > 1);
    CHECK(node.count("CLUSTER") > 3);
}

TEST_CASE("a cluster that stays down: nothing is deleted") {
    const FakeNode node(serves_all(), always(resp::error("CLUSTERDOWN Hash slot not served")));
    const ObservedRun run = invalidate(node, 10);
    CHECK(run.exit_code == 4);
    CHECK(has(run.err, "CLUSTERDOWN Hash slot not served"));
    CHECK(has(run.err, "nothing was changed"));
    CHECK(nothing_deleted(run)["failed"] == 10);
}

TEST_CASE("masters that are not where they are announced: nothing is deleted on the others") {
    const auto slots = [](const std::string& host, int other) {
        return [host, other](std::uint16_t port) {
            return resp::array(
                {one_range(0, 8191, node_entry(resp::bulk("127.0.0.1"), port, "fake-id")),
                 one_range(8192, 16383, node_entry(resp::bulk(host), other, "elsewhere"))});
        };
    };
    // Nobody listens on port 1.
    const FakeNode nobody(slots("127.0.0.1", 1), always(resp::integer(1)));
    const ObservedRun run = invalidate(nobody, 10);
    CHECK(run.exit_code == 3);
    CHECK(has(run.err,
              "slots 8192-16383 of the cluster are out of reach: cannot connect to 127.0.0.1:1: "
              "Connection refused; this is the address that the cluster announces"));
    CHECK(has(run.err, "--node-map 127.0.0.1:1=HOST:PORT"));
    CHECK(nobody.count("UNLINK") == 0);

    const FakeNode unknown(slots("?", 7000), always(resp::integer(1)));
    const ObservedRun question = invalidate(unknown, 10);
    CHECK(question.exit_code == 3);
    CHECK(has(question.err, "cluster-announce-hostname"));
    CHECK(unknown.count("UNLINK") == 0);

    const FakeNode garbled(slots(std::string(300, 'h'), 7000), always(resp::integer(1)));
    CHECK(invalidate(garbled, 10).exit_code == 3);
    CHECK(garbled.count("UNLINK") == 0);
}
