#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

FakeClient cache() {
    FakeClient client;
    for (int i = 0; i < 30; ++i) {
        client.keys["sess:" + std::to_string(i)] = {.ttl_ms = 300'000, .size_bytes = 100};
        client.keys["tmp:" + std::to_string(i)] = {.size_bytes = 50};
    }
    return client;
}

}  // namespace

TEST_CASE("a snapshot, and what has changed since") {
    FakeClient client = cache();
    const TempDir dir;
    const std::string file = dir.path().string() + "/a.snap";
    const RunResult kept = run_with(client, {"snapshot", file});
    CHECK(kept.code == 0);
    CHECK(kept.out.empty());
    CHECK(kept.err.find("60 keys in 2 namespaces") != std::string::npos);
    CHECK(run_with(client, {"diff", file, "now"}).out ==
          "0\t0\tsame\tsess:<n>\n0\t0\tsame\ttmp:<n>\n");

    for (int i = 0; i < 30; ++i) {
        client.keys.erase("tmp:" + std::to_string(i));
        client.keys["new:" + std::to_string(i)] = {.size_bytes = 1'000};
        client.keys["sess:" + std::to_string(i)].ttl_ms = -1;
    }
    CHECK(run_with(client, {"diff", file, "now"}).out ==
          "30000\t30\tnew\tnew:<n>\n-1500\t-30\tgone\ttmp:<n>\n0\t0\tsame\tsess:<n>\n");
    const RunResult table = run_with(client, {"diff", file, "now"}, {.terminal = true});
    CAPTURE(table.out);
    CHECK(table.out.find("new  new:<n> (30 keys)") != std::string::npos);
    CHECK(table.out.find("gone  tmp:<n> (30 keys)") != std::string::npos);
    CHECK(table.out.find("TTL changed  sess:<n> 4m") != std::string::npos);
    const json out = json::parse(run_with(client, {"diff", file, "now", "--json"}).out);
    CHECK(out["total"]["keys"] == 60);
    CHECK(out["total"]["bytes_change"] == 28'500);
    CHECK(out["namespaces"][0]["state"] == "new");
    CHECK(out["from"]["at"] == "2023-11-14T22:13:20Z");
    CHECK(out["ttl_changes"][0]["after_ms"] == nullptr);
}

TEST_CASE("what is gone is listed in lines that end at a name") {
    FakeClient client;
    for (const char* name : {"courses", "tenants", "dispatches", "dashboards", "documents"}) {
        client.keys[std::string(name) + ":list"] = {.size_bytes = 100};
    }
    const TempDir dir;
    const std::string file = dir.path().string() + "/a.snap";
    run_with(client, {"snapshot", file});
    client.keys.clear();
    client.keys["other:list"] = {.size_bytes = 100};
    const RunResult run = run_with(client, {"diff", file, "now"}, {.terminal = true});
    CAPTURE(run.out);
    const std::size_t gone = run.out.find("\ngone  ");
    REQUIRE(gone != std::string::npos);
    CHECK(run.out.find(" key),\n      ", gone) != std::string::npos);
    CHECK(run.out.find("\n, ", gone) == std::string::npos);
}

TEST_CASE("two files are compared without a server") {
    FakeClient client = cache();
    const TempDir dir;
    const std::string a = dir.path().string() + "/a.snap", b = dir.path().string() + "/b.snap";
    REQUIRE(run_with(client, {"snapshot", a}).code == 0);
    client.keys.erase("sess:1");
    REQUIRE(run_with(client, {"snapshot", b}).code == 0);
    FakeClient none;
    const RunResult run = run_with(none, {"diff", a, b});
    CHECK(run.code == 0);
    CHECK(run.out.starts_with("-100\t-1\tshrank\tsess:<n>\n"));
    CHECK(none.lines().empty());
}

TEST_CASE("diff now looks at the keys that the snapshot was asked for") {
    FakeClient client = cache();
    for (int i = 0; i < 30; ++i) {
        client.keys["sess:x" + std::to_string(i)] = {.type = "hash", .size_bytes = 900};
    }
    client.keys["tags"] = {.type = "set"};
    client.on("SSCAN", [](const FakeClient::Args&) {
        return cachectl::Reply::make_array(
            {cachectl::Reply::make_string("0"),
             cachectl::Reply::make_array(
                 {cachectl::Reply::make_string("tmp:1"), cachectl::Reply::make_string("sess:2")})});
    });
    const TempDir dir;
    using Args = std::vector<std::string>;
    const std::string all = dir.path().string() + "/all.snap";
    REQUIRE(run_with(client, {"snapshot", all}).code == 0);
    for (const Args& choice :
         {Args{"--type", "hash"}, Args{"--exclude", "sess:x*"}, Args{"--no-ttl"},
          Args{"--ttl-below", "10m"}, Args{"--ttl-above", "1m"}, Args{"--size-over", "80"},
          Args{"--idle-over", "1s"}, Args{"--members-of", "tags"}}) {
        CAPTURE(choice[0]);
        const std::string file = dir.path().string() + "/a.snap";
        Args args = {"snapshot", file};
        args.insert(args.end(), choice.begin(), choice.end());
        REQUIRE(run_with(client, args).code == 0);
        const RunResult now = run_with(client, {"diff", file, "now"});
        CAPTURE(now.err);
        CAPTURE(now.out);
        CHECK(now.code == 0);
        CHECK(now.out.find("new") == std::string::npos);
        CHECK(now.out.find("grew") == std::string::npos);
        const RunResult other = run_with(client, {"diff", file, all});
        CHECK(other.code == 2);
        CHECK(other.err.find("other keys") != std::string::npos);
        CHECK(run_with(client, {"diff", file, file}).code == 0);
    }
}

TEST_CASE("keys of which there is no telling which they were") {
    FakeClient client = cache();
    const TempDir dir;
    const std::string list = dir.file("list", "sess:1\nsess:2\n");
    const std::string file = dir.path().string() + "/a.snap";
    const RunResult listed = run_with(client, {"snapshot", file, "--keys-from", list});
    CHECK(listed.code == 0);
    CHECK(listed.err.find("later:") == std::string::npos);
    CHECK(run_with(client, {"diff", file, file}).code == 0);
    const RunResult now = run_with(client, {"diff", file, "now"});
    CHECK(now.code == 2);
    CHECK(now.err.find("--keys-from") != std::string::npos);
    const RunResult limited = run_with(client, {"snapshot", file, "--limit", "10"});
    CHECK(limited.code == 2);
    CHECK(limited.err.find("--limit") != std::string::npos);
}

TEST_CASE("what cannot be compared or kept") {
    FakeClient client = cache();
    const TempDir dir;
    const std::string notes = dir.file("notes", "mine");
    CHECK(run_with(client, {"snapshot", notes}).code == 7);
    CHECK(run_with(client, {"diff", notes, "now"}).code == 6);
    CHECK(run_with(client, {"diff", dir.path().string() + "/none", "now"}).code == 6);
    const std::string file = dir.path().string() + "/a.snap";
    REQUIRE(run_with(client, {"snapshot", file}).code == 0);
    CHECK(run_with(client, {"diff", file}).code == 2);
    const std::string other = dir.path().string() + "/b.snap";
    REQUIRE(run_with(client, {"snapshot", other, "--depth", "1"}).code == 0);
    CHECK(run_with(client, {"diff", file, other}).code == 2);
    // A snapshot of keys that not all could be seen is none.
    client.on("MEMORY", [](const FakeClient::Args&) {
        return cachectl::Reply::make_error("LOADING not yet");
    });
    CHECK(run_with(client, {"snapshot", dir.path().string() + "/c.snap"}).code != 0);
    CHECK_FALSE(std::filesystem::exists(dir.path() / "c.snap"));
    CHECK(run_with(client, {"snapshot", "-", "--depth", "1"}).code != 0);
}
