#include <doctest/doctest.h>

#include "support/key_writing.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

/// A server that has MSETEX.
struct Newest : FakeClient {
    Newest() {
        info.name = "redis";
        info.version = "8.4.0";
    }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const std::string& line : lines()) {
            names.push_back(line.substr(0, line.find(' ')));
        }
        return names;
    }
};

}  // namespace

TEST_CASE("strings of one TTL leave in one command") {
    Newest client;
    Writing writing(client);
    writing.set("a");
    writing.set("b");
    writing.write("c", EncodeAs::json, {"{}"}, 2s);
    writing.write("d", EncodeAs::string, {"x"}, 2s);
    writing.write("e", EncodeAs::string, {"x"}, {}, IfExists::overwrite);
    writing.write("f", EncodeAs::string, {"y"}, {}, IfExists::overwrite);
    const WriteTally& tally = writing.settle().tally();
    CHECK(client.lines() == Lines{"MSETEX 2 a {} b {} NX PX 1000", "MSETEX 2 c {} d x NX PX 2000",
                                  "MSETEX 2 e x f y"});
    CHECK(tally.written == 6);
    CHECK(client.keys["b"].ttl_ms == 1000);
    CHECK(client.keys["f"].value == "y");
}

TEST_CASE("no more than sixteen, and one by itself is a SET") {
    Newest client;
    Writing writing(client);
    for (int i = 0; i < 33; ++i) {
        writing.set("k" + std::to_string(i));
    }
    CHECK(writing.settle().tally().written == 33);
    CHECK(client.names() == Lines{"MSETEX", "MSETEX", "SET"});
    CHECK(client.keys.size() == 33);
}

TEST_CASE("where one is there none is written, and each is asked for by itself") {
    Newest client;
    client.keys["k3"] = {.value = "old"};
    Writing writing(client);
    std::vector<Outcome> outcomes;
    writing.writer().on_outcome([&](Outcome outcome) { outcomes.push_back(outcome); });
    for (int i = 0; i < 16; ++i) {
        writing.set("k" + std::to_string(i));
    }
    const WriteTally& tally = writing.settle().tally();
    CHECK(tally.written == 15);
    CHECK(tally.skipped == 1);
    CHECK(client.keys["k3"].value == "old");
    REQUIRE(outcomes.size() == 16);
    CHECK(outcomes[3] == Outcome::existed);
    CHECK(client.names().size() == 17);
    // What follows is likely to be there as well.
    for (int i = 16; i < 32; ++i) {
        writing.set("k" + std::to_string(i));
    }
    CHECK(writing.settle().tally().written == 31);
    CHECK(client.names().size() == 33);
}

TEST_CASE("of two of one name the first counts, and of two that overwrite the last") {
    Newest client;
    Writing writing(client);
    writing.write("a", EncodeAs::string, {"1"}, 1s);
    writing.write("a", EncodeAs::string, {"2"}, 1s);
    writing.write("b", EncodeAs::string, {"1"}, 1s, IfExists::overwrite);
    writing.write("b", EncodeAs::string, {std::string(8'000, 'x')}, 1s, IfExists::overwrite);
    const WriteTally& tally = writing.settle().tally();
    CHECK(client.keys["a"].value == "1");
    CHECK(client.keys["b"].value.size() == 8'000);
    CHECK(tally.written == 3);
    CHECK(tally.skipped == 1);
}

TEST_CASE("whoever may not use it, or a server that does not know it, gets SETs") {
    for (const char* error : {"NOPERM User warm has no permissions to run the 'msetex' command",
                              "ERR unknown command 'MSETEX'", "ERR syntax error"}) {
        CAPTURE(error);
        Newest client;
        client.on("MSETEX", [error](const auto&) { return Reply::make_error(error); });
        Writing writing(client);
        for (int i = 0; i < 40; ++i) {
            writing.set("k" + std::to_string(i));
        }
        CHECK(writing.settle().tally().written == 40);
        for (int i = 40; i < 80; ++i) {
            writing.set("k" + std::to_string(i));
        }
        CHECK(writing.settle().tally().written == 80);
        CHECK(client.keys.size() == 80);
        const Lines names = client.names();
        CHECK(std::count(names.begin(), names.end(), "MSETEX") ==
              3);  // sent before the first reply
    }
}

TEST_CASE("a full server refuses each, a busy one is asked again, a lost reply tells nothing") {
    Newest full;
    for (const char* name : {"MSETEX", "SET"}) {
        full.on(name, [](const auto&) {
            return Reply::make_error("OOM command not allowed when used memory > 'maxmemory'.");
        });
    }
    Writing refused(full);
    refused.set("a");
    refused.set("b");
    CHECK(refused.settle().tally().written == 0);
    CHECK(refused.writer().out_of_memory());

    Newest busy;
    busy.on("MSETEX", [](const auto&) { return Reply::make_error("BUSY a script is running"); });
    Writing late(busy);
    late.set("a");
    late.set("b");
    CHECK(late.settle().tally().written == 2);

    Newest lost;
    lost.on("MSETEX", [](const auto&) { return broken(Reply::Type::lost); });
    Writing unknown(lost);
    unknown.set("a");
    unknown.set("b");
    CHECK(unknown.settle().tally().unknown == 2);
    CHECK(unknown.writer().stopped().has_value());
    unknown.set("c");
    unknown.set("d");
    CHECK(unknown.settle().tally().not_attempted == 2);
}

TEST_CASE("what else is written, or looked at first, goes by itself and in its turn") {
    Newest client;
    client.keys["b"] = {.value = "{}", .ttl_ms = 500};
    Writing writing(client);
    writing.set("a");
    writing.set("b", IfExists::update);
    writing.set("c");
    writing.set("d");
    const WriteTally& tally = writing.settle().tally();
    CHECK(tally.written == 3);
    CHECK(tally.unchanged == 1);
    CHECK(client.names().front() == "SET");
    CHECK(client.names().back() == "MSETEX");
}

TEST_CASE("the first of one name counts too where its batch was refused for another key") {
    Newest client;
    client.keys["there"] = {.value = "old"};
    Writing writing(client);
    // Refused as a whole because of "there"; "a" is asked for again when that has come back.
    writing.write("there", EncodeAs::string, {"1"}, 1s);
    writing.write("a", EncodeAs::string, {"1"}, 1s);
    writing.write("a", EncodeAs::string, {"2"}, 1s);
    writing.write("b", EncodeAs::string, {"1"}, 1s);
    writing.write("there", EncodeAs::string, {"2"}, 1s);
    writing.write("b", EncodeAs::string, {"2"}, 2s);
    const WriteTally& tally = writing.settle().tally();
    CHECK(client.keys["a"].value == "1");
    CHECK(client.keys["b"].value == "1");
    CHECK(client.keys["b"].ttl_ms == 1000);
    CHECK(client.keys["there"].value == "old");
    CHECK(tally.written == 2);
    CHECK(tally.skipped == 4);
}
