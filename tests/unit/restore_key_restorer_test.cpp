#include "restore/key_restorer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pace/paces.hpp"
#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

constexpr auto k_now = std::chrono::milliseconds(1'800'000'000'000);

/// A backup, and a restorer of all its keys.
class Stage {
public:
    explicit Stage(RestoreOptions options = {}) : m_options(options) {}

    RdbWriter& writer() { return m_writer; }
    void add(std::string_view name, std::string_view text,
             std::optional<std::chrono::milliseconds> expires_at = {}) {
        const std::string value = static_cast<char>(text.size()) + std::string(text);
        m_writer.add({.name = name, .expires_at = expires_at},
                     make_dump_payload(RdbType::string, value, 11));
    }
    RestoreTally run(const std::string& spared = "") {
        m_writer.commit();
        m_writer.finish();
        const RdbFile file(m_path);
        RdbReader reader = file.reader();
        Paces paces(client, {});
        KeyRestorer restorer(client, paces, file, reader.version(), m_options,
                             [] { return WallTime(k_now); });
        for (RdbItem item = reader.next(); item != RdbItem::end; item = reader.next()) {
            if (item == RdbItem::key) {
                restorer.restore(reader.key(), reader.key().name == spared);
            }
        }
        restorer.settle();
        stopped = restorer.stopped();
        version = restorer.other_version();
        return restorer.tally();
    }

    FakeClient client;
    std::optional<Error> stopped;
    std::optional<int> version;

private:
    TempDir m_dir;
    std::string m_path = (m_dir.path() / "backup.rdb").string();
    RdbWriter m_writer{m_path, {}};
    RestoreOptions m_options;
};

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

TEST_CASE("a large value is built up aside, with an end of its own until it is renamed") {
    for (const bool replace : {false, true}) {
        Stage stage({.replace = replace});
        const auto integer = [](const auto&) { return Reply::make_integer(1); };
        for (const char* command : {"APPEND", "PEXPIRE", "PTTL", "PEXPIREAT", "RENAMENX"}) {
            stage.client.on(command, integer);
        }
        stage.client.on("RENAME", [](const auto&) { return Reply::make_status("QUEUED"); });
        stage.client.on("EXEC", [replace, first = true](const auto&) mutable {
            const Reply one = Reply::make_integer(1);
            if (std::exchange(first, false)) {
                return Reply::make_array({});
            }
            return replace ? Reply::make_array({one, Reply::make_status("OK"), one})
                           : Reply::make_array({one, one, one});
        });
        const std::string text(300'000, 'x');
        stage.writer().begin({.name = "k", .expires_at = k_now + 5s}, RdbType::string);
        stage.writer().add_string(text);
        const RestoreTally tally = stage.run();
        CHECK(tally.restored == 1);
        CHECK(tally.bytes > 300'000);
        Lines verbs;
        for (const std::string& line : stage.client.lines()) {
            verbs.push_back(line.substr(0, line.find(' ')));
        }
        const Lines begin = {"MULTI", "UNLINK", "EXEC"};
        const Lines aside = {"APPEND", "PEXPIRE", "APPEND", "PTTL", "MULTI", "PEXPIREAT"};
        Lines expected = begin;
        if (!replace) {
            expected.emplace_back("EXISTS");
        }
        expected.insert(expected.end(), aside.begin(), aside.end());
        const Lines end =
            replace ? Lines{"RENAME", "UNLINK", "EXEC"} : Lines{"RENAMENX", "UNLINK", "EXEC"};
        expected.insert(expected.end(), end.begin(), end.end());
        CHECK(verbs == expected);
    }
}

TEST_CASE("nothing is built up where transactions are not to be had") {
    Stage stage;
    stage.client.on("MULTI", [](const auto&) {
        return Reply::make_error("NOPERM this user has no permissions to run the 'multi' command");
    });
    stage.writer().begin({.name = "k"}, RdbType::string);
    stage.writer().add_string(std::string(300'000, 'x'));
    const RestoreTally tally = stage.run();
    CHECK(tally.not_attempted == 1);
    CHECK(stage.stopped);
    CHECK(stage.client.count("APPEND") == 0);
}

TEST_CASE("a value that was evicted while it was built up replaces nothing") {
    Stage stage({.replace = true});
    const auto integer = [](const auto&) { return Reply::make_integer(1); };
    stage.client.on("APPEND", integer);
    stage.client.on("PEXPIRE", integer);
    stage.client.on("PTTL", [](const auto&) { return Reply::make_integer(-1); });
    stage.client.on("EXEC", [](const auto&) { return Reply::make_array({}); });
    stage.writer().begin({.name = "k"}, RdbType::string);
    stage.writer().add_string(std::string(300'000, 'x'));
    const RestoreTally tally = stage.run();
    CHECK(tally.restored == 0);
    CHECK(tally.failed == 1);
    CHECK(stage.client.count("RENAME") == 0);
    CHECK(stage.client.lines().back().starts_with("UNLINK "));
}
