// Each call of the system fails once, in loads: a key is as it was or as it was to be, with its
// TTL, and the same line with --resume completes what was begun.
#include <doctest/doctest.h>

#include "support/fault_stage.hpp"
#include "support/json.hpp"

using namespace cachectl::test;

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

struct Stage : FaultStage {
    static std::string path(const TempDir& dir, const std::string& name) {
        return (dir.path() / name).string();
    }

    /// Forty rows, one of which is there already.
    static std::string rows() {
        std::string text = "id,title\n";
        for (int i = 0; i < 40; ++i) {
            text += std::to_string(i) + ",title " + std::to_string(i) + '\n';
        }
        return text;
    }

    static void write_rows(const TempDir& dir) { dir.file("rows.csv", rows()); }

    static Words loading(const TempDir& dir, const Words& more) {
        Words all{"warm",  path(dir, "rows.csv"), "--key", "new:{id}", "--ttl", "1h", "--yes",
                  "--json"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    /// What it says it wrote, it wrote.
    static void check_sum(const FaultyRun& run, const Keyspace& before, const Keyspace& after) {
        const Json sum = Json::parse(run.out, nullptr, false);
        if (!sum.is_object()) {
            CHECK((run.exit_code != 0 || run.out.empty()));
            return;
        }
        const auto changed = static_cast<std::int64_t>(differing_keys(before, after).size());
        const std::int64_t said =
            sum.value("written", std::int64_t{0}) + sum.value("deleted", std::int64_t{0});
        CHECK(said <= changed);
        CHECK(changed <= said + sum.value("unknown", std::int64_t{0}));
    }

    void torture(const TorturedCommand& command) {
        fail_calls(command);
        fail_allocations(command);
        MESSAGE(command.name << ": " << runs() << " runs");
    }
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "warm: each call fails once") {
    torture({.name = "warm",
             .words = [](const TempDir& dir) { return loading(dir, {"--verify"}); },
             .prepare = write_rows,
             .check = [](const FaultyRun& run, const TempDir&, const Keyspace& before,
                         const Keyspace& after) { check_sum(run, before, after); }});
}

TEST_CASE_FIXTURE(Stage, "warm --resume: each call fails once, and the next run completes it") {
    const auto words = [](const TempDir& dir) {
        return loading(dir, {"--resume", "--journal", path(dir, "journal"), "--reject-file",
                             path(dir, "rejected")});
    };
    TorturedCommand command{.name = "warm --resume",
                            .words = words,
                            .prepare = write_rows,
                            .leaves = {"journal", "journal.cachectl-lock", "rejected"}};
    command.check = [this, words](const FaultyRun& run, const TempDir& dir, const Keyspace& before,
                                  const Keyspace& after) {
        check_sum(run, before, after);
        const ProcessResult again = run_cachectl(on_server(words(dir)));
        CAPTURE(again.err);
        CHECK(again.exit_code == 0);
        CHECK(differing_keys(before, keyspace()).size() == 40);
        CHECK_FALSE(std::filesystem::exists(path(dir, "journal")));
    };
    torture(command);
}

TEST_CASE_FIXTURE(Stage, "warm --sync: each call fails once, and nothing else is deleted") {
    torture({.name = "warm --sync",
             .words =
                 [](const TempDir& dir) {
                     return Words{"warm",        path(dir, "rows.csv"),
                                  "--key",       "course:{id}",
                                  "--ttl",       "1h",
                                  "--if-exists", "overwrite",
                                  "--sync",      "course:*",
                                  "--yes",       "--json"};
                 },
             .prepare = write_rows});
}

TEST_CASE_FIXTURE(Stage, "warm of a group into lists: each call fails once") {
    torture({.name = "warm --group",
             .words =
                 [](const TempDir& dir) {
                     return Words{"warm",      path(dir, "rows.csv"),
                                  "--group",   "all:{title}",
                                  "--as",      "list",
                                  "--columns", "id",
                                  "--ttl",     "1h",
                                  "--yes",     "--json"};
                 },
             .prepare = write_rows});
}
