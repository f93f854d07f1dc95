#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/fake_client.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

FakeClient office() {
    FakeClient client;
    client.keys["ramq:codes:all"] = {.size_bytes = 4'000'000};
    for (int i = 1; i <= 40; ++i) {
        client.keys["sess:" + std::to_string(i)] = {.ttl_ms = 60'000, .size_bytes = 1'000};
    }
    client.keys["tmp:export:2026-11-28:a"] = {.size_bytes = 3'000'000};
    client.keys["tmp:export:2026-11-28:b"] = {.size_bytes = 3'000'000};
    client.keys["plain"] = {.size_bytes = 64};
    return client;
}

}  // namespace

TEST_CASE("du into a pipe: bytes, keys and namespace, largest first") {
    FakeClient client = office();
    const RunResult run = run_with(client, {"du"});
    CHECK(run.code == 0);
    CHECK(run.err.empty());
    CHECK(run.out ==
          "6000000\t2\ttmp\n"
          "4000000\t1\tramq\n"
          "40000\t40\tsess\n"
          "64\t1\t(none)\n");
    CHECK(run_with(client, {"du", "tmp", "--depth", "2"}).out == "6000000\t2\ttmp:export:<date>\n");
}

TEST_CASE("du on a terminal") {
    FakeClient client = office();
    const RunResult run = run_with(client, {"du"}, {.terminal = true});
    CHECK(run.code == 0);
    CAPTURE(run.out);
    CHECK(run.out.find("44 keys, 9.6 MiB of keys") != std::string::npos);
    CHECK(run.out.find("└ export:2026-11-28") != std::string::npos);
    CHECK(run.out.find("ramq:codes:all") != std::string::npos);
    CHECK(run.out.find("LARGEST KEYS") != std::string::npos);
    CHECK(run.out.find("expire 'tmp:*' --cap 1h --jitter 20% --dry-run") != std::string::npos);
}

TEST_CASE("du as JSON has the contract's fields") {
    FakeClient client = office();
    const json out = json::parse(run_with(client, {"du", "--json"}).out);
    CHECK(out["total"]["keys"] == 44);
    CHECK(out["total"]["bytes"] == 10'040'064);
    CHECK(out["sampled"] == false);
    CHECK(out["sample_keys"] == nullptr);
    CHECK(out["complete"] == true);
    REQUIRE(out["namespaces"].size() == 4);
    const json& tmp = out["namespaces"][0];
    CHECK(tmp["namespace"] == "tmp");
    CHECK(tmp["keys"] == 2);
    CHECK(tmp["bytes"] == 6'000'000);
    CHECK(tmp["persistent"] == 2);
    CHECK(tmp["share"].get<double>() == doctest::Approx(0.5976).epsilon(0.001));
    CHECK(out["largest"][0]["key"] == "ramq:codes:all");
}

TEST_CASE("du as CSV, Prometheus, folded stacks and for ncdu") {
    FakeClient client = office();
    CHECK(run_with(client, {"du", "ramq", "-o", "csv"}).out ==
          "namespace,bytes,bytes_low,bytes_high,keys,keys_low,keys_high,persistent,share\r\n"
          "ramq:codes,4000000,4000000,4000000,1,1,1,1,1.000000\r\n");
    const std::string metrics = run_with(client, {"du", "-o", "prometheus"}).out;
    CHECK(
        metrics.find("cachectl_du_bytes{target=\"127.0.0.1:6379\",namespace=\"tmp\"} 6000000\n") !=
        std::string::npos);
    CHECK(metrics.find("cachectl_du_sample_keys{target=\"127.0.0.1:6379\"} 44\n") !=
          std::string::npos);
    CHECK(run_with(client, {"du", "-o", "folded"}).out ==
          "tmp;export;<date>;a 3000000\n"
          "tmp;export;<date>;b 3000000\n"
          "ramq;codes;all 4000000\n"
          "sess;<n> 40000\n"
          "(none);plain 64\n");
    const json tree = json::parse(run_with(client, {"du", "-o", "ncdu"}).out);
    CHECK(tree[0] == 1);
    CHECK(tree[2]["progname"] == "cachectl");
    CHECK(tree[3][1][0]["name"] == "tmp");
}

TEST_CASE("du by type, TTL and rule") {
    FakeClient client = office();
    CHECK(run_with(client, {"du", "--by", "type"}).out == "10040064\t44\tstring\n");
    CHECK(run_with(client, {"du", "--by", "ttl"}).out ==
          "10000064\t4\tnever\n40000\t40\tup to 1m\n");
    const RunResult no_policy = run_with(client, {"du", "--by", "rule"});
    CHECK(no_policy.code == 2);
    CHECK(no_policy.err.find("--policy FILE") != std::string::npos);
}

TEST_CASE("du without a right to sizes counts keys, and says so once") {
    FakeClient client = office();
    client.on("MEMORY", [](const FakeClient::Args&) {
        return cachectl::Reply::make_error(
            "NOPERM User x has no permissions to run the 'memory|usage' command");
    });
    const RunResult run = run_with(client, {"du"});
    CHECK(run.code == 0);
    CHECK(run.out == "-\t40\tsess\n-\t2\ttmp\n-\t1\t(none)\n-\t1\tramq\n");
    CHECK(run.err.find("+memory|usage") != std::string::npos);
    const json out = json::parse(run_with(client, {"du", "--json"}).out);
    CHECK(out["total"]["bytes"] == nullptr);
    CHECK(out["namespaces"][0]["share"].get<double>() == doctest::Approx(40.0 / 44));
    CHECK(run_with(client, {"du"}, {.terminal = true}).out.find("MEMORY") == std::string::npos);
}

TEST_CASE("du of nothing, of a list, and what cannot be asked for") {
    FakeClient client;
    CHECK(run_with(client, {"du"}).out.empty());
    CHECK(run_with(client, {"du", "--sample", "5", "--exact"}).code == 2);
    CHECK(run_with(client, {"du", "--depth", "0"}).code == 2);
    CHECK(run_with(client, {"du", "--by", "colour"}).code == 2);
    CHECK(run_with(client, {"du", "*"}).code == 0);
    FakeClient full = office();
    CHECK(run_with(full, {"du", "s*"}).out == "40000\t40\tsess\n");
}

TEST_CASE("a namespace that has no keys is told on stderr") {
    FakeClient client = office();
    const RunResult run = run_with(client, {"du", "nothing"});
    CHECK(run.code == 0);
    CHECK(run.out.empty());
    CHECK(run.err == "cachectl: no key matches 'nothing'\n");
}

TEST_CASE("the delimiter alone is no namespace, and the hint is what may be meant") {
    FakeClient client;
    const RunResult run = run_with(client, {"du", ":"});
    CHECK(run.code == 2);
    CHECK(run.err.find("cachectl du ':*'") != std::string::npos);
    CHECK(run.err.find("changed") == std::string::npos);
}
