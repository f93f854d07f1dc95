// restore with a fake server: whose clock counts, and what is sent.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/fake_client.hpp"
#include "support/json.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = FakeClient::Args;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t k_now = 1'700'000'000;  // run_with()'s

Reply text(const std::string& bytes) {
    Reply reply;
    reply.type = Reply::Type::string;
    reply.text = bytes;
    return reply;
}

struct Stage {
    Stage() {
        RdbWriter writer(path, {});
        const std::string payload = make_dump_payload(RdbType::string, "\1x", 9);
        writer.add({.name = "soon", .expires_at = milliseconds((k_now + 100) * 1000)}, payload);
        writer.add({.name = "later", .expires_at = milliseconds((k_now + 9'000) * 1000)}, payload);
        writer.add({.name = "never"}, payload);
        writer.commit();
        writer.finish();
        client.on("RESTORE", [](const Args&) { return text("OK"); });
    }
    void server_clock(std::int64_t seconds) {
        client.on("TIME", [seconds](const Args&) {
            Reply reply;
            reply.type = Reply::Type::array;
            reply.elements = {text(std::to_string(seconds)), text("0")};
            return reply;
        });
    }
    nlohmann::json restore() {
        const RunResult result = run_with(client, {"restore", path, "--yes", "--json"});
        CHECK(result.code == 0);
        return nlohmann::json::parse(result.out);
    }

    TempDir dir;
    std::string path = (dir.path() / "a.rdb").string();
    FakeClient client;
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "the server's clock says what has expired since") {
    server_clock(k_now + 200);
    const auto summary = restore();
    CHECK(summary["restored"] == 2);
    CHECK(summary["expired_since"] == 1);
    CHECK(client.count("RESTORE soon") == 0);
}

TEST_CASE_FIXTURE(Stage, "our clock may be wrong by hours") {
    server_clock(k_now - 20'000);
    CHECK(restore()["restored"] == 3);
    server_clock(k_now + 20'000);
    CHECK(restore()["expired_since"] == 2);
}

TEST_CASE_FIXTURE(Stage, "a server that does not tell its time is taken to have ours") {
    client.on("TIME", [](const Args&) { return Reply::make_error("ERR unknown command 'TIME'"); });
    CHECK(restore()["restored"] == 3);
    CHECK(client.count("RESTORE soon 1700000100000") == 1);
}

TEST_CASE_FIXTURE(Stage, "a glob that would spare other keys than is thought is refused") {
    for (const std::string glob : {"queue[*", "", "a\\"}) {
        CAPTURE(glob);
        const RunResult run = run_with(client, {"restore", path, "--exclude", glob, "--yes"});
        CHECK(run.code == 2);
        CHECK(client.count("RESTORE") == 0);
    }
}
