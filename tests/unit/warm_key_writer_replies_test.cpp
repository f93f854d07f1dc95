// What KeyWriter makes of replies: refusals, full servers, lost connections, and how it counts.
#include "warm/key_writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "support/key_writing.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

TEST_CASE("where MULTI is refused nothing is sent, for it would be executed at once") {
    FakeClient client;
    client.on("MULTI", [](const auto&) {
        return Reply::make_error("NOPERM User bob has no permissions to run the 'multi' command");
    });
    Writing writing(client);
    writing.write("h", EncodeAs::hash, {"f", "1"}, 60s);
    writing.write("i", EncodeAs::hash, {"f", "1"}, 60s);
    const KeyWriter& writer = writing.settle();
    CHECK(client.lines() == Lines{"MULTI", "EXEC"});
    REQUIRE(writer.stopped());
    CHECK(writer.stopped()->code() == ExitCode::refused);
    CHECK(writer.stopped()->hint() == "the user lacks the ACL rule +multi");
    CHECK(writer.tally().not_attempted == 2);
}

TEST_CASE("out of memory within a transaction stops at the row that met it") {
    FakeClient client;
    give_transactions(client, {});
    Writing writing(client);
    client.on("RPUSH", [](const auto&) {
        return Reply::make_error("OOM command not allowed when used memory > 'maxmemory'.");
    });
    client.on("EXEC", [n = 0](const auto&) mutable {
        if (n++ == 0) {
            return Reply::make_array({});
        }
        return Reply::make_error("EXECABORT Transaction discarded because of previous errors.");
    });
    writing.write("l", EncodeAs::list, {"x"}, 60s);
    const KeyWriter& writer = writing.settle();
    REQUIRE(writer.stopped());
    CHECK(writer.out_of_memory());
    CHECK(writer.stopped_line() == 1);
    CHECK(std::string(writer.stopped()->what()) ==
          "cannot write keys: OOM command not allowed when used memory > 'maxmemory'");
    CHECK(writer.tally().failed == 1);
}

TEST_CASE("out of memory that only EXEC meets is told apart too") {
    FakeClient client;
    give_transactions(client, {});
    client.on("EXEC", [n = 0](const auto&) mutable {
        if (n++ == 0) {
            return Reply::make_array({});
        }
        return Reply::make_error(
            "EXECABORT Transaction discarded because of: OOM command not allowed when used memory "
            "> 'maxmemory'");
    });
    Writing writing(client);
    writing.write("l", EncodeAs::list, {"x"}, 60s);
    CHECK(writing.settle().out_of_memory());
}

TEST_CASE("a value that only the server finds wrong is one key's failure") {
    FakeClient client;
    give_transactions(client,
                      {Reply::make_error("ERR value is not a valid float"), zero(), zero()});
    Writing writing(client);
    writing.write("z", EncodeAs::zset, {"x", "y"}, {}, IfExists::overwrite);
    const KeyWriter& writer = writing.settle();
    CHECK_FALSE(writer.stopped());
    CHECK(writer.tally().failed == 1);
    CHECK(writer.tally().refused_keys == Lines{"z"});
    CHECK(writer.tally().refusal == "ERR value is not a valid float");
}

TEST_CASE("a key that is not permitted fails by itself, a command that is not stops all") {
    FakeClient client;
    client.on("SET", [](const FakeClient::Args& args) {
        if (args[1] == "b") {
            return Reply::make_error("NOPERM No permissions to access a key");
        }
        if (args[1] == "d") {
            return Reply::make_error("NOPERM User x has no permissions to run the 'set' command");
        }
        return Reply::make_status("OK");
    });
    Writing writing(client);
    for (const char* key : {"a", "b", "c"}) {
        writing.set(key);
    }
    CHECK_FALSE(writing.settle().stopped());
    writing.set("d");
    const KeyWriter& writer = writing.settle();
    REQUIRE(writer.stopped());
    CHECK(writer.stopped_line() == 4);
    writing.set("e");
    writing.settle();
    CHECK(writer.tally().written == 2);
    CHECK(writer.tally().failed == 2);
    CHECK(writer.tally().refused_keys == Lines{"b"});
    CHECK(writer.tally().not_attempted == 1);
    CHECK(client.count("SET e") == 0);
}

TEST_CASE("a lost reply leaves a key unknown, what never left is not attempted") {
    FakeClient client;
    client.on("SET", [](const FakeClient::Args& args) {
        if (args[1] == "a") {
            return Reply::make_status("OK");
        }
        return broken(args[1] == "b" ? Reply::Type::lost : Reply::Type::unsent);
    });
    Writing writing(client);
    for (const char* key : {"a", "b", "c", "d"}) {
        writing.set(key);
    }
    const KeyWriter& writer = writing.settle();
    REQUIRE(writer.stopped());
    CHECK(writer.stopped()->code() == ExitCode::unreachable);
    CHECK(writer.tally().written == 1);
    CHECK(writer.tally().unknown == 1);
    CHECK(writer.tally().not_attempted == 2);
}

TEST_CASE("a transaction whose EXEC never left has not been executed") {
    FakeClient client;
    give_transactions(client, {});
    client.on("EXEC", [n = 0](const auto&) mutable {
        return n++ == 0 ? Reply::make_array({}) : broken(Reply::Type::unsent);
    });
    client.on("HSET", [](const auto&) { return broken(Reply::Type::lost); });
    Writing writing(client);
    writing.write("h", EncodeAs::hash, {"f", "1"}, 60s);
    const KeyWriter& writer = writing.settle();
    REQUIRE(writer.stopped());
    CHECK(writer.tally().unknown == 0);
    CHECK(writer.tally().not_attempted == 1);
}

TEST_CASE("never more is in flight than the bounds say") {
    FakeClient client;
    Writing writing(client);
    std::size_t most = 0;
    for (int i = 0; i < 20'000; ++i) {
        writing.set("key:" + std::to_string(i));
        most = std::max(most, client.pending());
    }
    CHECK(most <= KeyWriter::k_max_keys_in_flight);
    CHECK(most > KeyWriter::k_max_keys_in_flight / 2);
    CHECK(writing.settle().tally().written == 20'000);

    const std::string large(100'000, 'x');
    most = 0;
    for (int i = 0; i < 50; ++i) {
        writing.write("large:" + std::to_string(i), EncodeAs::string, {large});
        most = std::max(most, client.pending());
    }
    CHECK(most * large.size() <= KeyWriter::k_max_bytes_in_flight);
    CHECK(writing.settle().tally().written == 20'050);
}

TEST_CASE("each key is counted where it belongs, besides the tally") {
    FakeClient client;
    client.keys["b"] = client.keys["c"] = {};
    client.on("SET", [&](const FakeClient::Args& args) {
        if (args[1] == "d") {
            return Reply::make_error("NOPERM No permissions to access a key");
        }
        return client.keys.contains(args[1]) ? Reply() : Reply::make_status("OK");
    });
    KeyWriter writer(client);
    WriteCounts first;
    WriteCounts second;
    Encoded value;
    value.parts = {"{}"};
    const auto write = [&](std::string_view key, WriteCounts& counts, bool is_protected) {
        writer.write({.key = key,
                      .value = value,
                      .if_exists = IfExists::overwrite,
                      .is_protected = is_protected,
                      .counts = &counts});
    };
    write("a", first, false);
    write("b", second, true);
    write("dd", second, false);
    write("d", second, false);
    writer.settle();
    CHECK(first.written == 1);
    CHECK(first.bytes == 3);
    CHECK(second.written == 1);
    CHECK(second.protected_keys == 1);
    CHECK(second.failed == 1);
    CHECK(second.bytes == 4);
    CHECK(writer.tally().written == 2);
    CHECK(writer.tally().bytes == 7);
}

TEST_CASE("what became of each key is told in the order of writing") {
    FakeClient client;
    client.keys["there"] = {};
    client.on("SET", [](const FakeClient::Args& args) {
        if (args[1] == "mine") {
            return Reply::make_error("NOPERM no permissions to access one of");
        }
        if (args[1] == "full") {
            return Reply::make_error("OOM command not allowed");
        }
        if (args[1] == "there") {
            return Reply();
        }
        return Reply::make_status("OK");
    });
    Writing writing(client);
    std::vector<Outcome> outcomes;
    writing.writer().on_outcome([&outcomes](Outcome outcome) { outcomes.push_back(outcome); });
    for (const char* key : {"new", "there", "mine", "full", "behind"}) {
        writing.set(key);
    }
    writing.settle();
    writing.set("never sent");
    CHECK(outcomes == std::vector{Outcome::written, Outcome::existed, Outcome::refused,
                                  Outcome::open, Outcome::written, Outcome::open});
}
