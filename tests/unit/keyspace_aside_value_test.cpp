#include "keyspace/aside_value.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "keyspace/temporary_key.hpp"
#include "support/fake_client.hpp"
#include "support/replies.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

using Lines = std::vector<std::string>;
using Fate = AsideValue::Placed::Fate;

constexpr std::string_view k_suffix = "0123456789abcdef";

Reply ones(std::size_t n) {
    return Reply::make_array(std::vector<Reply>(n, Reply::make_integer(1)));
}

/// A server that takes all of it.
struct Stage {
    Stage() {
        for (const char* verb : {"RPUSH", "UNLINK", "PEXPIRE", "PERSIST", "RENAMENX", "PTTL"}) {
            client.answer(verb, Reply::make_integer(1));
        }
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

    FakeClient client;
    AsideValue value{client, "k", k_suffix};
};

Reply busy() { return Reply::make_error("BUSY Redis is busy running a script"); }

}  // namespace

TEST_CASE("a value is built up with an end, and placed with its own") {
    Stage stage;
    CHECK_FALSE(stage.build());
    CHECK(stage.value.place({"PEXPIRE", "5000"}).fate == Fate::placed);
    CHECK(stage.lines() == Lines{"MULTI", "UNLINK ~", "RPUSH ~ 0", "PEXPIRE ~ 3600000", "EXEC",
                                 "RPUSH ~ 1", "RPUSH ~ 2", "PTTL ~", "MULTI", "PEXPIRE ~ 5000",
                                 "RENAMENX ~ k", "UNLINK ~", "EXEC"});
}

TEST_CASE("one that never expires loses the end that it was built up with") {
    Stage stage;
    CHECK(stage.value.place({}).fate == Fate::placed);
    CHECK(stage.value.replace({}).fate == Fate::placed);
    CHECK(stage.lines() == Lines{"MULTI", "PERSIST ~", "RENAMENX ~ k", "UNLINK ~", "EXEC",
                                 "WATCH ~", "PTTL ~", "MULTI", "UNLINK k", "RENAMENX ~ k",
                                 "PERSIST k", "EXEC"});
}

TEST_CASE("nothing goes that is not sure to be replaced") {
    for (const std::int64_t left : {-2, -1}) {  // it has gone; it was made anew by a later slice
        Stage stage;
        stage.client.answer("PTTL", Reply::make_integer(left));
        CHECK(stage.build().value_or(Reply()).text == "ERR it was evicted while it was built up");
        const auto placed = stage.value.replace({"PEXPIRE", "5000"});
        CHECK(placed.fate == Fate::refused);
        CHECK(placed.refusal.text == "ERR it was evicted while it was built up");
        CHECK(stage.client.count("UNLINK k ") == 0);
        const Lines lines = stage.client.lines();
        CHECK(Lines(lines.end() - 2, lines.end()) == Lines{"MULTI", "EXEC"});  // no watch is left
    }
}

TEST_CASE("a value that goes between the look and the transaction is looked at again") {
    Stage stage;
    int looks = 0;
    stage.client.on(
        "PTTL", [&looks](const auto&) { return Reply::make_integer(++looks == 1 ? 1000 : -2); });
    stage.client.answer("EXEC", Reply());
    CHECK(stage.value.replace({}).refusal.text == "ERR it was evicted while it was built up");
    CHECK(looks == 2);
}

TEST_CASE("what others write to all the time is theirs") {
    Stage stage;
    stage.client.answer("EXEC", Reply());
    CHECK(stage.value.replace({}).fate == Fate::restless);
    CHECK(stage.client.count("WATCH") == 8);
}

TEST_CASE("whether the key is to be replaced is asked while it is watched") {
    Stage stage;
    std::size_t watched = 0;
    const auto wanted = [&](bool answer) {
        return [&stage, &watched, answer](Client& server) {
            CHECK(&server == &stage.client);
            watched = stage.client.count("WATCH");
            return answer;
        };
    };
    CHECK(stage.value.replace({}, wanted(false)).fate == Fate::unwanted);
    CHECK(watched == 1);
    CHECK(stage.lines() == Lines{"WATCH ~ k", "PTTL ~", "MULTI", "EXEC"});
    CHECK(stage.value.replace({}, wanted(true)).fate == Fate::placed);
    CHECK(watched == 2);
    CHECK(stage.client.count("RENAMENX") == 1);
}

TEST_CASE("a server that is busy is waited for, and the slices come in their order") {
    Stage stage;
    int pushes = 0;
    stage.client.on("RPUSH", [&pushes](const auto&) {
        return ++pushes == 2 ? busy() : Reply::make_integer(1);
    });
    CHECK_FALSE(stage.build());
    const Lines lines = stage.lines();
    REQUIRE(lines.size() > 6);
    const auto again = std::find(lines.begin() + 2, lines.end(), "UNLINK ~");
    REQUIRE(again != lines.end());  // from the beginning
    CHECK(Lines(again, lines.end()) == Lines{"UNLINK ~", "RPUSH ~ 0", "PEXPIRE ~ 3600000", "EXEC",
                                             "RPUSH ~ 1", "RPUSH ~ 2", "PTTL ~"});
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
    stage.client.on("RPUSH", [&pushes](const auto&) {
        return ++pushes == 3 ? Reply::make_error("OOM no") : Reply::make_integer(1);
    });
    CHECK(stage.build().value_or(Reply()).error_prefix() == "OOM");
    CHECK(pushes == 3);
}

TEST_CASE("a reply that is lost before EXEC has changed nothing") {
    for (const char* command : {"WATCH", "PTTL"}) {
        Stage stage;
        stage.client.answer(command, {Reply::Type::lost, 0, "closed", {}});
        const auto placed = stage.value.replace({});
        CHECK(placed.fate == Fate::refused);
        CHECK(placed.refusal.type == Reply::Type::unsent);
    }
    Stage stage;
    stage.client.answer("EXEC", {Reply::Type::lost, 0, "closed", {}});
    CHECK(stage.value.replace({}).refusal.type == Reply::Type::lost);
}

TEST_CASE("a slot that is being moved is waited for, a while") {
    Stage stage;
    int watches = 0;
    stage.client.on("WATCH", [&watches](const auto&) {
        return ++watches < 3 ? Reply::make_error("ASK 1 127.0.0.1:1") : Reply::make_status("OK");
    });
    CHECK(stage.value.replace({}).fate == Fate::placed);
    stage.client.answer("WATCH", Reply::make_error("TRYAGAIN"));
    CHECK(stage.value.replace({}).refusal.text == "ERR its slot is being moved to another node");
}

TEST_CASE("a renaming that the server refuses replaces nothing that we know of") {
    Stage stage;
    const Reply one = Reply::make_integer(1);
    stage.client.answer("EXEC", Reply::make_array({one, Reply::make_error("ERR no"), one}));
    CHECK(stage.value.replace({}).refusal.text == "ERR no");
    stage.client.answer("EXEC", Reply::make_array({one, Reply::make_integer(0), one}));
    CHECK(stage.value.replace({}).fate == Fate::refused);
    stage.client.answer("EXEC", ones(2));
    CHECK(stage.value.replace({}).fate == Fate::refused);
}
