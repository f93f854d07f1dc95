// What a change must not believe: an answer that was typed before its question, a list that ends
// early, a count.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/fake_server.hpp"
#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using Json = nlohmann::json;

namespace {

std::vector<std::string> on(const RedisServer& server, std::vector<std::string> words) {
    words.insert(words.end(), {"-s", server.socket_path()});
    return words;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what was typed before the question does not answer it") {
    RedisServer server;
    server.client().run({"MSET", "k:1", "x", "k:2", "x"});
    server.freeze();
    PtyProcess process(cachectl_argv(on(server, {"invalidate", "k:*"})));
    process.type("y\ny\ny");
    server.thaw();
    REQUIRE(process.expect("[y/N]"));
    process.type("n\n");
    CHECK(process.wait().exit_code == 8);
    CHECK(server.client().integer({"DBSIZE"}) == 2);
}

#ifndef __SANITIZE_ADDRESS__  // which needs all the address space there is
TEST_CASE("a list's line that is too long for memory is an error, not the list's end") {
    RedisServer server;
    server.client().run({"SET", "k", "x"});
    TempDir dir;
    const std::string list = dir.file("list", "");
    std::filesystem::resize_file(list, 600'000'000);
    std::ofstream(list, std::ios::app) << "\nk\n";
    for (const std::string command : {"invalidate", "keys"}) {
        auto words = cachectl_argv(on(server, {command, "--keys-from", list}));
        if (command == "invalidate") words.push_back("--yes");
        words.insert(words.begin(), {"sh", "-c", "ulimit -v 500000; exec \"$@\"", "sh"});
        const ProcessResult result = run_process(words);
        CHECK(result.exit_code == 6);
        CHECK(has(result.err, "a key is too long for memory"));
    }
    CHECK(server.client().integer({"DBSIZE"}) == 1);
}
#endif
