// The connection under TLS is cut at any byte of what is encrypted, or the process killed at any
// record, in commands that change keys.
#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

#include "support/cut_stage.hpp"

using namespace cachectl::test;

namespace {

/// Every `nth` of the commands; under CACHECTL_TORTURE all of them.
void torture(std::unique_ptr<CutCache> cache, std::size_t nth) {
    CutStage stage(std::move(cache));
    const std::vector<CutCommand> commands = some_commands();
    for (std::size_t i = 0; i < commands.size(); i += is_torture() ? 1 : nth) {
        stage.cut(commands[i], 3);
        stage.kill(commands[i], 3);
    }
    MESSAGE(stage.runs());
}

}  // namespace

TEST_CASE("changes over TLS whose connection is cut, or which are killed") {
    torture(cut_tls_server(), 1);
}

TEST_CASE("changes of a cluster over TLS whose connection to one master is cut") {
    torture(cut_tls_cluster(), 3);
}
