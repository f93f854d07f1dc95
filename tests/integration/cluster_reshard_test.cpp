// Slots that move, stay open or are served by nobody while commands are at work.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "redis/slot.hpp"
#include "support/redis_cluster.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using nlohmann::json;
using Strings = std::vector<std::string>;

namespace {

RedisCluster& cluster() {
    static RedisCluster shared({.masters = 3, .replicas = false});
    return shared;
}

Strings at_first(Strings args) {
    args.insert(args.end(), {"-p", std::to_string(cluster().port(0))});
    return args;
}

ProcessResult run(Strings args, std::string input = {}) {
    ProcessOptions options;
    options.stdin_bytes = std::move(input);
    return run_cachectl(at_first(std::move(args)), std::move(options));
}

/// An open slot, closed again whatever the test says.
class OpenSlot {
public:
    OpenSlot(std::uint16_t slot, std::size_t from, std::size_t to)
        : m_slot(slot), m_from(from), m_to(to) {
        cluster().open_slot(slot, from, to);
    }
    ~OpenSlot() {
        cluster().move_keys(m_slot, m_from, m_to);
        cluster().close_slot(m_slot, m_to);
    }
    OpenSlot(const OpenSlot&) = delete;
    OpenSlot& operator=(const OpenSlot&) = delete;

private:
    std::uint16_t m_slot;
    std::size_t m_from, m_to;
};

}  // namespace

TEST_CASE("flush --whole-db deletes key by key while a slot is open, and does not say complete") {
    cluster().flush();
    Strings keys = numbered("{half}:", 40);
    const Strings others = numbered("k:", 300);
    keys.insert(keys.end(), others.begin(), others.end());
    cluster().set(keys);
    const std::uint16_t slot = slot_of("{half}:0");
    const std::size_t from = cluster().owner(slot);
    const OpenSlot open(slot, from, (from + 1) % 3);
    cluster().move_keys(slot, from, (from + 1) % 3, 20);
    const ProcessResult result = run({"flush", "--whole-db", "--yes", "--json"});
    CHECK(result.exit_code == 5);
    CHECK(result.err.find("slots of the cluster are being moved") != std::string::npos);
    CHECK(json::parse(result.out)["complete"] == false);
    CHECK(json::parse(result.out)["deleted"] == 340);
    CHECK(cluster().all_keys().empty());
}

TEST_CASE("keys of a slot that is half moved are found on either side") {
    cluster().flush();
    const Strings keys = numbered("{half}:", 40);
    cluster().set(keys, "value");
    const std::uint16_t slot = slot_of("half");
    const std::size_t from = cluster().owner(slot);
    const std::size_t to = (from + 1) % 3;
    const OpenSlot open(slot, from, to);
    cluster().move_keys(slot, from, to, 20);
    for (const std::string& key : keys) {
        CAPTURE(key);
        CHECK(run({"get", key, "--raw"}).out == "value");
    }
    const ProcessResult listed = run({"ttl", "--keys-from", "-", "-o", "plain"}, lines_of(keys));
    CHECK(listed.exit_code == 0);
    CHECK(listed.out.find("missing") == std::string::npos);
}

TEST_CASE("a command on many keys of a half-moved slot is torn into single ones") {
    cluster().flush();
    const Strings keys = numbered("{half}:", 300);
    cluster().set(keys);
    const std::uint16_t slot = slot_of("half");
    const std::size_t from = cluster().owner(slot);
    const std::size_t to = (from + 1) % 3;
    const OpenSlot open(slot, from, to);
    cluster().move_keys(slot, from, to, 100);
    const ProcessResult result =
        run({"invalidate", "--keys-from", "-", "--yes", "--json"}, lines_of(keys));
    CHECK(result.exit_code == 0);
    CHECK(json::parse(result.out)["deleted"] == 300);
    CHECK(cluster().all_keys().empty());
}

TEST_CASE("warm writes into a slot that is being moved") {
    cluster().flush();
    const std::uint16_t slot = slot_of("half");
    const std::size_t from = cluster().owner(slot);
    const std::size_t to = (from + 1) % 3;
    {
        const OpenSlot open(slot, from, to);
        const ProcessResult strings =
            run({"warm", "-", "--key", "{{half}}:{id}", "--ttl", "1h", "--json"},
                "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
        CHECK(strings.exit_code == 0);
        CHECK(json::parse(strings.out)["written"] == 3);
    }
    CHECK(cluster().all_keys() == Strings{"{half}:1", "{half}:2", "{half}:3"});
}

TEST_CASE("a transaction waits until its slot has moved") {
    cluster().flush();
    const std::uint16_t slot = slot_of("half");
    const std::size_t from = cluster().owner(slot);
    const std::size_t to = (from + 1) % 3;
    cluster().open_slot(slot, from, to);
    ProcessOptions options;
    options.stdin_bytes = "{\"id\":1}\n";
    Process warm(cachectl_argv(at_first({"warm", "-", "--key", "{{half}}:{id}", "--as", "hash",
                                         "--ttl", "1h", "--json"})),
                 options);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    cluster().close_slot(slot, to);
    const ProcessResult result = warm.wait();
    CHECK(result.exit_code == 0);
    CHECK(json::parse(result.out)["written"] == 1);
    CHECK(cluster().all_keys() == Strings{"{half}:1"});
}

TEST_CASE("a walk sees the keys of all masters") {
    cluster().flush();
    Strings keys = numbered("k:", 5000);
    cluster().set(keys);
    std::sort(keys.begin(), keys.end());
    const ProcessResult result = run({"keys"});
    CHECK(result.exit_code == 0);
    CHECK(result.err == "");
    CHECK(sorted_lines(result.out) == keys);
    CHECK(sorted_lines(run({"keys", "k:12*"}).out).size() == 111);
    const ProcessResult limited = run({"keys", "--limit", "10"});
    CHECK(limited.exit_code == 0);
    CHECK(sorted_lines(limited.out).size() == 10);
}

TEST_CASE("a walk takes no key that a node holds although its slot is another's") {
    cluster().flush();
    Strings keys = numbered("k:", 100);
    cluster().set(keys);
    // A leftover: the slot is given away without its key.
    const std::uint16_t slot = slot_of("left");
    const std::size_t from = cluster().owner(slot);
    const std::size_t to = (from + 1) % 3;
    cluster().set({"{left}:1"});
    RespClient(cluster().client(to))
        .run({"CLUSTER", "SETSLOT", std::to_string(slot), "IMPORTING", cluster().id(from)});
    cluster().close_slot(slot, to);
    const auto stale = cluster().keys_on(from);
    if (std::find(stale.begin(), stale.end(), "{left}:1") != stale.end()) {
        CHECK(run({"keys", "{left}*"}).out == "");
        cluster().set({"{left}:1"}, "the real one");
        CHECK(run({"keys", "{left}*"}).out == "{left}:1\n");
    }
    cluster().flush();
}

TEST_CASE("a slot that stays open is named") {
    cluster().flush();
    Strings keys = numbered("k:", 1000);
    const Strings open_keys = numbered("{half}:", 20);
    keys.insert(keys.end(), open_keys.begin(), open_keys.end());
    cluster().set(keys);
    std::sort(keys.begin(), keys.end());
    const std::uint16_t slot = slot_of("half");
    const std::size_t from = cluster().owner(slot);
    const std::size_t to = (from + 1) % 3;
    const OpenSlot open(slot, from, to);
    cluster().move_keys(slot, from, to, 10);
    const ProcessResult result = run({"keys"});
    CHECK(result.exit_code == 5);
    CHECK(result.err.find("slots " + std::to_string(slot) +
                          " are being moved from one node to another") != std::string::npos);
    Strings seen = sorted_lines(result.out);
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    CHECK(seen == keys);
}

TEST_CASE("slots that nobody serves are named, and nothing is changed") {
    RedisCluster broken(
        {.masters = 3, .replicas = false, .config = {"--cluster-require-full-coverage", "no"}});
    const Strings keys = numbered("k:", 300);
    broken.set(keys);
    const std::uint16_t slot = slot_of("k:7");
    const std::size_t owner = broken.owner(slot);
    for (std::size_t i = 0; i < 3; ++i) {
        broken.client(i).run({"CLUSTER", "DELSLOTS", std::to_string(slot)});
    }
    const Strings at = {"-p", std::to_string(broken.port((owner + 1) % 3))};
    const auto run_there = [&](Strings args) {
        args.insert(args.end(), at.begin(), at.end());
        return run_cachectl(std::move(args));
    };
    const std::string named = "no master serves slots " + std::to_string(slot);
    const ProcessResult listed = run_there({"keys"});
    CHECK(listed.exit_code == 5);
    CHECK(listed.err.find(named) != std::string::npos);
    CHECK(sorted_lines(listed.out).size() >= 299);
    for (const Strings& change :
         {Strings{"invalidate", "k:*", "--yes"}, Strings{"flush", "k", "--yes"},
          Strings{"flush", "--whole-db", "--yes"},
          Strings{"expire", "k:*", "--set", "1h", "--yes"}}) {
        const ProcessResult result = run_there(change);
        CHECK(result.exit_code == 4);
        CHECK(result.err.find(named) != std::string::npos);
        CHECK(result.err.find("nothing was changed") != std::string::npos);
    }
    const ProcessResult get = run_there({"get", "k:7"});
    CHECK(get.exit_code == 4);
    CHECK(get.err.find("CLUSTERDOWN") != std::string::npos);
    CHECK(broken.all_keys().size() == 300);
}
