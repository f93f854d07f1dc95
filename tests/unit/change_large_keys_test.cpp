#include "change/large_keys.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "change/usable_keys.hpp"
#include "rdb/payload.hpp"
#include "support/fake_client.hpp"
#include "support/replies.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = FakeClient::Args;
using Fate = LargeKeyOutcome::Fate;

namespace {

/// A client whose keys are another server's.
class Away : public FakeClient {
public:
    [[nodiscard]] Client& home_of(std::string_view /*key*/) override { return *home; }
    Client* home = this;
};

/// A server that has the string "k", and whose transactions are executed.
struct Stage {
    Stage() {
        client.answer("WATCH", Reply::make_status("OK"));
        client.answer("UNWATCH", Reply::make_status("OK"));
        client.answer("MULTI", Reply::make_status("OK"));
        client.answer("UNLINK", Reply::make_status("QUEUED"));
        client.answer("PEXPIRE", Reply::make_status("QUEUED"));
        client.answer("EXEC", Reply::make_array({Reply::make_integer(1)}));
        client.answer("STRLEN", Reply::make_integer(5));
        client.keys["k"] = {.value = "value", .size_bytes = 300'000};
    }
    LargeKeyOutcome change(AllowSlowDump slow = AllowSlowDump::no) {
        LargeKeys keys(client, paces, backup, slow, conditions);
        try {
            const auto outcome = keys.change("k", wanted, [this](const KeyFacts& facts) {
                idle_times.push_back(facts.idle.value_or(std::chrono::seconds(-1)));
                return decide ? decide(facts) : command;
            });
            backup.commit();
            return outcome;
        } catch (const Error& thrown) {
            error = thrown.what();
            unknown = keys.is_outcome_unknown();
        }
        return {};
    }
    /// The names of the keys in the backup.
    [[nodiscard]] std::vector<std::string> saved() const {
        std::vector<std::string> names;
        if (std::filesystem::file_size(path) != 0) {
            const RdbFile file(path);
            UsableKeys(file, check_rdb(file), Repeated::maybe).each([&](const RdbKey& key) {
                names.push_back(key.name);
                return true;
            });
        }
        return names;
    }

    TempDir dir;
    std::string path = (dir.path() / "backup.rdb").string();
    Away client;
    Paces paces{client, {}};
    Backup backup{path, {}, 0, {.server_now = [] { return WallTime{}; }}};
    FactsWanted wanted;
    std::optional<KeyCommand> command = KeyCommand{.verb = "UNLINK", .keys = {"k"}, .argument = {}};
    LargeKeys::Decide decide;  // if not `command`
    Conditions conditions = Conditions::known;
    std::vector<std::chrono::seconds> idle_times;
    std::string error;
    bool unknown = false;
};

/// Its server is full, and queues nothing (before Redis 7.2).
struct Full : Stage {
    Full() {
        client.on("MULTI", [this](const Args&) {
            in_transaction = true;
            return Reply::make_status("OK");
        });
        client.on("UNLINK", [this](const Args&) {
            refused = in_transaction;
            return refused ? Reply::make_error("OOM command not allowed")
                           : (++deleted, Reply::make_integer(1));
        });
        client.on("EXEC", [this](const Args&) {
            in_transaction = false;
            if (std::exchange(refused, false)) {
                return Reply::make_error("EXECABORT Transaction discarded");
            }
            return written-- > 0 ? Reply() : Reply::make_array({});
        });
    }
    bool in_transaction = false;
    bool refused = false;
    int deleted = 0;
    int written = 0;  // times that somebody writes to the key while it is watched
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Stage, "a large key is saved, and then changed") {
    CHECK(change().fate == Fate::changed);
    CHECK(saved() == Names{"k"});
    CHECK(client.count("EXEC") == 1);
}

TEST_CASE_FIXTURE(Stage, "the condition of a change goes with it") {
    command = KeyCommand{.verb = "PEXPIRE", .keys = {"k"}, .argument = "5", .condition = "LT"};
    CHECK(change().fate == Fate::changed);
    CHECK(client.count("PEXPIRE k 5 LT") == 1);
}

TEST_CASE_FIXTURE(Stage, "a condition is not sent to a server that does not know it") {
    conditions = Conditions::unknown;
    command = KeyCommand{.verb = "PEXPIRE", .keys = {"k"}, .argument = "5", .condition = "LT"};
    CHECK(change().fate == Fate::changed);
    CHECK(client.lines().back() == "UNWATCH");
    CHECK(client.count("PEXPIRE k 5") == 1);
    CHECK(client.count("PEXPIRE k 5 LT") == 0);
}

TEST_CASE_FIXTURE(Stage, "what a key is once it has been saved decides, but for its idle time") {
    wanted = {.ttl = true, .idle = true};
    client.keys["k"].ttl_ms = 90'000;
    client.keys["k"].idle_s = 700;
    client.on("GETRANGE", [this](const Args&) {
        client.keys["k"].ttl_ms = 50'000;
        client.keys["k"].idle_s = 0;
        return Reply::make_string("value");
    });
    decide = [](const KeyFacts& facts) {
        return *facts.ttl > std::chrono::seconds(60)
                   ? std::optional(KeyCommand{"PEXPIRE", {facts.key}, "60000", "LT"})
                   : std::nullopt;
    };
    CHECK(change().fate == Fate::left);
    CHECK(idle_times == std::vector(2, std::chrono::seconds(700)));
    CHECK(client.count("PEXPIRE") == 0);
}

TEST_CASE_FIXTURE(Stage, "a key whose condition does not hold any more is looked at again") {
    decide = [this](const KeyFacts& facts) {
        return client.count("EXEC") == 0
                   ? std::optional(KeyCommand{"PEXPIRE", {facts.key}, "60000", "LT"})
                   : std::nullopt;
    };
    client.answer("EXEC", Reply::make_array({Reply::make_integer(0)}));
    CHECK(change().fate == Fate::left);
    CHECK(client.count("PEXPIRE") == 1);
}

TEST_CASE_FIXTURE(Stage, "what needs no change, or has gone, is not saved") {
    command.reset();
    CHECK(change().fate == Fate::left);
    CHECK(client.count("UNWATCH") == 1);
    wanted.existence = true;
    client.keys.clear();
    CHECK(change().fate == Fate::vanished);
    CHECK(saved().empty());
}

TEST_CASE_FIXTURE(Stage, "a key that is gone when it is to be deleted") {
    wanted.existence = true;
    SUBCASE("before it is looked at for the second time") {
        client.on("GETRANGE", [this](const Args&) {
            client.keys.clear();
            return Reply::make_string("value");
        });
    }
    SUBCASE("after that") {
        client.on("EXEC", [this](const Args&) {
            client.keys.clear();
            return Reply::make_array({Reply::make_integer(0)});
        });
    }
    CHECK(change().fate == Fate::vanished);
    CHECK(saved().empty());
}

TEST_CASE_FIXTURE(Stage, "a key that is written to again and again is given up") {
    SUBCASE("while it is changed") { client.answer("EXEC", Reply{}); }
    SUBCASE("before it is read: it has another type") {
        client.answer("GETRANGE", Reply::make_error("WRONGTYPE Operation"));
    }
    SUBCASE("it was deleted") { client.answer("PTTL", Reply::make_integer(-2)); }
    CHECK(change().fate == Fate::restless);
    CHECK(client.count("WATCH") == 3);
    CHECK(saved().empty());  // as it was before: nobody wants that back
}

TEST_CASE_FIXTURE(Stage, "what cannot be read in pieces is dumped where that is allowed") {
    client.keys["k"].type = "stream";
    const auto refused = change();
    CHECK(refused.fate == Fate::only_dumped);
    CHECK(refused.dumping.count() == 2);
    CHECK(client.count("DUMP") == 0);
    client.answer("MEMORY", Reply::make_error("NOPERM no 'memory' for you"));
    CHECK(change().dumping.count() == 0);

    client.answer("DUMP", Reply::make_string(make_dump_payload(RdbType::string, "\1x", 9)));
    CHECK(change(AllowSlowDump::yes).fate == Fate::changed);
    CHECK(saved() == Names{"k"});
    client.answer("DUMP", Reply{});
    CHECK(change(AllowSlowDump::yes).fate == Fate::restless);
    client.answer("DUMP", Reply::make_error("ERR no dump today"));
    (void)change(AllowSlowDump::yes);
    CHECK(error.find("no dump today") != std::string::npos);
}

TEST_CASE_FIXTURE(Stage, "what the server refuses stops it, with nothing in the backup") {
    const char* name = "";
    SUBCASE("TYPE") { name = "TYPE"; }
    SUBCASE("PTTL") { name = "PTTL"; }
    SUBCASE("WATCH") { name = "WATCH"; }
    SUBCASE("EXEC") { name = "EXEC"; }
    client.answer(name, Reply::make_error("ERR not today"));
    (void)change();
    CHECK(error.find("not today") != std::string::npos);
    CHECK_FALSE(unknown);
}

TEST_CASE_FIXTURE(Stage, "an answer that is lost leaves the key unknown") {
    client.answer("EXEC", broken_reply());
    (void)change();
    CHECK_FALSE(error.empty());
    CHECK(unknown);
}

TEST_CASE_FIXTURE(Stage,
                  "after an answer that is none the key may be gone, and stays in the backup") {
    client.answer("EXEC", Reply::make_array({Reply::make_status("OK")}));
    (void)change();
    CHECK_FALSE(error.empty());
    CHECK(unknown);
    CHECK(saved() == Names{"k"});
}

TEST_CASE_FIXTURE(Stage, "a command that is refused in a transaction says why") {
    client.answer("EXEC", Reply::make_error("EXECABORT Transaction discarded"));
    client.answer("UNLINK", Reply::make_error("NOPERM no 'unlink' for you"));
    (void)change();
    CHECK(error.find("unlink") != std::string::npos);
}

TEST_CASE_FIXTURE(Full, "a server that is full queues nothing, but deletes what is watched") {
    CHECK(change().fate == Fate::changed);
    CHECK(deleted == 1);
    // What was written before the refusal is not known, so it is read again.
    CHECK(client.count("WATCH") == 2);
    CHECK(saved() == Names{"k"});
}

TEST_CASE_FIXTURE(Full, "the idle time of what is read twice is that from before") {
    wanted.idle = true;
    client.on("OBJECT", [asked = 0](const Args&) mutable {
        return Reply::make_integer(asked++ == 0 ? 100 : 0);
    });
    CHECK(change().fate == Fate::changed);
    CHECK(idle_times == std::vector<std::chrono::seconds>(4, std::chrono::seconds(100)));
}

TEST_CASE_FIXTURE(Full, "what is written to while a full server is read is saved before it goes") {
    written = 1;
    CHECK(change().fate == Fate::changed);
    CHECK(deleted == 1);
    CHECK(client.count("WATCH") == 3);
}

TEST_CASE_FIXTURE(Full, "what a full server changes all the time is left") {
    written = 10;
    CHECK(change().fate == Fate::restless);
    CHECK(deleted == 0);
}

TEST_CASE_FIXTURE(Stage, "a key that the user may not touch is refused by itself") {
    client.answer("WATCH", Reply::make_error("NOPERM No permissions to access a key"));
    const auto outcome = change();
    CHECK(outcome.fate == Fate::refused);
    CHECK(outcome.refusal == "NOPERM No permissions to access a key");
}

TEST_CASE_FIXTURE(Stage, "a key that the user may read and not change is refused by itself") {
    const Reply denial = Reply::make_error("NOPERM No permissions to access a key");
    client.answer("UNLINK", denial);
    SUBCASE("") { client.answer("EXEC", Reply::make_error("EXECABORT Transaction discarded")); }
    SUBCASE("what EXEC itself says") {
        client.answer("UNLINK", Reply::make_status("QUEUED"));
        client.answer("EXEC", Reply::make_error("EXECABORT Transaction discarded because of: " +
                                                denial.text));
    }
    const auto outcome = change();
    CHECK(error.empty());
    CHECK(outcome.fate == Fate::refused);
    CHECK(outcome.refusal == denial.text);
}

TEST_CASE_FIXTURE(Stage, "a key whose slot is being moved is waited for, a while") {
    FakeClient before;
    client.home = &before;
    int asked = 0;
    before.on("WATCH", [&](const Args&) {
        if (++asked == 3) {
            client.home = &client;
            return Reply::make_error("MOVED 1 h:1");
        }
        return Reply::make_error("ASK 1 h:1");
    });
    SUBCASE("until it has arrived") {
        CHECK(change().fate == Fate::changed);
        CHECK(asked == 3);
    }
    SUBCASE("and no longer") {
        asked = 3;
        CHECK(change().fate == Fate::moving);
        CHECK(saved().empty());
        CHECK(asked > 10);
        CHECK(asked < 100);
    }
    CHECK(error.empty());
}

TEST_CASE_FIXTURE(Stage, "a key that lives elsewhere is looked for there") {
    for (const Reply& reply : {Reply::make_error("MOVED 1 h:1"), Reply::make_error("TRYAGAIN"),
                               broken_reply(Reply::Type::unsent)}) {
        CAPTURE(reply.text);
        FakeClient before;
        before.on("WATCH", [&](const Args&) {
            client.home = &client;
            return reply;
        });
        client.home = &before;
        CHECK(change().fate == Fate::changed);
        CHECK(before.count("WATCH") == 1);
        CHECK(client.count("EXISTS k") >= 1);

        error.clear();
        client.home = &client;
        client.answer("WATCH", reply);  // nobody else can have it
        (void)change();
        CHECK_FALSE(error.empty());
        client.answer("WATCH", Reply::make_status("OK"));
    }
}
