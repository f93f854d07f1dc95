// KeyChanger with a backup: what is changed is in the file before, whatever the server answers.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "support/replies.hpp"
#include "support/saving_stage.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = FakeClient::Args;

namespace {

using Stage = SavingStage;
using Content = std::map<std::string, std::string>;

}  // namespace

TEST_CASE_FIXTURE(Stage, "keys are in the file before the transaction that deletes them begins") {
    const ChangeTally tally = remove({"a", "b", "gone"});
    CHECK(tally.changed == 2);
    CHECK(tally.vanished == 1);
    CHECK(saved_before_multi == Content{{"a", "1"}, {"b", "2"}});
    CHECK(values == Content{{"c", "3"}});
}

TEST_CASE_FIXTURE(Stage, "what was written in between is what is saved in the end") {
    const auto multi = client.handler("MULTI");
    client.on("MULTI", [&](const Args& args) {
        values["a"] = "9";
        return multi(args);
    });
    CHECK(remove({"a", "b"}).changed == 2);
    CHECK(saved_before_multi == Content{{"a", "1"}, {"b", "2"}});
    CHECK(content() == Content{{"a", "9"}, {"b", "2"}});
}

TEST_CASE_FIXTURE(Stage, "a key that is gone when the transaction comes has vanished") {
    const auto multi = client.handler("MULTI");
    client.on("MULTI", [&](const Args& args) {
        values.erase("a");
        return multi(args);
    });
    const ChangeTally tally = remove({"a", "b"});
    CHECK(tally.changed == 1);
    CHECK(tally.vanished == 1);
}

TEST_CASE_FIXTURE(Stage, "of a transaction whose reply is lost nobody knows, and all is saved") {
    client.on("EXEC", [](const Args&) { return broken_reply(Reply::Type::lost); });
    const ChangeTally tally = remove({"a", "b"});
    CHECK(tally.unknown == 2);
    CHECK(stopped);
    CHECK(content() == Content{{"a", "1"}, {"b", "2"}});
}

TEST_CASE_FIXTURE(Stage, "where MULTI is refused, what was executed at once is counted") {
    client.on("MULTI", [](const Args&) { return Reply::make_error("BUSY running a script"); });
    client.on("EXEC", [](const Args&) { return Reply::make_error("ERR EXEC without MULTI"); });
    const ChangeTally tally = remove({"a", "b"});
    CHECK(tally.changed == 2);
    CHECK(values == Content{{"c", "3"}});
    CHECK(content() == Content{{"a", "1"}, {"b", "2"}});
}

TEST_CASE_FIXTURE(Stage, "a transaction that is refused as a whole is told by its first reason") {
    client.on("DUMP", [this](const Args& args) {
        return is_open ? Reply::make_error("READONLY You can't write against a read only replica.")
                       : perform(args);
    });
    client.on("UNLINK", [](const Args&) { return Reply::make_error("READONLY You can't write"); });
    client.on("EXEC", [](const Args&) { return Reply::make_error("EXECABORT Transaction"); });
    const ChangeTally tally = remove({"a", "b"});
    CHECK(tally.failed == 2);
    REQUIRE(stopped);
    CHECK(std::string(stopped->what()).find("READONLY") != std::string::npos);
    CHECK(values.size() == 3);
}

TEST_CASE_FIXTURE(Stage, "what cannot be read is not deleted") {
    client.on("DUMP", [](const Args&) {
        return Reply::make_error("NOPERM this user has no permissions to run the 'dump' command");
    });
    const ChangeTally tally = remove({"a", "b"});
    CHECK(tally.failed == 2);
    CHECK(stopped);
    CHECK(client.count("UNLINK") == 0);
}

TEST_CASE_FIXTURE(Stage, "an answer to DUMP that is none stops it") {
    client.on("DUMP", [](const Args&) { return Reply::make_string("nonsense"); });
    const ChangeTally tally = remove({"a", "b"});
    CHECK(tally.not_attempted == 2);
    CHECK(stopped);
    CHECK(client.count("UNLINK") == 0);
}

TEST_CASE_FIXTURE(Stage, "large keys are put off, and not read") {
    client.on("MEMORY",
              [](const Args& args) { return Reply::make_integer(args[2] == "b" ? 200'000 : 60); });
    CHECK(remove({"a", "b", "c"}).changed == 2);
    CHECK(large == std::vector<std::string>{"b"});
    CHECK(client.count("DUMP b") == 0);
    CHECK(values == Content{{"b", "2"}});
}

TEST_CASE_FIXTURE(Stage, "where nobody may know how large keys are, nothing is deleted") {
    client.on("MEMORY", [](const Args&) {
        return Reply::make_error(
            "NOPERM User bob has no permissions to run the 'memory|usage' command");
    });
    const ChangeTally tally = remove({"a", "b"});
    CHECK(tally.failed == 2);
    CHECK(stopped);
    CHECK(values.size() == 3);
}

TEST_CASE_FIXTURE(Stage, "where the server does not know how large keys are, all are put off") {
    client.on("MEMORY", [](const Args&) { return Reply::make_error("ERR unknown command"); });
    const ChangeTally tally = remove({"a", "b"});
    CHECK(tally.failed == 0);
    CHECK_FALSE(stopped);
    CHECK(large == std::vector<std::string>{"a", "b"});
    CHECK(values.size() == 3);
}

TEST_CASE_FIXTURE(Stage, "a key that the user may not read is listed, and the others go") {
    client.on("DUMP", [this](const Args& args) {
        return args[1] == "b" ? Reply::make_error("NOPERM No permissions to access a key")
                              : perform(args);
    });
    const ChangeTally tally = remove({"a", "b", "c"});
    CHECK(tally.changed == 2);
    CHECK(tally.failed == 1);
    CHECK(tally.refused_keys == std::vector<std::string>{"b"});
    CHECK(values == Content{{"b", "2"}});
}

TEST_CASE_FIXTURE(Stage, "a server that is full takes no transaction, and still deletes") {
    client.on("DUMP", [this](const Args& args) {
        return is_open ? Reply::make_error("OOM command not allowed") : perform(args);
    });
    const auto unlink = client.handler("UNLINK");
    client.on("UNLINK", [this, unlink](const Args& args) {
        return is_open ? Reply::make_error("OOM command not allowed") : unlink(args);
    });
    client.on("EXEC", [this](const Args&) {
        is_open = false;
        queued.clear();
        values["a"] = "9";  // after it was saved
        return Reply::make_error("EXECABORT Transaction discarded because of previous errors.");
    });
    CHECK(remove({"a", "b"}).changed == 2);
    CHECK(values == Content{{"c", "3"}});
    CHECK(content() == Content{{"a", "9"}, {"b", "2"}});
}

// The connection ends at the N-th command, for each N: it was executed or not, and nothing comes
// behind it.
TEST_CASE("wherever the connection ends, what is gone is in the file") {
    for (const bool was_executed : {true, false}) {
        int commands = 0;
        for (int last = 0; last <= commands; ++last) {
            Stage stage;
            int sent = 0;
            const auto cut = [&](const std::string& name) {
                const auto handler = stage.client.handler(name);
                stage.client.on(name, [&, handler](const Args& args) {
                    if (sent++ < last) {
                        return handler(args);
                    }
                    if (sent > last + 1) {
                        return broken_reply(Reply::Type::unsent);
                    }
                    if (was_executed) {
                        handler(args);
                    }
                    return broken_reply(Reply::Type::lost);
                });
            };
            stage.client.on("MEMORY", [](const Args&) { return Reply::make_integer(60); });
            for (const char* name : {"MEMORY", "PTTL", "DUMP", "UNLINK", "MULTI", "EXEC"}) {
                cut(name);
            }
            stage.client.reconnects = false;
            const ChangeTally tally = stage.remove({"a", "b", "c"});
            commands = std::max(commands, sent);
            CAPTURE(was_executed);
            CAPTURE(last);
            CHECK(tally.changed + tally.vanished + tally.failed + tally.unknown +
                      tally.not_attempted ==
                  3);
            const auto saved = stage.content();
            for (const char* key : {"a", "b", "c"}) {
                CHECK((stage.values.contains(key) || saved.contains(key)));
            }
            const std::uint64_t gone = 3 - stage.values.size();
            CHECK(tally.changed <= gone);
            CHECK(tally.changed + tally.unknown >= gone);
        }
        CHECK(commands > 10);
    }
}
