#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

struct Office {
    FakeClient client;
    TempDir dir;
    std::string policy = dir.file("keys.json", R"({
  "keys": [
    {"pattern": "sess:*", "ttl": "7d", "max_ttl": "7d", "protected": true},
    {"pattern": "user:*:cart", "max_ttl": "1h", "type": "hash"},
    {"pattern": "codes:*", "max_size": "1MiB"}
  ],
  "unknown": "fail"
})");

    Office() {
        client.keys["sess:1"] = {.ttl_ms = 3'600'000};
        client.keys["sess:2"] = {};
        client.keys["user:7:cart"] = {.type = "hash", .ttl_ms = 7'200'000};
        client.keys["user:8:cart"] = {.type = "string", .ttl_ms = 60'000};
        client.keys["codes:all"] = {.size_bytes = 4'000'000};
        client.keys["tmp:x"] = {};
        client.keys["plain"] = {};
    }
    RunResult audit(std::vector<std::string> args, const RunOptions& options = {}) {
        args.insert(args.begin(), {"audit", "--policy", policy});
        return run_with(client, args, options);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Office, "audit into a pipe: a line for each finding, exit 1") {
    const RunResult run = audit({});
    CHECK(run.code == 1);
    CHECK(run.out ==
          "error\tno-ttl\t1\t3\tsess:*\tsess\tsess:2\n"
          "error\tttl-too-long\t1\t4\tuser:*:cart\tuser\tuser:7:cart\n"
          "error\twrong-type\t1\t4\tuser:*:cart\tuser\tuser:8:cart\n"
          "error\ttoo-large\t1\t5\tcodes:*\tcodes\tcodes:all\n"
          "error\tunknown\t1\t-\t-\t(none)\tplain\n"
          "error\tunknown\t1\t-\t-\ttmp\ttmp:x\n");
    CHECK(run.err.find("6 findings fail the audit") != std::string::npos);
}

TEST_CASE_FIXTURE(Office, "audit as JSON has the contract's fields") {
    const json out = json::parse(audit({"--json"}).out);
    CHECK(out["command"] == "audit");
    CHECK(out["policy"] == policy);
    CHECK(out["keys"] == 7);
    CHECK(out["sampled"] == false);
    REQUIRE(out["findings"].size() == 6);
    const json& finding = out["findings"][1];
    CHECK(finding["rule"] == "ttl-too-long");
    CHECK(finding["line"] == 4);
    CHECK(finding["pattern"] == "user:*:cart");
    CHECK(finding["namespace"] == "user");
    CHECK(finding["keys"] == 1);
    CHECK(finding["examples"] == json{"user:7:cart"});
    CHECK(finding["message"] ==
          "1 key of the namespace user has longer to live (the longest 2h) than the rule "
          "'user:*:cart' allows (max_ttl 1h)");
    CHECK(out["findings"][4]["line"] == nullptr);
    CHECK(out["unknown_namespaces"] == json{"(none)", "tmp"});
    json line = json::parse(audit({"-o", "ndjson"}).out);
    line["elapsed_ms"] = out["elapsed_ms"];
    CHECK(line == out);
}

TEST_CASE_FIXTURE(Office, "audit on a terminal names the rule's line and what to do") {
    const RunResult run = audit({}, {.terminal = true});
    CAPTURE(run.out);
    CHECK(run.code == 1);
    CHECK(run.out.find("VIOLATED") == 0);
    CHECK(run.out.find(" ✗  TTL too long") != std::string::npos);
    CHECK(run.out.find("expire 'user:*:cart' --cap 1h --dry-run") != std::string::npos);
    const RunResult fine = audit({"codes:none*"}, {.terminal = true});
    CHECK(fine.code == 0);
    CHECK(fine.out.find("OK") == 0);
    CHECK(fine.out.find("Every key that was looked at keeps to its rule") != std::string::npos);
}

TEST_CASE_FIXTURE(Office, "only what the baseline has not fails") {
    const std::string known = dir.file("known.json", audit({"--json"}).out);
    const RunResult same = audit({"--baseline", known, "--json"});
    CHECK(same.code == 0);
    const json out = json::parse(same.out);
    CHECK(out["known"] == 6);
    CHECK(out["failing"] == 0);
    CHECK(out["ok"] == true);
    client.keys["tmp:y"] = {};  // more of the same
    CHECK(audit({"--baseline", known}).code == 0);
    client.keys["new:y"] = {};
    const RunResult worse = audit({"--baseline", known});
    CHECK(worse.code == 1);
    CHECK(worse.out.find("note\tunknown\t2\t-\t-\ttmp") != std::string::npos);
    CHECK(worse.out.starts_with("error\tunknown\t1\t-\t-\tnew"));  // what fails comes first
    CHECK(audit({"--baseline", policy}).code == 2);
    CHECK(audit({"--baseline", "/none"}).code == 2);
}

TEST_CASE_FIXTURE(Office, "only what the policy asks for is read of each key") {
    policy = dir.file("plain.json", R"({"keys": [{"pattern": "*"}]})");
    CHECK(audit({}).code == 0);
    CHECK(client.count("PTTL") == 0);
    CHECK(client.count("MEMORY") == 0);
    CHECK(client.count("TYPE") == 0);
}

TEST_CASE_FIXTURE(Office, "protected keys that an allkeys policy may evict") {
    const auto with = [&](const std::string& memory) {
        client.tells_info = false;
        client.info.info = cachectl::InfoFields(memory);
        return audit({"sess:1"});
    };
    const RunResult evicts = with("maxmemory:1000\r\nmaxmemory_policy:allkeys-lru\r\n");
    CHECK(evicts.code == 1);
    CHECK(evicts.out == "error\tmay-be-evicted\t1\t3\tsess:*\tsess\tsess:1\n");
    CHECK(with("maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n").code == 0);
    CHECK(with("maxmemory:1000\r\nmaxmemory_policy:volatile-lru\r\n").code == 0);
    const RunResult silent = with("redis_version:7.0.15\r\n");
    CHECK(silent.code == 0);
    CHECK(silent.err.find("whether protected keys may be evicted is not checked") !=
          std::string::npos);
}

TEST_CASE_FIXTURE(Office, "without a right to sizes these are not checked, which is said") {
    client.on("MEMORY", [](const FakeClient::Args&) {
        return cachectl::Reply::make_error(
            "NOPERM User x has no permissions to run the 'memory|usage' command");
    });
    const RunResult run = audit({"codes:*", "--json"});
    CHECK(run.code == 0);
    CHECK(json::parse(run.out)["not_checked"][0] == "too-large");
    CHECK(run.err.find("+memory|usage") != std::string::npos);
}

TEST_CASE_FIXTURE(Office, "a suggested policy is one that the keys keep to") {
    const RunResult suggested = run_with(client, {"audit", "--suggest"});
    CHECK(suggested.code == 0);
    policy = dir.file("suggested.json", suggested.out);
    const RunResult run = audit({});
    CHECK(run.code == 0);
    CHECK(run.out.empty());
}

TEST_CASE_FIXTURE(Office, "what cannot be asked for") {
    const RunResult none = run_with(client, {"audit"});
    CHECK(none.code == 2);
    CHECK(none.err.find("--policy FILE") != std::string::npos);
    CHECK_FALSE(none.connected);
    CHECK(run_with(client, {"audit", "--suggest", "--policy", policy}).code == 2);
    CHECK(run_with(client, {"audit", "--suggest", "-o", "json"}).code == 2);
    CHECK(audit({"--sample", "5", "--exact"}).code == 2);
    CHECK(audit({"-o", "prometheus"}).code == 2);
}
