// The connection ends with a change on its way, or the server becomes too slow for it: what is
// unknown is told as such, sent once, and the way to go on is one that does no harm.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/fake_server.hpp"
#include "support/json.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

using Words = std::vector<std::string>;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// A server with three keys, whose connection ends in a reset when `command` comes.
FakeServer::Script lost_at(const std::string& command) {
    return reset_at(command, 0,
                    polite_redis({{"SCAN", resp::scan_page("0", {"k:1", "k:2", "k:3"})},
                                  {"DBSIZE", resp::integer(3)},
                                  {"MEMORY", resp::integer(100)},
                                  {"TYPE", resp::status("string")},
                                  {"PTTL", resp::integer(60'000)},
                                  {"EXISTS", resp::integer(0)}}));
}

ProcessResult run_on(const FakeServer& server, Words words) {
    words.insert(words.end(), {"-p", std::to_string(server.port())});
    return run_cachectl(words);
}

}  // namespace

TEST_CASE("an expiry that was lost on its way is unknown, and not changed a second time") {
    for (const Words& change :
         {Words{"--add", "1h"}, Words{"--set", "1h"}, Words{"--cap", "10s"}, Words{"--remove"}}) {
        const std::string command = change.front() == "--remove" ? "PERSIST" : "PEXPIRE";
        const FakeServer server(lost_at(command));
        Words words{"expire", "k:*", "--yes", "--json"};
        words.insert(words.end(), change.begin(), change.end());
        const ProcessResult result = run_on(server, words);
        CAPTURE(change);
        CAPTURE(result.err);
        CHECK(result.exit_code == 5);
        const Json summary = Json::parse(result.out);
        CHECK(summary["changed"] == 0);
        CHECK(summary["unknown"] == 3);
        CHECK(summary["complete"] == false);
        CHECK(server.count(command) == 1);
        CHECK(server.connections() == 1);
        CHECK(has(result.err, "a second run would lengthen again") == (change.front() == "--add"));
    }
}

TEST_CASE("values that were lost on their way are unknown, and the same command goes on") {
    const TempDir dir;
    const std::string file = (dir.path() / "k.rdb").string();
    const RedisServer real;
    for (const char* key : {"k:1", "k:2", "k:3"}) {
        real.client().run({"SET", key, "v"});
    }
    REQUIRE(run_cachectl({"invalidate", "k:*", "--yes", "--backup", file, "-s", real.socket_path()})
                .exit_code == 0);
    const FakeServer server(lost_at("RESTORE"));
    const ProcessResult result = run_on(server, {"restore", file, "--yes", "--json"});
    CHECK(result.exit_code == 5);
    const Json summary = Json::parse(result.out);
    CHECK(summary["restored"] == 0);
    CHECK(summary["unknown"] == 3);
    CHECK(summary["complete"] == false);
    CHECK(has(result.err, "run the same command again to go on"));
    CHECK(server.count("RESTORE") == 1);

    CHECK(run_cachectl({"restore", file, "--yes", "-s", real.socket_path()}).exit_code == 0);
    CHECK(real.client().integer({"DBSIZE"}) == 3);
}

TEST_CASE("a plan whose run was lost on its way is not carried out a second time") {
    const TempDir dir;
    const std::string plan = (dir.path() / "plan").string();
    const FakeServer server(lost_at("UNLINK"));
    REQUIRE(run_on(server, {"invalidate", "k:*", "--plan", plan}).exit_code == 0);
    const ProcessResult lost = run_on(server, {"apply", plan, "--json"});
    CHECK(lost.exit_code == 5);
    CHECK(Json::parse(lost.out)["unknown"] == 3);
    CHECK(has(lost.err, "plan anew"));
    CHECK(server.count("UNLINK") == 1);
    const ProcessResult again = run_on(server, {"apply", plan, "--json"});
    CHECK(again.exit_code == 8);
    CHECK(has(again.err, "guard-plan-used"));
    CHECK(server.count("UNLINK") == 1);
}

TEST_CASE("with --max-latency a server that stays slow is left after --max-pause") {
    const Handler polite = polite_redis({{"SCAN", resp::scan_page("5", {"k:1", "k:2", "k:3"})},
                                         {"MEMORY", resp::integer(100)},
                                         {"UNLINK", resp::integer(3)}});
    const FakeServer server([polite](FakeServer::Connection& client) {
        bool slow = false;
        while (auto command = client.read_command()) {
            slow = slow || command->at(0) == "SCAN";
            client.sleep(slow ? 200ms : 0ms);
            client.send(polite(*command));
        }
    });
    const ObservedRun run =
        observe_cachectl({"invalidate", "k:*", "--yes", "--json", "--max-latency", "20ms",
                          "--max-pause", "1s", "-p", std::to_string(server.port())});
    CHECK(run.exit_code == 5);
    CHECK(has(run.err, "the server's replies are more than 20ms late: pausing"));
    CHECK(has(run.err, "late for 1s; nothing was changed"));
    const Json summary = Json::parse(run.out);
    CHECK(summary["deleted"] == 0);
    CHECK(summary["not_attempted"] == 3);
    CHECK(server.count("UNLINK") == 0);
    CHECK(run.took < 30s);
}
