#include "warm/memory/fit.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl;
using Kind = FitVerdict::Kind;

namespace {

constexpr std::uint64_t k_mib = std::uint64_t{1} << 20;

ServerMemory memory(const std::string& policy) {
    return {.used = 724 * k_mib, .limit = 1024 * k_mib, .system = 0, .policy = policy};
}

/// No more at the peak than afterwards.
MemoryNeed need(std::uint64_t mib) { return {mib * k_mib, mib * k_mib, mib * k_mib}; }

}  // namespace

TEST_CASE("what a server says of its memory") {
    const auto said = ServerMemory::of(InfoFields(
        "# Memory\r\nused_memory:3000\r\nmem_not_counted_for_evict:1000\r\n"
        "total_system_memory:900000\r\nmaxmemory:500000\r\nmaxmemory_policy:volatile-lru\r\n"));
    REQUIRE(said);
    CHECK(said->used == 2000);
    CHECK(said->limit == 500000);
    CHECK(said->system == 900000);
    CHECK(said->room() == 500'000 - 2'000 - 131'072);  // 128 KiB stay free
    CHECK(said->evicts());
    CHECK(said->description() == "it uses 2.0 KiB of 488.3 KiB, and its policy is volatile-lru");
    CHECK_FALSE(ServerMemory::of(InfoFields("# Memory\r\nused_memory:3000\r\n")));
    CHECK_FALSE(ServerMemory::of(InfoFields("")));
    CHECK(ServerMemory{.used = 10, .limit = 5}.room() == 0);
}

TEST_CASE("of several servers one is called by its name, and all together by their number") {
    const InfoFields info(
        "# Memory\r\nused_memory:3000\r\nmaxmemory:5000\r\nmaxmemory_policy:noeviction\r\n");
    const auto one = ServerMemory::of(info, "10.0.0.5:6379");
    REQUIRE(one);
    CHECK(one->description() ==
          "10.0.0.5:6379 uses 2.9 KiB of 4.9 KiB, and its policy is noeviction");
    test::FakeClient first;
    test::FakeClient second;
    first.info.info = second.info.info = info;
    const auto all = ServerMemory::of({{"a", &first}, {"b", &second}});
    REQUIRE(all);
    CHECK(all->description() ==
          "its 2 masters use 5.9 KiB of 9.8 KiB, and their policy is noeviction");
}

TEST_CASE("a backlog that replicas read may grow up to its size") {
    const std::string memory = "used_memory:3000\r\nmaxmemory:5000\r\nrepl_backlog_size:900\r\n";
    const auto backlog = [&](const std::string& more) {
        return ServerMemory::of(InfoFields(memory + more))->backlog;
    };
    CHECK(backlog("repl_backlog_active:0\r\nmem_replication_backlog:0\r\n") == 0);
    CHECK(backlog("repl_backlog_active:1\r\nmem_replication_backlog:200\r\n") == 700);
    CHECK(backlog("repl_backlog_active:1\r\nmem_replication_backlog:950\r\n") == 0);
}

TEST_CASE("how many keys a database has") {
    const InfoFields info("db0:keys=12,expires=3,avg_ttl=5\r\ndb10:keys=1,expires=0,avg_ttl=0\r\n");
    CHECK(key_counts(info, 0).keys == 12);
    CHECK(key_counts(info, 0).expiring == 3);
    CHECK(key_counts(info, 10).keys == 1);
    CHECK(key_counts(info, 1).keys == 0);
}

TEST_CASE("what fits is no word worth") {
    const FitVerdict verdict = judge_fit(need(289), memory("allkeys-lru"), Eviction::refused);
    CHECK(verdict.kind == Kind::fits);
    CHECK(verdict.message.empty());
}

TEST_CASE("a hundredth of the limit stays free") {
    CHECK(memory("noeviction").room() == 300 * k_mib - 1024 * k_mib / 100);
    const ServerMemory full{.used = 1020 * k_mib, .limit = 1024 * k_mib};
    CHECK(full.room() == 0);
}

TEST_CASE("what counts is the peak while keys are written") {
    const FitVerdict verdict =
        judge_fit({150 * k_mib, 310 * k_mib, 300 * k_mib}, memory("noeviction"), Eviction::refused);
    CHECK(verdict.kind == Kind::refused);
    CHECK(verdict.message ==
          "the keys will take about 150.0 MiB, up to 310.0 MiB while they are written, and there "
          "is room for 299.9 MiB: it uses 724.0 MiB of 1.0 GiB, and its policy is noeviction");
}

TEST_CASE("what passes may take the reserve, and is waited for where that is enough") {
    const auto kind = [](const MemoryNeed& need, Eviction eviction) {
        return judge_fit(need, memory("allkeys-lru"), eviction).kind;
    };
    CHECK(kind({280 * k_mib, 299 * k_mib, 299 * k_mib}, Eviction::refused) == Kind::fits);
    CHECK(kind({280 * k_mib, 400 * k_mib, 299 * k_mib}, Eviction::refused) == Kind::fits);
    // Nobody waits where the server may evict.
    CHECK(kind({280 * k_mib, 400 * k_mib, 299 * k_mib}, Eviction::allowed) == Kind::warned);
    CHECK(kind({291 * k_mib, 299 * k_mib, 299 * k_mib}, Eviction::refused) == Kind::refused);
}

TEST_CASE("a table that is being moved counts at once, and not for long") {
    const auto said =
        ServerMemory::of(InfoFields("used_memory:850000\r\nmaxmemory:1000000\r\nmem_overhead_db_"
                                    "hashtable_rehashing:30000\r\n"));
    REQUIRE(said);
    CHECK(said->passing == 30'000);
    CHECK(said->room() == 1'000'000 - 820'000 - 131'072);
    CHECK(said->last_room() == 1'000'000 - 820'000 - 65'536);
    CHECK(said->room_at_once() == 1'000'000 - 850'000 - 65'536);
    CHECK(said->room_now() == said->room());
    // Of two servers the one that is full now, and before that the one that stays full.
    ServerMemory moving{.used = 990'000, .limit = 1'000'000, .passing = 500'000};
    ServerMemory filling{.used = 950'000, .limit = 1'000'000};
    CHECK_FALSE(moving.is_fuller_than(filling));
    CHECK(filling.is_fuller_than(moving));
    filling.used = 500'000;
    CHECK(moving.is_fuller_than(filling));
}

TEST_CASE("what does not fit is refused, with figures and the remedy") {
    const FitVerdict verdict = judge_fit(need(290), memory("allkeys-lru"), Eviction::refused);
    CHECK(verdict.kind == Kind::refused);
    CHECK(verdict.message ==
          "the keys will take about 290.0 MiB, and there is room for 289.8 MiB: it uses 724.0 MiB "
          "of 1.0 GiB, and its policy is allkeys-lru");
    CHECK(verdict.hint ==
          "write less (--where, --columns), raise maxmemory, or let the server evict other keys "
          "with --allow-eviction");
    CHECK(judge_fit(need(290), memory("noeviction"), Eviction::refused).hint ==
          "write less (--where, --columns), raise maxmemory, or choose a policy that evicts: with "
          "noeviction, --allow-eviction alone cannot help");
}

TEST_CASE("eviction is a warning where it was asked for, and where there is none that is said") {
    const FitVerdict evicting = judge_fit(need(290), memory("allkeys-lru"), Eviction::allowed);
    CHECK(evicting.kind == Kind::warned);
    CHECK(evicting.message.ends_with("; other keys will be evicted"));
    const FitVerdict not_evicting = judge_fit(need(290), memory("noeviction"), Eviction::allowed);
    CHECK(not_evicting.kind == Kind::warned);
    CHECK(not_evicting.message.ends_with(
        "; --allow-eviction cannot help there: nothing is evicted, and writing stops when it is "
        "full"));
}

TEST_CASE("without maxmemory there is the machine's memory, and a warning") {
    ServerMemory unlimited{
        .used = 6 * k_mib, .limit = 0, .system = 8 * k_mib, .policy = "noeviction"};
    CHECK(judge_fit(need(2), unlimited, Eviction::refused).kind == Kind::fits);
    const FitVerdict verdict = judge_fit(need(3), unlimited, Eviction::refused);
    CHECK(verdict.kind == Kind::warned);
    CHECK(verdict.message ==
          "the keys will take about 3.0 MiB, and the server, which has no maxmemory, uses 6.0 MiB "
          "of its machine's 8.0 MiB already");
    unlimited.system = 0;
    CHECK(judge_fit(need(3), unlimited, Eviction::refused).kind == Kind::fits);
}

TEST_CASE("which share of the keys is there already") {
    test::FakeClient client;
    client.keys["a"] = client.keys["c"] = {};
    CHECK(share_that_exists(client, {"a", "b", "c", "d"}) == 0.5);
    CHECK(share_that_exists(client, {}) == 0);
    client.on("EXISTS", [](const auto&) { return Reply::make_error("NOPERM no"); });
    CHECK(share_that_exists(client, {"a", "b"}) == 0);
}
