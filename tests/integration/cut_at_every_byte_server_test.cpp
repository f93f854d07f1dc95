// The connection to a server is cut at any byte, or the process killed at any reply, in each
// command that changes keys: no other key changes, the sum is true, what is gone is in the backup,
// and the same command, or restore, ends it well.
#include <doctest/doctest.h>

#include "support/cut_stage.hpp"

using namespace cachectl::test;

namespace {

struct Stage : CutStage {
    Stage() : CutStage(cut_server()) {}

    void torture(const std::vector<CutCommand>& commands) {
        for (const CutCommand& command : commands) {
            cut(command, 4);
            kill(command, 3);
        }
        MESSAGE(runs());
    }
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "deletions whose connection is cut, or which are killed") {
    torture(deleting_commands());
}

TEST_CASE_FIXTURE(Stage, "expiries whose connection is cut, or which are killed") {
    torture(expiring_commands());
}

TEST_CASE_FIXTURE(Stage, "restorations and plans whose connection is cut, or which are killed") {
    torture(restoring_commands());
}

TEST_CASE_FIXTURE(Stage, "loads whose connection is cut, or which are killed") {
    torture(warming_commands());
}
