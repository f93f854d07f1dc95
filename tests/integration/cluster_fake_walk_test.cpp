// A walk over a cluster of two fake nodes, one of which ends its connection in the midst of it.
#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/process.hpp"

using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

constexpr int k_pages = 60;

std::string bulk_of(const Strings& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return resp::bulk(text);
}

/// Serves one half of the slots, with a key a page. The keys of the first half are "{k}1" …, those
/// of the second "{foo}1" …
class HalfNode {
public:
    HalfNode(std::string slots, std::string tag)
        : m_slots(std::move(slots)), m_tag(std::move(tag)) {}

    [[nodiscard]] Handler handler(const std::string& map) const {
        const std::string info =
            "redis_version:7.0.15\r\nredis_mode:cluster\r\nrole:master\r\nrun_id:" + m_tag + "\r\n";
        const Handler polite = polite_redis({{"INFO", resp::bulk(info)}});
        return [*this, map, polite](const FakeServer::Command& command) {
            if (command[0] == "CLUSTER" && command[1] == "SLOTS") {
                return map;
            }
            if (command[0] == "CLUSTER" && command[1] == "NODES") {
                return nodes();
            }
            if (command[0] == "CLUSTER") {
                return resp::bulk("id-" + m_tag);
            }
            if (command[0] == "SCAN") {
                return page(std::stoi(command[1]));
            }
            if (command[0] == "PTTL") {
                return resp::integer(-1);
            }
            if (command[0] == "UNLINK") {
                return resp::integer(std::ssize(command) - 1);
            }
            return polite(command);
        };
    }

private:
    [[nodiscard]] std::string nodes() const {
        return bulk_of({"id-" + m_tag, "127.0.0.1:1@2", "myself,master", "-", "0", "0", "1",
                        "connected", m_slots});
    }
    [[nodiscard]] std::string page(int cursor) const {
        const int next = cursor + 1 == k_pages ? 0 : cursor + 1;
        return resp::scan_page(std::to_string(next), {"{" + m_tag + "}" + std::to_string(cursor)});
    }

    std::string m_slots, m_tag;
};

std::string range(int first, int last, std::uint16_t port, const std::string& id) {
    return resp::array(
        {resp::integer(first), resp::integer(last),
         resp::array({resp::bulk("127.0.0.1"), resp::integer(port), resp::bulk(id)})});
}

/// A script for each connection to the second node, made of how it answers when it is well.
using Scripts = std::function<std::vector<FakeServer::Script>(const Handler&)>;

struct Halves {
    std::atomic<std::uint16_t> first_port{0}, second_port{0};
    FakeServer second, first;

    explicit Halves(const Scripts& scripts)
        : second(scripts(node("8192-16383", "foo"))), first(answer(node("0-8191", "k"))) {
        first_port = first.port();
        second_port = second.port();
    }
    /// Ports are known only when both are there.
    Handler node(const std::string& slots, const std::string& tag) {
        return [this, half = HalfNode(slots, tag)](const FakeServer::Command& command) {
            return half.handler(resp::array({range(0, 8191, first_port, "id-k"),
                                             range(8192, 16383, second_port, "id-foo")}))(command);
        };
    }
};

}  // namespace

TEST_CASE(
    "--retry-unknown: pages of the other node come in before the lost one is connected again") {
    Halves cluster([](const Handler& well) {
        return std::vector{reset_at("UNLINK", 1, well), answer(well)};
    });
    const ObservedRun run =
        observe_cachectl({"invalidate", "*", "--all", "--yes", "--json", "--retry-unknown", "-p",
                          std::to_string(cluster.first.port()), "--max-rate", "400"});
    CHECK(run.exit_code == 0);
    CAPTURE(run.err);
    const json summary = json::parse(run.out);
    CHECK(summary["matched"] == 2 * k_pages);
    CHECK(summary["deleted"] == 2 * k_pages);
    CHECK(summary["complete"] == true);
    CHECK(cluster.second.connections() >= 2);
}

TEST_CASE("the keys of a node that falls silent wait for it together, not one after the other") {
    Halves cluster([](const Handler& well) {
        return std::vector{reset_at("PTTL", 1, well), silent()};
    });
    ProcessOptions options;
    for (int i = 0; i < 80; ++i) {
        options.stdin_bytes += "foo" + std::to_string(i) + '\n';
    }
    options.timeout = Millis(120'000);
    const ObservedRun run =
        observe_cachectl({"ttl", "--keys-from", "-", "-p", std::to_string(cluster.first.port()),
                          "--timeout", "500ms", "--connect-timeout", "500ms"},
                         options);
    CHECK(run.exit_code == 5);
    CHECK(run.took < Millis(30'000));
}
