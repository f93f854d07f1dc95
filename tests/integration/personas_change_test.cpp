// What changes keys, on each of the products that support/personas knows: what was asked for is
// done, or nothing is and one sentence says why; no other key is touched.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "support/personas_stage.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using Keyspace = PersonaStage::Keyspace;
using Words = PersonaStage::Words;

namespace {

constexpr std::int64_t k_second_ms = 1'000, k_hour_ms = 3'600'000;
constexpr std::int64_t k_for_ever = std::numeric_limits<std::int64_t>::max();

std::int64_t now_ms() {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

/// The same keys, values and times to live; these to some seconds, as products round them.
bool same(const Keyspace& a, const Keyspace& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        const std::int64_t apart = std::abs(x.second.expires_at - y.second.expires_at);
        return x.first == y.first && x.second.dump == y.second.dump && apart < 5 * k_second_ms;
    });
}

struct ChangeStage : PersonaStage {
    explicit ChangeStage(const Persona& persona) : PersonaStage(persona) { begin(); }

    void begin() {
        fill();
        before = keyspace();
    }

    [[nodiscard]] bool lacks(const std::string& what) const {
        return persona().lacks.contains(what);
    }

    /// Whether it was done; if not, that it was refused by name before anything has changed.
    bool is_done(const Words& args, const std::string& lacking, const std::string& named) {
        const ProcessResult run = PersonaStage::run(args);
        CAPTURE(args.front());
        CAPTURE(run.out);
        CAPTURE(run.err);
        CHECK_FALSE(run.timed_out);
        CHECK(lines_in(run.err) <= 3);
        if (!lacks(lacking)) {
            CHECK(run.exit_code == 0);
            return run.exit_code == 0;
        }
        CHECK(run.exit_code == 4);
        CHECK(has(run.err, named));
        CHECK(same(keyspace(), before));
        return false;
    }

    Keyspace before;
};

void rehearses(ChangeStage& stage) {
    for (const Words& args :
         {Words{"invalidate", "b:*", "--dry-run"}, Words{"flush", "b", "--dry-run"},
          Words{"expire", "b:*", "--set", "1h", "--dry-run"},
          Words{"flush", "--whole-db", "--dry-run"}}) {
        const ProcessResult run = stage.run(args);
        CAPTURE(args.front());
        CAPTURE(run.err);
        CHECK((run.exit_code == 0 || (stage.lacks("FLUSHDB") && run.exit_code == 4)));
        CHECK(same(stage.keyspace(), stage.before));
    }
}

void deletes(ChangeStage& stage) {
    if (stage.is_done({"invalidate", "b:*", "--yes"}, "UNLINK", "UNLINK")) {
        CHECK(same(stage.keyspace(), without(stage.before, "b:")));
    }
    stage.begin();
    if (stage.is_done({"flush", "b", "--yes"}, "UNLINK", "UNLINK")) {
        CHECK(same(stage.keyspace(), without(stage.before, "b:")));
    }
}

void saves_and_restores(ChangeStage& stage) {
    const std::string file = (stage.dir().path() / "b.rdb").string();
    if (!stage.is_done({"invalidate", "b:*", "--yes", "--backup", file}, "transactions", "MULTI")) {
        return;
    }
    CHECK(same(stage.keyspace(), without(stage.before, "b:")));
    const ProcessResult restored = stage.run({"restore", file, "--yes"});
    CAPTURE(restored.err);
    CHECK(restored.exit_code == 0);
    // What was read in pieces has another encoding, and so another DUMP.
    const Keyspace after = stage.keyspace();
    CHECK(after.size() == stage.before.size());
    CHECK(same(without(after, "b:"), without(stage.before, "b:")));
    for (const auto& was : part_of(stage.before, "b:")) {
        const std::string& key = was.first;
        CAPTURE(key);
        REQUIRE(after.contains(key));
        CHECK(std::abs(after.at(key).expires_at - was.second.expires_at) < 5 * k_second_ms);
    }
    CHECK(stage.ask("b:long", {"STRLEN", "b:long"}).integer == 700'000);
    CHECK(stage.ask("b:hash", {"HGET", "b:hash", "field 77"}).text == "value 77");
    CHECK(stage.ask("b:hash", {"HLEN", "b:hash"}).integer == 200);
    CHECK(stage.ask("b:list", {"LINDEX", "b:list", "199"}).text == "element 199");
    CHECK(stage.ask("b:set", {"SCARD", "b:set"}).integer == 200);
    CHECK(stage.ask("b:zset", {"ZSCORE", "b:zset", "member 9"}).text == "9.25");
}

void sets_times_to_live(ChangeStage& stage) {
    // Keys expire meanwhile: the times are those from before they were read.
    const auto times_left = [&](const std::string& prefix) {
        const std::int64_t now = now_ms();
        std::vector<std::int64_t> left;
        for (const auto& [key, value] : part_of(stage.keyspace(), prefix)) {
            left.push_back(value.expires_at < 0 ? k_for_ever : value.expires_at - now);
        }
        return left;
    };
    const auto all = [](const std::vector<std::int64_t>& left, auto is_so) {
        return !left.empty() && std::all_of(left.begin(), left.end(), is_so);
    };
    const auto within_an_hour = [](std::int64_t left) { return left <= k_hour_ms; };
    const auto within_ten_minutes = [](std::int64_t left) { return left <= k_hour_ms / 6; };

    CHECK(stage.is_done({"expire", "b:*", "--set", "1h", "--yes"}, "", ""));
    CHECK(all(times_left("b:"), within_an_hour));
    CHECK(stage.is_done({"expire", "b:*", "--remove", "--yes"}, "", ""));
    CHECK(all(times_left("b:"), [](std::int64_t left) { return left == k_for_ever; }));
    CHECK(stage.is_done({"expire", "a:*", "--cap", "1h", "--yes"}, "", ""));
    CHECK(all(times_left("a:"), within_an_hour));
    CHECK(stage.is_done({"invalidate", "a:*", "--spread", "10m", "--yes"}, "", ""));
    CHECK(all(times_left("a:"), within_ten_minutes));
    CHECK(same(part_of(stage.keyspace(), "keep:"), part_of(stage.before, "keep:")));
}

void plans_and_applies(ChangeStage& stage) {
    const std::string plan = (stage.dir().path() / "a.plan").string();
    CHECK(stage.run({"invalidate", "a:1*", "--plan", plan}).exit_code == 0);
    CHECK(same(stage.keyspace(), stage.before));
    if (stage.is_done({"apply", plan, "--yes"}, "UNLINK", "UNLINK")) {
        CHECK(same(stage.keyspace(), without(stage.before, "a:1")));
    }
}

void empties_the_database(ChangeStage& stage) {
    if (stage.is_done({"flush", "--whole-db", "--include-neighbours", "--yes"}, "FLUSHDB",
                      "FLUSHDB")) {
        CHECK(stage.keyspace().empty());
    }
}

struct ChangeCase {
    const char* what;
    void (*check)(ChangeStage&);
};

constexpr ChangeCase k_changes[] = {
    {"dry runs change nothing", rehearses},
    {"keys are deleted", deletes},
    {"what is deleted can be put back", saves_and_restores},
    {"times to live are set, removed, capped and spread", sets_times_to_live},
    {"plans are carried out", plans_and_applies},
    {"a database is emptied", empties_the_database},
};

}  // namespace

TEST_CASE("on each product keys change as asked, or not at all") {
    for (const Persona& one : personas()) {
        CAPTURE(one.name);
        ChangeStage stage(one);
        for (const ChangeCase& change : k_changes) {
            const std::string what = change.what;
            CAPTURE(what);
            stage.begin();
            change.check(stage);
        }
        if (stage.lacks("partitions")) {
            CHECK(stage.strange_cursors() == 0);
        }
    }
}
