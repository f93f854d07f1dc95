// KeyChanger with a backup: what is changed is in the file before, whatever the server answers.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "change/key_changer.hpp"
#include "change/usable_keys.hpp"
#include "rdb/payload.hpp"
#include "support/fake_client.hpp"
#include "support/replies.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = FakeClient::Args;

namespace {

Reply text(const std::string& bytes) {
    Reply reply;
    reply.type = Reply::Type::string;
    reply.text = bytes;
    return reply;
}

Reply status(const std::string& bytes) {
    Reply reply = text(bytes);
    reply.type = Reply::Type::status;
    return reply;
}

/// A server with transactions; `values` is what it has.
struct Stage {
    Stage() {
        client.on("PTTL", [this](const Args& args) { return perform(args); });
        client.on("DUMP", [this](const Args& args) { return perform(args); });
        client.on("UNLINK", [this](const Args& args) { return perform(args); });
        client.on("PEXPIRE", [this](const Args& args) { return perform(args); });
        client.on("MULTI", [this](const Args&) {
            saved_before_multi = content();
            is_open = true;
            return status("OK");
        });
        client.on("EXEC", [this](const Args&) {
            is_open = false;
            Reply reply;
            reply.type = Reply::Type::array;
            for (const Args& args : std::exchange(queued, {})) {
                reply.elements.push_back(perform(args));
            }
            return reply;
        });
    }

    Reply perform(const Args& args) {
        if (is_open) {
            queued.push_back(args);
            return status("QUEUED");
        }
        if (args[0] == "PTTL") {
            const auto ttl = ttls.find(args[1]);
            return Reply::make_integer(!values.contains(args[1]) ? -2
                                       : ttl == ttls.end()       ? -1
                                                                 : ttl->second);
        }
        if (args[0] == "DUMP") {
            const auto value = values.find(args[1]);
            return value == values.end()
                       ? Reply()
                       : text(make_dump_payload(RdbType::string, "\1" + value->second, 9));
        }
        if (args[0] == "PEXPIRE") {
            if (!values.contains(args[1]) || refuses_expiry) {
                return Reply::make_integer(0);
            }
            ttls[args[1]] = std::stoll(args[2]);
            return Reply::make_integer(1);
        }
        std::int64_t removed = 0;
        for (std::size_t i = 1; i < args.size(); ++i) {
            removed += static_cast<std::int64_t>(values.erase(args[i]));
        }
        return Reply::make_integer(removed);
    }

    std::map<std::string, std::string> content() {
        if (std::filesystem::file_size(path) == 0) {
            return {};  // nothing was saved
        }
        const RdbFile file(path);
        std::map<std::string, std::string> found;
        UsableKeys(file, check_rdb(file), Repeated::maybe).each([&](const RdbKey& key) {
            found[key.name] = file.bytes(key.value_offset + 1, 1);
            return true;
        });
        return found;
    }

    /// When the keys of the file end, by a clock that began with the server; 0: never.
    std::map<std::string, std::int64_t> ends() {
        const RdbFile file(path);
        std::map<std::string, std::int64_t> found;
        UsableKeys(file, check_rdb(file), Repeated::maybe).each([&](const RdbKey& key) {
            found[key.name] = key.expires_at.value_or(std::chrono::milliseconds(0)).count();
            return true;
        });
        return found;
    }

    /// Before each transaction.
    void meanwhile(const std::function<void()>& act) {
        client.on("MULTI", [act, multi = client.handler("MULTI")](const Args& args) {
            act();
            return multi(args);
        });
    }

    ChangeTally expire(const std::vector<std::string>& keys, KeyChangerOptions options = {}) {
        options.backup = &backup;
        KeyChanger changer(client, paces, options);
        for (const std::string& key : keys) {
            client.keys[key] = {};
            changer.send({"PEXPIRE", {key}, "5000", options.check ? "LT" : ""});
        }
        changer.finish();
        stopped = changer.stopped();
        backup.commit();
        return changer.tally();
    }

    ChangeTally remove(const std::vector<std::string>& keys) {
        KeyChangerOptions options;
        options.backup = &backup;
        options.put_off = [this](const std::string& key) { large.push_back(key); };
        KeyChanger changer(client, paces, options);
        for (const std::string& key : keys) {
            client.keys[key] = {};
            changer.change(key);
        }
        changer.finish();
        stopped = changer.stopped();
        backup.commit();
        return changer.tally();
    }

    TempDir dir;
    std::string path = (dir.path() / "backup.rdb").string();
    FakeClient client;
    Paces paces{client, {}};
    std::map<std::string, std::string> values = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
    std::map<std::string, std::int64_t> ttls;
    bool refuses_expiry = false;
    Backup backup{path, {}, 0, {.server_now = [] { return WallTime{}; }}};
    std::vector<Args> queued;
    bool is_open = false;
    std::map<std::string, std::string> saved_before_multi;
    std::vector<std::string> large;
    std::optional<Error> stopped;
};

using Content = std::map<std::string, std::string>;
using Ends = std::map<std::string, std::int64_t>;

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

TEST_CASE("an expiry that was changed in between is what is saved in the end") {
    for (const bool removes : {true, false}) {
        CAPTURE(removes);
        Stage stage;
        stage.ttls = {{"a", 8'000}, {"b", 8'000}};
        stage.meanwhile([&, done = false]() mutable {
            if (!std::exchange(done, true)) {
                stage.ttls = {{"b", 60'000}, {"c", 90'000}};
            }
        });
        const std::vector<std::string> keys = {"a", "b", "c"};
        CHECK((removes ? stage.remove(keys) : stage.expire(keys)).changed == 3);
        CHECK(stage.ends() == Ends{{"a", 0}, {"b", 60'000}, {"c", 90'000}});
        CHECK(stage.content() == Content{{"a", "1"}, {"b", "2"}, {"c", "3"}});
    }
}

TEST_CASE_FIXTURE(Stage, "of a key that is met again what counts is what it was before") {
    ttls = {{"a", 90'000}};
    CHECK(expire({"a"}).changed == 1);
    CHECK(expire({"a"}).changed == 1);
    CHECK(ends() == Ends{{"a", 90'000}});
}

TEST_CASE_FIXTURE(Stage, "an expiry that a repeated command finds may be its own") {
    ttls = {{"a", 90'000}};
    client.on("EXEC", [exec = client.handler("EXEC"), lost = true](const Args& args) mutable {
        const Reply done = exec(args);
        return std::exchange(lost, false) ? broken_reply(Reply::Type::lost) : done;
    });
    KeyChangerOptions options;
    options.retry_unknown = RetryUnknown::yes;
    CHECK(expire({"a"}, options).changed == 1);
    CHECK(client.count("PEXPIRE a") == 2);
    CHECK(ends() == Ends{{"a", 90'000}});
}

TEST_CASE_FIXTURE(Stage,
                  "a key that is left alone at first is saved as it was when it is changed") {
    ttls = {{"a", 90'000}};
    refuses_expiry = true;
    int transactions = 0;
    meanwhile([&] {
        refuses_expiry = ++transactions == 1;
        ttls["a"] = transactions * 100'000;
    });
    KeyChangerOptions options;
    options.check = KeyCheck{};
    options.check->when = KeyCheck::When::in_doubt;
    options.check->decide = [](const KeyFacts& facts, const KeyCommand&) {
        return std::optional(KeyCommand{"PEXPIRE", {facts.key}, "5000", "LT"});
    };
    options.check->facts.ttl = true;
    CHECK(expire({"a"}, options).changed == 1);
    CHECK(transactions == 2);
    CHECK(ends() == Ends{{"a", 200'000}});
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
    client.on("DUMP", [](const Args&) { return text("nonsense"); });
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
        return Reply::make_error("EXECABORT Transaction discarded because of previous errors.");
    });
    CHECK(remove({"a", "b"}).changed == 2);
    CHECK(values == Content{{"c", "3"}});
    CHECK(content() == Content{{"a", "1"}, {"b", "2"}});
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
