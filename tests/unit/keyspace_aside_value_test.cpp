#include "keyspace/aside_value.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "keyspace/temporary_key.hpp"
#include "redis/error_reply.hpp"
#include "support/fake_client.hpp"
#include "support/replies.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

using Lines = std::vector<std::string>;
using Fate = AsideValue::Placed::Fate;

constexpr std::string_view k_suffix = "0123456789abcdef";

Reply ones(std::size_t n) {
    return Reply::make_array(std::vector<Reply>(n, Reply::make_integer(1)));
}

/// A server that takes all of it: the one list that is built.
struct Stage {
    Stage() {
        for (const char* verb : {"UNLINK", "PEXPIRE", "PEXPIREAT", "PERSIST", "RENAMENX", "PTTL"}) {
            client.answer(verb, Reply::make_integer(1));
        }
        // The first one is answered by EXEC.
        client.on("RPUSH", [this](const FakeClient::Args& args) {
            length = args.at(2) == "0" ? 1 : length + 1;
            return Reply::make_integer(length);
        });
        client.on("LLEN", [this](const auto&) { return Reply::make_integer(length); });
        client.answer("WATCH", Reply::make_status("OK"));
        client.answer("EXEC", ones(3));
    }
    std::optional<Reply> build(int slices = 3) {
        return value.build([this, slices]() -> std::optional<Reply> {
            for (int i = 0; i < slices; ++i) {
                const std::string word = std::to_string(i);
                const std::vector<std::string_view> words = {word};
                if (auto refused = value.add("RPUSH", words)) {
                    return refused;
                }
            }
            return std::nullopt;
        });
    }
    /// All commands, with "~" for the name aside.
    [[nodiscard]] Lines lines() const {
        Lines all = client.lines();
        const std::string name = temporary_key("k", k_suffix);
        for (std::string& line : all) {
            if (const auto at = line.find(name); at != std::string::npos) {
                line.replace(at, name.size(), "~");
            }
        }
        return all;
    }

    /// Builds it, and lets it take its place.
    AsideValue::Placed place(const AsideValue::Placing& placing = {.replaces = true}) {
        CHECK_FALSE(build());
        return value.place(placing);
    }
    /// What was sent after the slices.
    [[nodiscard]] Lines placing() const {
        const Lines all = lines();
        return {std::find_if(all.begin(), all.end(),
                             [](const auto& line) { return line.starts_with("WATCH"); }),
                all.end()};
    }

    std::int64_t length = 0;
    FakeClient client;
    AsideValue value{client, "k", k_suffix};
};

Reply busy() { return Reply::make_error("BUSY Redis is busy running a script"); }

}  // namespace

TEST_CASE("a value is built up with an end, and placed with its own") {
    Stage stage;
    CHECK(stage.place({.expiry = "PEXPIRE", .time = "5000"}).fate == Fate::placed);
    CHECK(stage.lines() == Lines{"MULTI", "UNLINK ~", "RPUSH ~ 0", "PEXPIRE ~ 3600000", "EXEC",
                                 "RPUSH ~ 1", "RPUSH ~ 2", "WATCH ~", "PTTL ~", "LLEN ~", "MULTI",
                                 "PEXPIRE ~ 5000", "RENAMENX ~ k", "UNLINK ~", "EXEC"});
}

TEST_CASE("one that never expires loses the end that it was built up with") {
    Stage stage;
    CHECK(stage.place({}).fate == Fate::placed);
    CHECK(stage.placing() == Lines{"WATCH ~", "PTTL ~", "LLEN ~", "MULTI", "PERSIST ~",
                                   "RENAMENX ~ k", "UNLINK ~", "EXEC"});
    Stage other;
    CHECK(other.place({.replaces = true}).fate == Fate::placed);
    CHECK(other.placing() == Lines{"WATCH ~", "PTTL ~", "LLEN ~", "MULTI", "UNLINK k",
                                   "RENAMENX ~ k", "PERSIST k", "EXEC"});
}

TEST_CASE("nothing goes that is not sure to be replaced") {
    const auto check = [](const char* command, std::int64_t answer, const char* refusal) {
        Stage stage;
        stage.client.answer(command, Reply::make_integer(answer));
        const auto placed = stage.place();
        CHECK(placed.fate == Fate::refused);
        CHECK(placed.refusal.text == refusal);
        // No watch is left.
        CHECK(stage.placing() == Lines{"WATCH ~", "PTTL ~", "LLEN ~", "MULTI", "EXEC"});
    };
    check("PTTL", -2, "ERR it was evicted while it was built up");
    check("PTTL", -1, "ERR it was evicted while it was built up");  // made anew by a later slice
    check("LLEN", 2, "ERR a part of it was lost while it was built up");  // another server
}

TEST_CASE("a list that lacks what was pushed before has another server") {
    Stage stage;
    stage.client.on("RPUSH",
                    [then = stage.client.handler("RPUSH"), n = 0](const auto& args) mutable {
                        Reply reply = then(args);
                        reply.integer -= ++n == 3 ? 1 : 0;
                        return reply;
                    });
    CHECK(stage.build().value_or(Reply()).text ==
          "ERR a part of it was lost while it was built up");
}

TEST_CASE("of sets the new members are counted") {
    Stage stage;
    stage.client.on("SADD", [n = 0](const auto&) mutable {
        return Reply::make_integer(++n == 2 ? 7 : 10);  // the first is the first slice's
    });
    stage.client.answer("EXEC", Reply::make_array({Reply::make_integer(0), Reply::make_integer(10),
                                                   Reply::make_integer(1)}));
    stage.client.answer("SCARD", Reply::make_integer(17));
    const std::vector<std::string_view> words = {"a"};
    CHECK_FALSE(stage.value.build([&] {
        CHECK_FALSE(stage.value.add("SADD", words));
        return stage.value.add("SADD", words);
    }));
    stage.client.answer("EXEC", ones(3));
    CHECK(stage.value.place({}).fate == Fate::placed);
}

TEST_CASE("a value that goes between the look and the transaction is looked at again") {
    Stage stage;
    int looks = 0;
    stage.client.on(
        "PTTL", [&looks](const auto&) { return Reply::make_integer(++looks == 1 ? 1000 : -2); });
    CHECK_FALSE(stage.build());
    stage.client.answer("EXEC", Reply());
    CHECK(stage.value.place({.replaces = true}).refusal.text ==
          "ERR it was evicted while it was built up");
    CHECK(looks == 2);
}

TEST_CASE("what others write to all the time is theirs") {
    Stage stage;
    CHECK_FALSE(stage.build());
    stage.client.answer("EXEC", Reply());
    CHECK(stage.value.place({.replaces = true}).fate == Fate::restless);
    CHECK(stage.client.count("WATCH") == 8);
}

TEST_CASE("whether the key is to be replaced is asked while it is watched") {
    for (const bool answer : {false, true}) {
        Stage stage;
        std::size_t watched = 0;
        const auto is_wanted = [&](Client& server) {
            CHECK(&server == &stage.client);
            watched = stage.client.count("WATCH");
            return answer;
        };
        const auto placed = stage.place({.replaces = true, .is_wanted = is_wanted});
        CHECK(placed.fate == (answer ? Fate::placed : Fate::unwanted));
        CHECK(watched == 1);
        CHECK(stage.placing().front() == "WATCH ~ k");
        CHECK(stage.client.count("RENAMENX") == (answer ? 1 : 0));
        CHECK(stage.placing().back() == "EXEC");
    }
}

TEST_CASE("a value whose time is over replaces nothing") {
    Stage stage;
    const auto placed = stage.place({.replaces = true, .is_over = [] { return true; }});
    CHECK(placed.fate == Fate::expired);
    CHECK(stage.client.count("RENAMENX") == 0);
}

TEST_CASE("over a connection that does not watch nothing is replaced") {
    Stage stage;
    stage.client.on("LLEN", [&, then = stage.client.handler("LLEN")](const auto& args) {
        stage.client.connection += stage.client.count("LLEN") == 1 ? 1 : 0;
        return then(args);
    });
    CHECK(stage.place().fate == Fate::placed);
    CHECK(stage.client.count("WATCH") == 2);
    CHECK(stage.client.count("RENAMENX") == 1);
}

TEST_CASE("a transaction that a busy server refused is not sent again unwatched") {
    for (const char* refusal : {"BUSY Redis is busy", "CLUSTERDOWN no", "ASK 1 127.0.0.1:1"}) {
        CAPTURE(refusal);
        Stage stage;
        CHECK_FALSE(stage.build());
        stage.client.on("EXEC", [&, n = 0](const auto&) mutable {
            return ++n == 1 ? Reply::make_error(refusal) : ones(3);
        });
        CHECK(stage.value.place({.replaces = true}).fate == Fate::placed);
        const Lines once = {"WATCH ~",  "PTTL ~",       "LLEN ~",    "MULTI",
                            "UNLINK k", "RENAMENX ~ k", "PERSIST k", "EXEC"};
        Lines twice = once;
        twice.insert(twice.end(), once.begin(), once.end());
        CHECK(stage.placing() == twice);
    }
}

TEST_CASE("what passes is waited for at each step, and a signal ends that") {
    for (const char* command : {"WATCH", "PTTL", "LLEN"}) {
        CAPTURE(command);
        Stage stage;
        CHECK_FALSE(stage.build());
        stage.client.on(command,
                        [n = 0, then = stage.client.handler(command)](const auto& args) mutable {
                            return ++n == 1 ? busy() : then(args);
                        });
        CHECK(stage.value.place({.replaces = true}).fate == Fate::placed);

        stage.client.on(command, [](const auto&) {
            set_stop_signal(2);
            return busy();
        });
        CHECK(stage.value.place({.replaces = true}).fate == Fate::interrupted);
        set_stop_signal(0);
    }
}

TEST_CASE("a server that is busy is waited for, and the slices come in their order") {
    Stage stage;
    int pushes = 0;
    stage.client.on("RPUSH", [&pushes, then = stage.client.handler("RPUSH")](const auto& args) {
        return ++pushes == 2 ? busy() : then(args);
    });
    CHECK_FALSE(stage.build());
    const Lines lines = stage.lines();
    REQUIRE(lines.size() > 6);
    const auto again = std::find(lines.begin() + 2, lines.end(), "UNLINK ~");
    REQUIRE(again != lines.end());  // from the beginning
    CHECK(Lines(again, lines.end()) ==
          Lines{"UNLINK ~", "RPUSH ~ 0", "PEXPIRE ~ 3600000", "EXEC", "RPUSH ~ 1", "RPUSH ~ 2"});
}

TEST_CASE("a server that refuses is not asked for ever") {
    Stage stage;
    int pushes = 0;
    stage.client.on("RPUSH", [&pushes](const auto&) {
        return ++pushes % 2 == 0 ? busy() : Reply::make_integer(1);
    });
    CHECK(stage.build(2).value_or(Reply()).error_prefix() == "BUSY");
    CHECK(pushes == 16);
}

TEST_CASE("what is refused for good is not tried again") {
    Stage stage;
    int pushes = 0;
    stage.client.on("RPUSH", [&pushes, then = stage.client.handler("RPUSH")](const auto& args) {
        return ++pushes == 3 ? Reply::make_error("OOM no") : then(args);
    });
    CHECK(stage.build().value_or(Reply()).error_prefix() == "OOM");
    CHECK(pushes == 3);
}

TEST_CASE("a reply that is lost before EXEC has changed nothing") {
    const Reply lost = {Reply::Type::lost, 0, "closed", {}};
    for (const char* command : {"WATCH", "PTTL", "LLEN"}) {
        Stage stage;
        stage.client.answer(command, lost);
        CHECK(stage.place().refusal.type == Reply::Type::unsent);
    }
    Stage building;
    building.client.answer("RPUSH", lost);
    CHECK(building.build().value_or(Reply()).type == Reply::Type::unsent);
    Stage stage;
    CHECK_FALSE(stage.build());
    stage.client.answer("EXEC", lost);
    CHECK(stage.value.place({.replaces = true}).refusal.type == Reply::Type::lost);
}

TEST_CASE("a slot that is being moved is waited for, a while") {
    Stage stage;
    CHECK_FALSE(stage.build());
    stage.client.answer("WATCH", Reply::make_error("ASK 1 127.0.0.1:1"));
    CHECK(stage.value.place({}).refusal.text == "ERR its slot is being moved to another node");
}

TEST_CASE("a user who may write the key and not the other name is told of that") {
    Stage stage;
    stage.client.answer("RPUSH", Reply::make_error("NOPERM No permissions to access a key"));
    stage.client.answer("EXEC", Reply::make_error("EXECABORT Transaction discarded"));
    const Reply refused = stage.build().value_or(Reply());
    CHECK(refused.text.find("which ~KEY* covers") != std::string::npos);
    CHECK(denied_by(refused) == Denied::key);
}

TEST_CASE("a renaming that the server refuses replaces nothing that we know of") {
    Stage stage;
    CHECK_FALSE(stage.build());
    const Reply one = Reply::make_integer(1);
    const auto place = [&](const Reply& exec, bool replaces) {
        stage.client.answer("EXEC", exec);
        return stage.value.place({.replaces = replaces});
    };
    CHECK(place(Reply::make_array({one, Reply::make_error("ERR no"), one}), true).refusal.text ==
          "ERR no");
    const Reply was_there = Reply::make_array({one, Reply::make_integer(0), one});
    CHECK(place(was_there, true).fate == Fate::refused);
    CHECK(place(was_there, false).fate == Fate::exists);
    CHECK(place(ones(2), true).fate == Fate::refused);
}
