// Each call of the system fails once, in each command that changes keys: a key is as it was or as
// it was to be, the sum says what the server has, what is gone is in the backup, and the log is
// whole.
#include <doctest/doctest.h>

#include "support/fault_stage.hpp"
#include "support/json.hpp"

using namespace cachectl::test;

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

struct Stage : FaultStage {
    /// What was changed is in the file, and comes back.
    void check_backup(const TempDir& dir, const Keyspace& before, const Keyspace& after) {
        if (differing_keys(before, after).empty()) {
            return;
        }
        const std::string file = path(dir, "backup.rdb");
        const ProcessResult undo = run_cachectl(on_server({"restore", file, "--yes", "--replace"}));
        CAPTURE(undo.err);
        // Without its end nothing says that the file has all.
        const bool has_its_end = undo.err.find("is not whole") == std::string::npos;
        CHECK(undo.exit_code == (has_its_end ? 0 : 5));
        CHECK(differing_keys(before, keyspace()).empty());
    }

    /// It can be read, and whoever changed a key is in it.
    static void check_log(const TempDir& dir, const Keyspace& before, const Keyspace& after) {
        const std::string file = path(dir, "log");
        if (!read_file(file).empty()) {
            const ProcessResult verified = run_cachectl({"audit-log", "verify", file});
            CAPTURE(verified.out);
            CAPTURE(verified.err);
            CHECK(verified.exit_code == 0);
        }
        const bool is_changed = !differing_keys(before, after).empty();
        CHECK((!is_changed || read_file(file).find("\"begin\"") != std::string::npos));
    }

    /// What it says it did, it did; what is unknown may have been done.
    static void check_sum(const FaultyRun& run, const std::string& field, const Keyspace& before,
                          const Keyspace& after) {
        const Json sum = Json::parse(run.out, nullptr, false);
        if (!sum.is_object()) {
            CHECK((run.exit_code != 0 || run.out.empty()));
            return;
        }
        const auto changed = static_cast<std::int64_t>(differing_keys(before, after).size());
        const std::int64_t said = sum[field].get<std::int64_t>();
        const std::int64_t unknown = sum.value("unknown", std::int64_t{0});
        CHECK(said <= changed);
        CHECK(changed <= said + unknown);
    }

    static std::string path(const TempDir& dir, const std::string& name) {
        return (dir.path() / name).string();
    }

    /// Words that change keys, with a backup and an audit log; `field` of the sum counts them.
    TorturedCommand changing(const std::string& name, const Words& words,
                             const std::string& field) {
        return {.name = name,
                .words =
                    [words](const TempDir& dir) {
                        Words all = words;
                        all.insert(all.end(),
                                   {"--yes", "--json", "--backup", path(dir, "backup.rdb"),
                                    "--audit-log", path(dir, "log")});
                        return all;
                    },
                .leaves = {"backup.rdb", "log"},
                .check =
                    [this, field](const FaultyRun& run, const TempDir& dir, const Keyspace& before,
                                  const Keyspace& after) {
                        check_log(dir, before, after);
                        check_sum(run, field, before, after);
                        check_backup(dir, before, after);
                    }};
    }

    void torture(const TorturedCommand& command) {
        fail_calls(command);
        fail_allocations(command);
        MESSAGE(command.name << ": " << runs() << " runs");
    }
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "invalidate: each call fails once") {
    torture(changing("invalidate", {"invalidate", "course:*"}, "deleted"));
}

TEST_CASE_FIXTURE(Stage, "invalidate by a list: each call fails once") {
    TorturedCommand command =
        changing("invalidate list", {"invalidate", "--keys-from", "-"}, "deleted");
    command.stdin_bytes = "course:1\ncourse:hash\nnone\nother:3\n";
    torture(command);
}

TEST_CASE_FIXTURE(Stage, "flush: each call fails once") {
    torture(changing("flush", {"flush", "course"}, "deleted"));
}

TEST_CASE_FIXTURE(Stage, "expire: each call fails once") {
    torture(changing("expire", {"expire", "course:*", "--set", "2h"}, "changed"));
}

TEST_CASE_FIXTURE(Stage, "restore: each call fails once") {
    TorturedCommand command;
    command.name = "restore";
    command.prepare = [this](const TempDir& dir) {
        const ProcessResult saved = run_cachectl(
            on_server({"invalidate", "course:*", "--yes", "--backup", path(dir, "backup.rdb")}));
        REQUIRE(saved.exit_code == 0);
    };
    command.words = [](const TempDir& dir) {
        return Words{"restore", path(dir, "backup.rdb"), "--yes",
                     "--json",  "--audit-log",           path(dir, "log")};
    };
    command.leaves = {"log"};
    command.check = [this](const FaultyRun& run, const TempDir& dir, const Keyspace& before,
                           const Keyspace& after) {
        check_log(dir, before, after);
        check_sum(run, "restored", before, after);
        // And it can be said again.
        const ProcessResult again =
            run_cachectl(on_server({"restore", path(dir, "backup.rdb"), "--yes"}));
        CAPTURE(again.err);
        CHECK(again.exit_code == 0);
    };
    torture(command);
}

TEST_CASE_FIXTURE(Stage, "plans: each call fails once") {
    TorturedCommand plan;
    plan.name = "plan";
    plan.words = [](const TempDir& dir) {
        return Words{"invalidate", "course:*", "--plan", path(dir, "plan.json")};
    };
    plan.leaves = {"plan.json"};
    plan.check = [this](const FaultyRun& run, const TempDir& dir, const Keyspace&,
                        const Keyspace&) {
        if (run.exit_code != 0) {
            return;
        }
        const ProcessResult applied =
            run_cachectl(on_server({"apply", path(dir, "plan.json"), "--yes"}));
        CAPTURE(applied.err);
        CHECK(applied.exit_code == 0);
    };
    torture(plan);

    TorturedCommand apply;
    apply.name = "apply";
    apply.prepare = [this](const TempDir& dir) {
        const ProcessResult planned =
            run_cachectl(on_server({"invalidate", "course:*", "--backup", path(dir, "backup.rdb"),
                                    "--plan", path(dir, "plan.json")}));
        CAPTURE(planned.err);
        REQUIRE(planned.exit_code == 0);
    };
    apply.words = [](const TempDir& dir) {
        return Words{"apply", path(dir, "plan.json"), "--json", "--audit-log", path(dir, "log")};
    };
    apply.leaves = {"backup.rdb", "log"};
    apply.check = [this](const FaultyRun& run, const TempDir& dir, const Keyspace& before,
                         const Keyspace& after) {
        check_log(dir, before, after);
        check_sum(run, "deleted", before, after);
        check_backup(dir, before, after);
    };
    torture(apply);
}
