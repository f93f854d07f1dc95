// warm on each of the products that support/personas knows: each row arrives as it is, or nothing
// is written and one sentence says why.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "support/personas_stage.hpp"
#include "support/text.hpp"

using namespace cachectl::test;
using Words = PersonaStage::Words;

namespace {

constexpr int k_rows = 60;

/// {"id":7,"t":"x7"}
std::string rows(const std::string& value) {
    std::string text;
    for (int i = 0; i < k_rows; ++i) {
        const std::string n = std::to_string(i);
        text += R"({"id":)" + n + R"(,"t":")" + value + n + "\"}\n";
    }
    return text;
}

struct WarmStage : PersonaStage {
    explicit WarmStage(const Persona& persona) : PersonaStage(persona) {
        fill();
        others = keyspace();
    }

    /// Whether it was done; if not, that transactions are lacking and nothing was written.
    bool loads(Words options, const std::string& input) {
        options.insert(options.begin(), {"warm", "-"});
        const ProcessResult run = PersonaStage::run(options, input);
        CAPTURE(run.out);
        CAPTURE(run.err);
        CHECK(lines_in(run.err) <= 2);
        if (run.exit_code == 0) {
            return true;
        }
        CHECK(run.exit_code == 4);
        CHECK(persona().lacks.contains("transactions"));
        CHECK(has(run.err, "MULTI"));
        CHECK(has(run.err, "nothing was written"));
        return false;
    }

    std::string value_of(const std::string& key) { return ask(key, {"GET", key}).text; }
    std::int64_t ttl_of(const std::string& key) { return ask(key, {"TTL", key}).integer; }

    Keyspace others;
};

void check_loads(WarmStage& stage) {
    const Words strings = {"--key", "new:s:{id}", "--value", "{t}", "--ttl", "1h"};
    REQUIRE(stage.loads(strings, rows("x")));
    CHECK(part_of(stage.keyspace(), "new:s:").size() == k_rows);
    CHECK(stage.value_of("new:s:7") == "x7");
    CHECK(stage.ttl_of("new:s:7") > 3'000);
    // What is there stays, unless it is to be updated.
    REQUIRE(stage.loads(strings, rows("y")));
    CHECK(stage.value_of("new:s:7") == "x7");
    Words updating = strings;
    updating.insert(updating.end(), {"--if-exists", "update", "--verify"});
    if (stage.loads(updating, rows("z"))) {
        CHECK(stage.value_of("new:s:59") == "z59");
        CHECK(stage.ttl_of("new:s:59") > 3'000);
    }
    if (stage.loads({"--key", "new:h:{id}", "--as", "hash", "--ttl", "1h"}, rows("h"))) {
        CHECK(stage.ask("new:h:9", {"HGET", "new:h:9", "t"}).text == "h9");
        CHECK(stage.ttl_of("new:h:9") > 3'000);
    }
    REQUIRE(stage.loads({"--collect", "new:all", "--ttl", "1h"}, rows("c")));
    CHECK(has(stage.value_of("new:all"), "\"c59\""));
}

void check_syncs(WarmStage& stage) {
    for (const char* stale : {"new:s:stale", "new:s:61"}) {
        CHECK(stage.ask(stale, {"SET", stale, "old"}).type != RespValue::Type::error);
    }
    const ProcessResult run = stage.run({"warm", "-", "--key", "new:s:{id}", "--value", "{t}",
                                         "--ttl", "1h", "--sync", "new:s:*", "--yes"},
                                        rows("x"));
    CAPTURE(run.err);
    if (stage.persona().lacks.contains("UNLINK")) {
        CHECK(run.exit_code != 0);
        CHECK(has(run.err, "UNLINK"));
        CHECK(part_of(stage.keyspace(), "new:s:").size() == k_rows + 2);
    } else {
        CHECK(run.exit_code == 0);
        CHECK(part_of(stage.keyspace(), "new:s:").size() == k_rows);
    }
}

}  // namespace

TEST_CASE("on each product rows become keys, and no other key is touched") {
    for (const Persona& one : personas()) {
        CAPTURE(one.name);
        WarmStage stage(one);
        check_loads(stage);
        check_syncs(stage);
        CHECK(without(stage.keyspace(), "new:") == stage.others);
        if (one.lacks.contains("partitions")) {
            CHECK(stage.strange_cursors() == 0);
        }
    }
}
