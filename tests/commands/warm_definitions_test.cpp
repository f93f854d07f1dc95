// warm: definitions in one file, rows in another.
#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;

namespace {

constexpr std::string_view k_schema =
    "SET client_encoding = 'UTF8';\nCREATE TABLE public.t (id integer, ok boolean);\n";
constexpr std::string_view k_data = "COPY public.t (id, ok) FROM stdin;\n1\tt\n\\.\n";

}  // namespace

TEST_CASE("a schema-only and a data-only dump are given together") {
    const TempDir dir;
    const std::string schema = dir.file("schema.sql", k_schema);
    const std::string data = dir.file("data.sql", k_data);
    FakeClient client;
    const RunResult run =
        run_with(client, {"warm", schema, data, "--table", "t", "--key", "t:{id}", "--ttl", "1h"});
    CHECK(run.code == 0);
    CHECK(run.err == "cachectl: " + schema + ": there are no records of table 't' in it\n");
    CHECK(client.keys["t:1"].value == R"({"id":1,"ok":true})");

    const RunResult alone = run_with(client, {"warm", data, "--key", "u:{id}", "--ttl", "1h"});
    CHECK(alone.code == 0);
    CHECK(
        alone.err.starts_with("cachectl: warning: " + data +
                              ":1: no CREATE TABLE tells of public.t, so all its values are text"));
    CHECK(client.keys["u:1"].value == R"({"id":"1","ok":"t"})");

    const RunResult neither =
        run_with(client, {"warm", schema, data, "--table", "x", "--key", "x:{id}", "--ttl", "1h"});
    CHECK(neither.code == 6);
    CHECK(neither.err.find("error: " + data + " has no table 'x'") != std::string::npos);
}

TEST_CASE("a manifest names the file with the definitions") {
    const TempDir dir;
    dir.file("schema.sql", k_schema);
    dir.file("data.sql", k_data);
    const auto run = [&](const std::string& schema) {
        FakeClient client;
        const std::string manifest =
            dir.file("warm.json", "{\"defaults\": {\"schema\": \"" + schema +
                                      "\"},\n\"datasets\": [{\"file\": \"data.sql\", \"table\": "
                                      "\"t\", \"key\": \"t:{id}\", \"ttl\": \"1h\"}]}");
        const RunResult result = run_with(client, {"warm", "--manifest", manifest});
        return result.code == 0 ? client.keys["t:1"].value : result.err;
    };
    CHECK(run("schema.sql") == R"({"id":1,"ok":true})");
    CHECK(run("none.sql").find("warm.json:1: 'defaults.schema' is wrong: ") != std::string::npos);
    CHECK(run("-").find("warm.json:1: 'defaults.schema' cannot be stdin") != std::string::npos);
}
