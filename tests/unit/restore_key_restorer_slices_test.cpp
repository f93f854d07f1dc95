#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "support/fake_client.hpp"
#include "support/replies.hpp"
#include "support/restore_stage.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;
using Stage = RestoreStage;

/// The string has two slices, of which the first one is as long as it may be.
constexpr std::int64_t k_first_slice = 262'144;
constexpr std::int64_t k_length = 300'000;

void take_all(FakeClient& client) {
    for (const char* verb : {"PEXPIRE", "PEXPIREAT", "PTTL", "PERSIST", "RENAMENX"}) {
        client.answer(verb, Reply::make_integer(1));
    }
    client.answer("APPEND", Reply::make_integer(k_length));  // the first slice's answer is EXEC's
    client.answer("STRLEN", Reply::make_integer(k_length));
    client.answer("WATCH", Reply::make_status("OK"));
}

/// EXEC's answer to the first slice: nothing was left, its length, its end.
Reply begun() {
    return Reply::make_array(
        {Reply::make_integer(0), Reply::make_integer(k_first_slice), Reply::make_integer(1)});
}

/// What EXEC answers to the look whether there are transactions, to the first slice between what
/// an earlier try has left and its end, and to the renaming.
FakeClient::Handler executing(const Reply& begun, const Reply& renamed) {
    return [begun, renamed, nth = 0](const auto&) mutable {
        ++nth;
        return nth == 1 ? Reply::make_array({Reply::make_integer(1)}) : nth == 2 ? begun : renamed;
    };
}

Reply ones(std::size_t n) {
    return Reply::make_array(std::vector<Reply>(n, Reply::make_integer(1)));
}

/// A server that takes a value of two slices, and another answer to one command if that is given:
/// one that is refused or lost when it is queued is not executed.
struct Building : Stage {
    explicit Building(const std::string& command = {}, const Reply& answer = {}) {
        take_all(client);
        const bool is_queued = command == "APPEND" || command == "PEXPIRE";
        const Reply aborted = answer.is_broken() ? answer : Reply::make_error("EXECABORT no");
        client.on("EXEC", executing(is_queued ? aborted : begun(), ones(3)));
        if (!command.empty()) {
            client.on(command, [answer](const auto&) { return answer; });
        }
        add_long("k", 300'000);
    }
};

}  // namespace

TEST_CASE("a large value is built up aside, with an end of its own until it takes its place") {
    for (const bool replace : {false, true}) {
        Stage stage({.replace = replace});
        take_all(stage.client);
        stage.client.on("EXEC", executing(begun(), ones(3)));
        stage.add_long("k", 300'000, k_restored_at + 5s);
        const RestoreTally tally = stage.run();
        CHECK(tally.restored == 1);
        CHECK(tally.bytes > 300'000);
        Lines verbs;
        for (const std::string& line : stage.client.lines()) {
            verbs.push_back(line.substr(0, line.find(' ')));
        }
        Lines expected = {"MULTI", "UNLINK", "EXEC"};
        if (!replace) {
            expected.emplace_back("EXISTS");
        }
        const Lines aside = {"MULTI", "UNLINK", "APPEND", "PEXPIRE", "EXEC", "APPEND"};
        expected.insert(expected.end(), aside.begin(), aside.end());
        const Lines look = {"WATCH", "PTTL", "STRLEN", "MULTI"};
        expected.insert(expected.end(), look.begin(), look.end());
        const Lines end = replace ? Lines{"UNLINK", "RENAMENX", "PEXPIREAT", "EXEC"}
                                  : Lines{"PEXPIREAT", "RENAMENX", "UNLINK", "EXEC"};
        expected.insert(expected.end(), end.begin(), end.end());
        CHECK(verbs == expected);
    }
}

TEST_CASE("nothing is built up where transactions are not to be had") {
    Stage stage;
    stage.client.on("MULTI", [](const auto&) {
        return Reply::make_error("NOPERM this user has no permissions to run the 'multi' command");
    });
    stage.add_long("k", 300'000);
    const RestoreTally tally = stage.run();
    CHECK(tally.not_attempted == 1);
    CHECK(stage.stopped);
    CHECK(stage.client.count("APPEND") == 0);
}

TEST_CASE("one large value that the user may not write leaves the others to be restored") {
    Stage stage;
    const auto exec = executing(begun(), ones(3));
    bool is_denied = false;
    stage.client.on("UNLINK", [&is_denied](const auto& args) {
        is_denied = args[1].starts_with("no");
        return is_denied ? Reply::make_error("NOPERM No permissions to access a key")
                         : Reply::make_integer(1);
    });
    take_all(stage.client);
    stage.client.on("EXEC", [&is_denied, exec](const auto& args) {
        return is_denied ? Reply::make_error("EXECABORT Transaction discarded") : exec(args);
    });
    stage.add_long("no", 300'000);
    stage.add_long("k", 300'000);
    const RestoreTally tally = stage.run();
    CHECK_FALSE(stage.stopped);
    CHECK(tally.failed == 1);
    CHECK(tally.failed_keys == Lines{"no"});
    CHECK(tally.restored == 1);
}

TEST_CASE("a large value whose time ends while it is built up is not restored") {
    for (const bool got_its_end : {true, false}) {
        Stage stage;
        take_all(stage.client);
        stage.client.on(
            "EXEC", executing(begun(), Reply::make_array({Reply::make_integer(got_its_end ? 1 : 0),
                                                          Reply::make_error("ERR no such key"),
                                                          Reply::make_integer(0)})));
        stage.add_long("k", 300'000, k_restored_at + 5s);
        const RestoreTally tally = stage.run();
        CHECK(tally.restored == 0);
        CHECK(tally.expired_since == (got_its_end ? 1 : 0));
        CHECK(tally.failed == (got_its_end ? 0 : 1));  // it was evicted before
    }
}

TEST_CASE("a value that was evicted while it was built up replaces nothing") {
    Stage stage({.replace = true});
    take_all(stage.client);
    stage.client.on("PTTL", [](const auto&) { return Reply::make_integer(-1); });
    stage.client.on("EXEC", executing(begun(), ones(3)));
    stage.add_long("k", 300'000);
    const RestoreTally tally = stage.run();
    CHECK(tally.restored == 0);
    CHECK(tally.failed == 1);
    CHECK(stage.client.count("RENAMENX") == 0);
    CHECK(stage.client.lines().back().starts_with("UNLINK "));
}

TEST_CASE("what goes wrong while a value is built up is what became of the key") {
    const Reply refused = Reply::make_error("ERR no");
    for (const char* command : {"APPEND", "PEXPIRE", "PTTL"}) {
        CAPTURE(command);
        Building stage(command, refused);
        const RestoreTally tally = stage.run();
        CHECK(tally.failed == 1);
        CHECK(tally.reasons.at("ERR no") == 1);
        CHECK(stage.client.count("RENAMENX") == 0);
        CHECK(stage.client.lines().back().starts_with("UNLINK "));
    }
    Building lost("APPEND", broken_reply());
    CHECK(lost.run().not_attempted == 1);
    CHECK(lost.stopped);
    CHECK(lost.client.count("UNLINK") == 2);  // of the beginnings; nobody would hear another
}

TEST_CASE("a key that somebody makes while its value is built up is left as it is") {
    Building stage;
    const Reply one = Reply::make_integer(1);
    stage.client.on("EXEC",
                    executing(begun(), Reply::make_array({one, Reply::make_integer(0), one})));
    const RestoreTally tally = stage.run();
    CHECK(tally.restored == 0);
    CHECK(tally.exists == 1);
    CHECK(tally.failed == 0);
}

TEST_CASE("whether the key is there is not known, and renaming looks again") {
    Building stage("EXISTS", Reply::make_error("ERR no"));
    CHECK(stage.run().restored == 1);
}

TEST_CASE("a renaming that was not executed restores nothing") {
    const auto run = [](const Reply& exec) {
        Building stage;
        stage.client.on("EXEC", executing(begun(), exec));
        return stage.run();
    };
    CHECK(run(broken_reply()).unknown == 1);
    CHECK(run(Reply::make_error("ERR not now")).failed == 1);
    CHECK(run(Reply::make_array({Reply::make_integer(1)})).restored == 0);
}

TEST_CASE("a first slice that was not executed with its end restores nothing") {
    const auto run = [](const Reply& exec) {
        Building stage;
        stage.client.on("EXEC", executing(exec, ones(3)));
        const RestoreTally tally = stage.run();
        CHECK(tally.restored == 0);
        CHECK(stage.client.count("RENAMENX") == 0);
        return tally;
    };
    const Reply no = Reply::make_error("ERR no");
    CHECK(run(broken_reply()).not_attempted == 1);
    CHECK(run(no).failed == 1);
    const Reply one = Reply::make_integer(1);
    CHECK(run(Reply::make_array({one, no, Reply::make_integer(0)})).failed == 1);
    CHECK(run(Reply::make_array({one, one, no})).failed == 1);
    CHECK(run(ones(2)).not_attempted == 1);
}

TEST_CASE("a server that is busy is waited for between two slices") {
    Building stage;
    int tries = 0;
    stage.client.on("APPEND", [&tries](const auto&) {
        return ++tries == 2 ? Reply::make_error("BUSY Redis is busy running a script.")
                            : Reply::make_integer(k_length);
    });
    int executed = 0;
    stage.client.on("EXEC", [&executed](const auto&) {
        return ++executed == 1 ? ones(1) : executed < 4 ? begun() : ones(3);
    });
    CHECK(stage.run().restored == 1);
    CHECK(tries == 4);  // once more from the beginning, as others may have come behind it
}

TEST_CASE("nothing is built up once the keys before it have stopped it") {
    Stage stage;
    stage.client.on("RESTORE", [](const auto&) { return Reply::make_error("OOM no"); });
    stage.add("small", "x");
    stage.add_long("k", 300'000);
    const RestoreTally tally = stage.run();
    CHECK(tally.not_attempted == 2);
    CHECK(stage.client.count("MULTI") == 0);
}

TEST_CASE("a signal ends the building of a value, and of one that a busy server keeps waiting") {
    for (const char* command : {"APPEND", "WATCH"}) {
        CAPTURE(command);
        Building stage(command);
        stage.client.on(command, [](const auto&) {
            set_stop_signal(2);
            return Reply::make_error("BUSY Redis is busy running a script");
        });
        const RestoreTally tally = stage.run();
        set_stop_signal(0);
        CHECK(tally.not_attempted == 1);
        CHECK(tally.failed == 0);
        CHECK_FALSE(stage.stopped);
        CHECK(stage.client.count("RENAMENX") == 0);
        CHECK(stage.client.lines().back().starts_with("UNLINK "));
    }
}

TEST_CASE("a large value counts as one key of --max-rate") {
    Building stage;
    const auto begun = stage.client.now();
    CHECK(stage.run({.max_rate = 1}).restored == 1);
    CHECK(stage.client.now() - begun < 2s);
}
