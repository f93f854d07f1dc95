#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

std::string committed(const std::string& file) {
    return read_file(CACHECTL_SOURCE_DIR "/completions/" + file);
}

}  // namespace

TEST_CASE("completion prints the script that is installed, without a server") {
    FakeClient client;
    for (const auto& [shell, file] : std::map<std::string, std::string>{
             {"bash", "cachectl.bash"}, {"zsh", "_cachectl"}, {"fish", "cachectl.fish"}}) {
        const RunResult run = run_with(client, {"completion", shell});
        CHECK(run.code == 0);
        CHECK(run.err == "");
        CHECK(run.out == committed(file));
        CHECK(!run.out.empty());
        CHECK_FALSE(run.connected);
    }
}

TEST_CASE("completion does not look at settings it has no use for") {
    FakeClient client;
    const RunResult run =
        run_with(client, {"completion", "bash"}, {.environment = {{"CACHECTL_URL", "nonsense"}}});
    CHECK(run.code == 0);
}

TEST_CASE("an unknown shell, or none, is a usage error") {
    FakeClient client;
    const RunResult unknown = run_with(client, {"completion", "tcsh"});
    CHECK(unknown.code == 2);
    CHECK(unknown.out == "");
    CHECK(unknown.err ==
          "cachectl: error: SHELL: there is no completion for 'tcsh'\n"
          "cachectl: the shells are bash, zsh, fish\n");
    const RunResult none = run_with(client, {"completion"});
    CHECK(none.code == 2);
    CHECK(none.err ==
          "cachectl: error: SHELL is required\ncachectl: see `cachectl completion --help`\n");
}
