// The connection to one of a cluster's masters is cut at any byte, or the process killed at any
// reply of it, in commands that change keys.
#include <doctest/doctest.h>

#include "support/cut_stage.hpp"

using namespace cachectl::test;

TEST_CASE("changes of a cluster whose connection to one master is cut, or which are killed") {
    CutStage stage(cut_cluster());
    for (const CutCommand& command : some_commands()) {
        stage.cut(command, 3);
        stage.kill(command, 3);
    }
    MESSAGE(stage.runs());
}
