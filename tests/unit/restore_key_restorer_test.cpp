#include "restore/key_restorer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rdb/payload.hpp"
#include "support/restore_stage.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

using Stage = RestoreStage;

constexpr auto k_now = k_restored_at;

std::string payload(std::string_view text, int version = 11) {
    return make_dump_payload(RdbType::string, static_cast<char>(text.size()) + std::string(text),
                             version);
}

/// Answers RESTORE as a server that has these keys.
FakeClient::Handler restoring(const std::vector<std::string>& there) {
    return [there](const FakeClient::Args& args) {
        const bool exists = std::find(there.begin(), there.end(), args[1]) != there.end();
        const bool replaces = std::find(args.begin(), args.end(), "REPLACE") != args.end();
        return exists && !replaces ? Reply::make_error("BUSYKEY Target key name already exists.")
                                   : Reply::make_status("OK");
    };
}

}  // namespace

TEST_CASE("keys are restored with the end that they had; what exists is left, what is over too") {
    Stage stage;
    stage.client.on("RESTORE", restoring({"there"}));
    stage.add("a", "x");
    stage.add("there", "y");
    stage.add("over", "z", k_now);
    stage.add("soon", "z", k_now + 1ms);
    const RestoreTally tally = stage.run();
    CHECK(stage.client.lines() == Lines{"RESTORE a 0 " + payload("x") + " ABSTTL",
                                        "RESTORE there 0 " + payload("y") + " ABSTTL",
                                        "RESTORE soon 1800000000001 " + payload("z") + " ABSTTL"});
    CHECK(tally.restored == 2);
    CHECK(tally.exists == 1);
    CHECK(tally.expired_since == 1);
    CHECK_FALSE(stage.stopped);
}

TEST_CASE("--replace overwrites all but what is spared") {
    Stage stage({.replace = true});
    stage.client.on("RESTORE", restoring({"there", "spared"}));
    stage.add("there", "y");
    stage.add("spared", "y");
    const RestoreTally tally = stage.run("spared");
    CHECK(stage.client.lines() == Lines{"RESTORE there 0 " + payload("y") + " ABSTTL REPLACE",
                                        "RESTORE spared 0 " + payload("y") + " ABSTTL"});
    CHECK(tally.restored == 1);
    CHECK(tally.protected_keys == 1);
}

TEST_CASE("a dry run looks and sends no value") {
    Stage stage({.dry_run = true});
    stage.client.keys["there"] = {};
    stage.add("a", "x");
    stage.add("there", "y");
    const RestoreTally tally = stage.run();
    CHECK(stage.client.lines() == Lines{"EXISTS a", "EXISTS there"});
    CHECK(tally.restored == 1);
    CHECK(tally.exists == 1);
}

TEST_CASE("what the server refuses of one key is counted by its reason, and the others go on") {
    Stage stage;
    stage.client.on("RESTORE", [](const FakeClient::Args& args) {
        return args[1] == "bad" ? Reply::make_error("ERR Bad data format")
                                : Reply::make_status("OK");
    });
    stage.add("bad", "x");
    stage.add("good", "x");
    const RestoreTally tally = stage.run();
    CHECK(tally.restored == 1);
    CHECK(tally.failed == 1);
    CHECK(tally.reasons.at("ERR Bad data format") == 1);
    CHECK(tally.failed_keys == Lines{"bad"});
}

TEST_CASE("what would be refused of every key stops it") {
    for (const char* error : {"OOM command not allowed when used memory > 'maxmemory'.",
                              "READONLY You can't write against a read only replica.",
                              "NOPERM this user has no permissions to run the 'restore' command"}) {
        Stage stage;
        stage.client.on("RESTORE", [error](const auto&) { return Reply::make_error(error); });
        stage.add("a", "x");
        const RestoreTally tally = stage.run();
        CHECK(stage.stopped);
        CHECK(tally.not_attempted == 1);
        CHECK(tally.failed == 0);
    }
}

TEST_CASE("--any-version finds the newest version that the server takes") {
    const auto old_server = [](const FakeClient::Args& args) {
        for (const int version : {9, 10}) {
            if (args[3] == payload("x", version)) {
                return Reply::make_status("OK");
            }
        }
        return Reply::make_error("ERR DUMP payload version or checksum are wrong");
    };
    Stage strict;
    strict.client.on("RESTORE", old_server);
    strict.add("a", "x");
    CHECK(strict.run().failed == 1);
    CHECK_FALSE(strict.version);

    Stage any({.any_version = true});
    any.client.on("RESTORE", old_server);
    any.add("a", "x");
    any.add("b", "x");
    CHECK(any.run().restored == 2);
    CHECK(any.version == 10);
}

TEST_CASE("a server that is busy is waited for") {
    Stage stage;
    int tries = 0;
    stage.client.on("RESTORE", [&tries](const auto&) {
        return ++tries < 3 ? Reply::make_error("BUSY Redis is busy running a script.")
                           : Reply::make_status("OK");
    });
    stage.add("a", "x");
    CHECK(stage.run().restored == 1);
}

TEST_CASE("a key whose time ends while the server is busy replaces nothing") {
    Stage stage({.replace = true});
    stage.client.on("RESTORE", [&stage](const auto&) {
        stage.now += 10s;
        return Reply::make_error("BUSY Redis is busy running a script.");
    });
    stage.add("k", "x", k_restored_at + 5s);
    CHECK(stage.run().expired_since == 1);
    CHECK(stage.client.count("RESTORE") == 1);
}

TEST_CASE("what --replace would overwrite is counted in a dry run; what cannot be asked, too") {
    Stage stage({.replace = true, .dry_run = true});
    stage.client.on("EXISTS", [](const FakeClient::Args& args) {
        return args[1] == "odd" ? Reply::make_error("ERR no") : Reply::make_integer(1);
    });
    stage.add("there", "x");
    stage.add("odd", "x");
    const RestoreTally tally = stage.run();
    CHECK(tally.overwritten == 1);
    CHECK(tally.failed == 1);
    CHECK(tally.failed_keys == Lines{"odd"});
}

TEST_CASE("idle times and counters of uses are those of the file") {
    Stage stage;
    stage.client.on("RESTORE", restoring({}));
    stage.add({.name = "idle", .idle = 77s}, "x");
    stage.add({.name = "used", .frequency = std::uint8_t{7}}, "x");
    CHECK(stage.run().restored == 2);
    CHECK(stage.client.count("RESTORE idle 0 " + payload("x") + " ABSTTL IDLETIME 77") == 1);
    CHECK(stage.client.count("RESTORE used 0 " + payload("x") + " ABSTTL FREQ 7") == 1);
}

TEST_CASE("after what stops it nothing more is sent, and what was on its way counts as it ends") {
    Stage stage;
    stage.client.on("RESTORE", [](const FakeClient::Args& args) {
        Reply lost;
        lost.type = Reply::Type::lost;
        return args[1] == "1" ? lost : Reply::make_error("OOM command not allowed");
    });
    for (int i = 0; i < 600; ++i) {  // 512 may be on their way
        stage.add(std::to_string(i), "x");
    }
    const RestoreTally tally = stage.run();
    REQUIRE(stage.stopped);
    CHECK(stage.client.count("RESTORE") < 600);
    CHECK(tally.unknown == 1);
    CHECK(tally.not_attempted == 599);
}

TEST_CASE("a reply that is lost leaves its key unknown, and stops it") {
    Stage stage;
    stage.client.on("RESTORE", [](const auto&) {
        Reply lost;
        lost.type = Reply::Type::lost;
        return lost;
    });
    stage.add("a", "x");
    CHECK(stage.run().unknown == 1);
    CHECK(stage.stopped);
}

TEST_CASE("keys that the user may not touch, or of another type, are refused one by one") {
    for (const char* error : {"NOPERM No permissions to access a key", "WRONGTYPE Operation"}) {
        Stage stage;
        stage.client.on("RESTORE", [error](const auto&) { return Reply::make_error(error); });
        stage.add("a", "x");
        stage.add("b", "x");
        CHECK(stage.run().failed == 2);
        CHECK_FALSE(stage.stopped);
    }
    Stage renamed;
    renamed.client.on("RESTORE", [](const auto&) {
        return Reply::make_error("ERR unknown command 'RESTORE', with args beginning with: 'a'");
    });
    renamed.add("a", "x");
    CHECK(renamed.run().not_attempted == 1);
    CHECK(renamed.stopped);
}

TEST_CASE("of many reasons the first are kept, and the first keys") {
    Stage stage;
    stage.client.on("RESTORE", [](const FakeClient::Args& args) {
        const int n = std::stoi(args[1]);
        return Reply::make_error("ERR reason " + std::to_string(n < 30 ? n : 0));
    });
    for (int i = 0; i < 32; ++i) {
        stage.add(std::to_string(i), "x");
    }
    const RestoreTally tally = stage.run();
    CHECK(tally.failed == 32);
    CHECK(tally.reasons.size() == 20);
    CHECK(tally.reasons.at("ERR reason 0") == 3);
    CHECK(tally.failed_keys == Lines{"0", "1", "2", "3", "4"});
}

TEST_CASE("a server that takes no version is not asked for ever") {
    Stage stage({.any_version = true});
    stage.client.on("RESTORE", [](const auto&) {
        return Reply::make_error("ERR DUMP payload version or checksum are wrong");
    });
    stage.add("a", "x");
    CHECK(stage.run().failed == 1);
    CHECK(stage.client.count("RESTORE") == 3);  // of 11, 10 and 9
}

TEST_CASE("a large value of a type that cannot be built up is sent as it is") {
    Stage stage;
    stage.client.on("RESTORE", restoring({}));
    const std::string value = std::string("\x80\x00\x03\x0d\x40", 5) + std::string(200'000, 'x');
    stage.writer().add({.name = "ints"}, make_dump_payload(RdbType::set_intset, value, 11));
    CHECK(stage.run().restored == 1);
    CHECK(stage.client.lines().size() == 1);
}
