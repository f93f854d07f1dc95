// A value that is read in several pages, whose slot moves to another node from one page to the
// next.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/fake_node.hpp"
#include "support/process.hpp"

using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

/// Two nodes: all slots are the first one's, until it is asked for what `moves_at` says.
class MovingSlots {
public:
    using MovesAt = std::function<bool(const FakeServer::Command&)>;
    using Answer = std::function<std::string(const FakeServer::Command&)>;

    MovingSlots(MovesAt moves_at, const Answer& before, const Answer& after)
        : m_second(slots(), [after](const auto& command, std::uint16_t) { return after(command); }),
          m_first(slots(), [this, moves_at = std::move(moves_at), before](const auto& command,
                                                                          std::uint16_t) {
              m_moved = m_moved || moves_at(command);
              return m_moved ? resp::error("MOVED 0 " + m_second.address()) : before(command);
          }) {
        m_ports[0] = m_first.port();
        m_ports[1] = m_second.port();
    }

    [[nodiscard]] std::string port() const { return std::to_string(m_first.port()); }
    [[nodiscard]] const FakeNode& second() const { return m_second; }

private:
    FakeNode::Slots slots() {
        return [this](std::uint16_t) {
            const int owner = m_moved ? 1 : 0;
            const std::string node = node_entry(resp::bulk("127.0.0.1"), m_ports.at(owner),
                                                "node-" + std::to_string(owner));
            return resp::array({one_range(0, 16383, node)});
        };
    }

    std::atomic<bool> m_moved = false;
    std::array<std::atomic<std::uint16_t>, 2> m_ports{};
    FakeNode m_second, m_first;
};

std::string fact(const FakeServer::Command& command, const std::string& type) {
    if (command[0] == "TYPE") {
        return resp::status(type);
    }
    if (command[0] == "OBJECT" && command[1] == "ENCODING") {
        return resp::bulk("hashtable");
    }
    if (command[0] == "PTTL") {
        return resp::integer(-1);
    }
    return resp::integer(command[0] == "MEMORY" ? 1000 : 4);
}

/// Pages of a collection whose table is in another order at each node: 7 leads to its second half.
MovingSlots::Answer pages(const std::string& type, Strings first, Strings rest) {
    return [=](const FakeServer::Command& command) {
        if (!command[0].ends_with("SCAN")) {
            return fact(command, type);
        }
        return command[2] == "0" ? resp::scan_page("7", first) : resp::scan_page("0", rest);
    };
}

bool goes_on(const FakeServer::Command& command) {
    return command[0].ends_with("SCAN") && command[2] == "7";
}

}  // namespace

TEST_CASE("a set that moves while its keys are read is begun anew where it is now") {
    for (const std::string& type : {std::string("set"), std::string("zset")}) {
        CAPTURE(type);
        const auto scored = [&](Strings names) {
            Strings all;
            for (const std::string& name : names) {
                all.push_back(name);
                if (type == "zset") {
                    all.emplace_back("1");
                }
            }
            return all;
        };
        const auto half = [&](const Strings& first, const Strings& rest) {
            return [=, pages = pages(type, scored(first), scored(rest))](
                       const FakeServer::Command& command) {
                return command[0] == "SSCAN" && type == "zset"
                           ? resp::error("WRONGTYPE Operation against a key")
                           : pages(command);
            };
        };
        MovingSlots cluster(goes_on, half({"a", "b"}, {"c", "d"}), half({"d", "c"}, {"b", "a"}));
        const ProcessResult run =
            run_cachectl({"keys", "--members-of", "tag", "-p", cluster.port()});
        CHECK(run.exit_code == 0);
        CHECK(run.out == "a\nb\nd\nc\n");
    }
}

TEST_CASE("get: a set or a hash that moves while it is read is begun anew where it is now") {
    MovingSlots sets(goes_on, pages("set", {"a", "b"}, {"c", "d"}),
                     pages("set", {"d", "c"}, {"b", "a"}));
    const ProcessResult set = run_cachectl({"get", "k", "--json", "-p", sets.port()});
    CHECK(set.exit_code == 0);
    CHECK(json::parse(set.out)["value"] == json({"a", "b", "d", "c"}));

    MovingSlots hashes(goes_on, pages("hash", {"a", "1", "b", "2"}, {"c", "3", "d", "4"}),
                       pages("hash", {"d", "4", "c", "3"}, {"b", "2", "a", "1"}));
    const ProcessResult hash = run_cachectl({"get", "k", "-p", hashes.port()});
    CHECK(hash.exit_code == 0);
    CHECK(hash.out.find("value\ta\t1\nvalue\tb\t2\n") != std::string::npos);
    CHECK(hash.out.find("value\tc\t3\n") != std::string::npos);
    CHECK(hash.out.find("value\td\t4\n") != std::string::npos);
}

TEST_CASE("get: a string that moves while it is read, and is another there, is no mixture") {
    constexpr int k_bytes = 400'000;
    const auto string_of = [](char c) -> MovingSlots::Answer {
        return [c](const FakeServer::Command& command) {
            if (command[0] == "GETRANGE") {
                return resp::bulk(
                    std::string(std::stoul(command[3]) - std::stoul(command[2]) + 1, c));
            }
            if (command[0] == "STRLEN") {
                return resp::integer(k_bytes);
            }
            if (command[0] == "EXEC") {
                return resp::array({resp::integer(k_bytes)});
            }
            const bool is_ok = command[0] == "WATCH" || command[0] == "MULTI";
            return is_ok ? resp::status("OK") : fact(command, "string");
        };
    };
    const auto in_the_middle = [](const FakeServer::Command& command) {
        return command[0] == "GETRANGE" && command[2] != "0";
    };
    MovingSlots streamed(in_the_middle, string_of('a'), string_of('b'));
    const ProcessResult raw = run_cachectl({"get", "k", "--raw", "-p", streamed.port()});
    CHECK(raw.exit_code == 5);
    CHECK(raw.err.find("the value moved to another node while it was read") != std::string::npos);

    MovingSlots kept(in_the_middle, string_of('a'), string_of('b'));
    const ProcessResult again = run_cachectl({"get", "k", "--max-value", "0", "-p", kept.port()});
    CHECK(again.exit_code == 0);
    CHECK(again.out.ends_with("value\t" + std::string(k_bytes, 'b') + "\n"));
}
