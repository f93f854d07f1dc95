#include "warm/key_writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

Reply broken(Reply::Type type) { return {type, 0, "connection closed by the server", {}}; }

/// Writes values of one kind; what is not said is a key without a TTL that is not protected.
class Writing {
public:
    explicit Writing(FakeClient& client) : m_writer(client) {}

    void write(std::string_view key, EncodeAs as, std::vector<std::string_view> parts,
               std::optional<std::chrono::milliseconds> ttl = {},
               IfExists if_exists = IfExists::skip, bool is_protected = false) {
        Encoded value;
        value.as = as;
        value.parts = std::move(parts);
        m_writer.write({.key = key,
                        .value = value,
                        .ttl = ttl,
                        .if_exists = if_exists,
                        .is_protected = is_protected,
                        .line = ++m_line});
    }
    void set(std::string_view key, IfExists if_exists = IfExists::skip, bool is_protected = false) {
        write(key, EncodeAs::json, {"{}"}, 1s, if_exists, is_protected);
    }
    KeyWriter& settle() {
        m_writer.settle();
        return m_writer;
    }

    KeyWriter& writer() { return m_writer; }

private:
    KeyWriter m_writer;
    std::uint64_t m_line = 0;
};

/// A server that queues and then answers EXEC with `replies`; the first EXEC is the probe's.
void give_transactions(FakeClient& client, std::vector<Reply> replies) {
    for (const char* name : {"HSET", "RPUSH", "SADD", "ZADD", "PEXPIRE", "RENAMENX", "UNLINK"}) {
        client.on(name, [](const auto&) { return Reply::make_status("QUEUED"); });
    }
    client.on("EXEC", [replies, first = true](const auto&) mutable {
        if (std::exchange(first, false)) return Reply::make_array({});
        return Reply::make_array(replies);
    });
}

Reply one() { return Reply::make_integer(1); }
Reply zero() { return Reply::make_integer(0); }

}  // namespace

TEST_CASE("a string is one SET, and its TTL is in it") {
    FakeClient client;
    Writing writing(client);
    writing.write("a", EncodeAs::json, {"{}"}, 60s);
    writing.write("b", EncodeAs::string, {"x y"});
    writing.write("c", EncodeAs::json, {"1"}, 1500ms, IfExists::overwrite);
    writing.write("d", EncodeAs::json, {"1"}, {}, IfExists::overwrite);
    const WriteTally& tally = writing.settle().tally();
    CHECK(client.lines() ==
          Lines{"SET a {} PX 60000 NX", "SET b x y NX", "SET c 1 PX 1500", "SET d 1"});
    CHECK(tally.written == 4);
    CHECK(tally.bytes == 4 + 2 + 3 + 1 + 1);
}

TEST_CASE("keys that exist are skipped, or overwritten unless they are protected") {
    FakeClient client;
    client.keys["a"] = client.keys["b"] = {.value = "old"};
    Writing writing(client);
    writing.set("a");
    writing.set("b", IfExists::overwrite, true);
    writing.set("new", IfExists::overwrite, true);
    const WriteTally& tally = writing.settle().tally();
    CHECK(client.lines() ==
          Lines{"SET a {} PX 1000 NX", "SET b {} PX 1000 NX", "SET new {} PX 1000 NX"});
    CHECK(client.keys["a"].value == "old");
    CHECK(client.keys["b"].value == "old");
    CHECK(tally.written == 1);
    CHECK(tally.skipped == 1);
    CHECK(tally.protected_keys == 1);

    writing.set("a", IfExists::overwrite);
    writing.settle();
    CHECK(client.keys["a"].value == "{}");
}

TEST_CASE("a hash is built aside and takes its place only if that is free") {
    FakeClient client;
    give_transactions(client, {one(), one(), one(), zero()});
    Writing writing(client);
    writing.write("h", EncodeAs::hash, {"f", "1", "g", "2"}, 60s);
    CHECK(writing.settle().tally().written == 1);
    const Lines lines = client.lines();
    REQUIRE(lines.size() == 9);
    const std::string aside = lines[4].substr(5, lines[4].find(' ', 5) - 5);
    CHECK(aside.starts_with("h:{h}:cachectl:"));
    CHECK(aside.size() == std::string("h:{h}:cachectl:").size() + 16);
    CHECK(lines == Lines{"MULTI", "EXEC", "EXISTS h", "MULTI", "HSET " + aside + " f 1 g 2",
                         "PEXPIRE " + aside + " 60000", "RENAMENX " + aside + " h",
                         "UNLINK " + aside, "EXEC"});
}

TEST_CASE("of a hash that is there already nothing is built") {
    FakeClient client;
    give_transactions(client, {});
    client.keys["h"] = {.type = "hash"};
    Writing writing(client);
    writing.write("h", EncodeAs::hash, {"f", "1"}, 60s);
    CHECK(writing.settle().tally().skipped == 1);
    CHECK(client.lines() == Lines{"MULTI", "EXEC", "EXISTS h"});
}

TEST_CASE("whoever may not ask whether a hash is there writes it all the same") {
    FakeClient client;
    give_transactions(client, {one(), one(), one(), zero()});
    client.on("EXISTS", [](const FakeClient::Args&) {
        return Reply::make_error("NOPERM this user has no permissions to run the 'exists' command");
    });
    Writing writing(client);
    writing.write("h", EncodeAs::hash, {"f", "1"}, 60s);
    writing.settle();
    writing.write("i", EncodeAs::hash, {"f", "1"}, 60s);
    CHECK(writing.settle().tally().written == 2);
    CHECK(client.count("EXISTS") == 1);
}

TEST_CASE("a value whose time was over before it could take its place has been written") {
    FakeClient client;
    give_transactions(client, {one(), one(), Reply::make_error("ERR no such key"), zero()});
    Writing writing(client);
    writing.write("h", EncodeAs::hash, {"f", "1"}, 1ms);
    CHECK(writing.settle().tally().written == 1);
    CHECK(writing.settle().tally().failed == 0);
}

TEST_CASE("what a busy server refuses is sent again, in order") {
    FakeClient client;
    int busy = 3;
    client.on("SET", [&](const FakeClient::Args&) {
        return busy-- > 0 ? Reply::make_error("BUSY Redis is busy running a script")
                          : Reply::make_status("OK");
    });
    Writing writing(client);
    writing.set("a", IfExists::overwrite);
    writing.set("b", IfExists::overwrite);
    writing.set("c", IfExists::overwrite);
    writing.set("b", IfExists::overwrite);  // the last one, which is not to be overtaken
    CHECK(writing.settle().tally().written == 4);
    CHECK_FALSE(writing.settle().stopped());
    CHECK(client.count("SET") == 6);
    CHECK(client.lines().back().starts_with("SET c "));
}

TEST_CASE("a server that stays busy is given up") {
    FakeClient client;
    client.on("SET", [](const FakeClient::Args&) {
        return Reply::make_error("BUSY Redis is busy running a script");
    });
    Writing writing(client);
    writing.set("a");
    CHECK(writing.settle().tally().failed == 1);
    CHECK(writing.settle().stopped());
}

TEST_CASE("a busy server is waited for with a value that is too large to be kept, too") {
    const std::string large(KeyWriter::k_max_bytes_kept + 1, 'x');
    FakeClient client;
    int busy = 3;
    client.on("SET", [&](const FakeClient::Args& args) {
        CHECK((args.at(2) == large));
        return busy-- > 0 ? Reply::make_error("BUSY Redis is busy running a script")
                          : Reply::make_status("OK");
    });
    Writing writing(client);
    writing.write("a", EncodeAs::json, {large}, 1s);
    CHECK(writing.writer().tally().written == 1);  // the caller may do with it what it likes
    CHECK(client.count("SET") == 4);

    FakeClient other;
    give_transactions(other, {one(), one(), one(), zero()});
    busy = 2;
    other.on("RPUSH", [&](const FakeClient::Args& args) {
        CHECK((args.at(2) == large));
        return busy-- > 0 ? Reply::make_error("BUSY Redis is busy running a script")
                          : Reply::make_status("QUEUED");
    });
    other.on("EXEC", [&, first = true](const auto&) mutable {
        if (std::exchange(first, false)) return Reply::make_array({});
        return busy >= 0 ? Reply::make_error("EXECABORT Transaction discarded")
                         : Reply::make_array({one(), one(), one(), zero()});
    });
    Writing lists(other);
    lists.write("l", EncodeAs::list, {large}, 1s);
    CHECK(lists.writer().tally().written == 1);
    CHECK(other.count("RPUSH") == 3);
}

TEST_CASE("a large value that the server is too busy for is given up") {
    const std::string large(KeyWriter::k_max_bytes_kept + 1, 'x');
    FakeClient client;
    client.on("SET", [](const FakeClient::Args&) {
        return Reply::make_error("BUSY Redis is busy running a script");
    });
    Writing writing(client);
    writing.write("a", EncodeAs::json, {large}, 1s);
    CHECK(writing.writer().tally().failed == 1);
    CHECK(writing.writer().stopped());
}

TEST_CASE("a hash whose place is taken is skipped") {
    FakeClient client;
    give_transactions(client, {one(), one(), zero(), one()});
    Writing writing(client);
    writing.write("h", EncodeAs::hash, {"f", "1"}, 60s);
    const WriteTally& tally = writing.settle().tally();
    CHECK(tally.written == 0);
    CHECK(tally.skipped == 1);
}

TEST_CASE("overwriting replaces the whole key in one transaction") {
    FakeClient client;
    give_transactions(client, {zero(), one(), one()});
    Writing writing(client);
    writing.write("l", EncodeAs::list, {"x"}, 60s, IfExists::overwrite);
    writing.write("s", EncodeAs::set, {"x"}, {}, IfExists::overwrite);
    writing.write("z", EncodeAs::zset, {"1.5", "x"}, {}, IfExists::overwrite);
    CHECK(writing.settle().tally().written == 3);
    CHECK(client.lines() == Lines{"MULTI", "EXEC", "MULTI", "UNLINK l", "RPUSH l x",
                                  "PEXPIRE l 60000", "EXEC", "MULTI", "UNLINK s", "SADD s x",
                                  "EXEC", "MULTI", "UNLINK z", "ZADD z 1.5 x", "EXEC"});
}

TEST_CASE("a long list takes several commands of the same transaction") {
    FakeClient client;
    give_transactions(client, {zero(), one(), one(), one()});
    Writing writing(client);
    writing.write("l", EncodeAs::list, std::vector<std::string_view>(2500, "x"), {},
                  IfExists::overwrite);
    CHECK(writing.settle().tally().written == 1);
    const Lines lines = client.lines();
    REQUIRE(lines.size() == 8);
    CHECK(std::count(lines[4].begin(), lines[4].end(), 'x') == 1000);
    CHECK(std::count(lines[5].begin(), lines[5].end(), 'x') == 1000);
    CHECK(std::count(lines[6].begin(), lines[6].end(), 'x') == 500);
}

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
        if (n++ == 0) return Reply::make_array({});
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
        if (n++ == 0) return Reply::make_array({});
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
    for (const char* key : {"a", "b", "c"}) writing.set(key);
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
        if (args[1] == "a") return Reply::make_status("OK");
        return broken(args[1] == "b" ? Reply::Type::lost : Reply::Type::unsent);
    });
    Writing writing(client);
    for (const char* key : {"a", "b", "c", "d"}) writing.set(key);
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
        if (args[1] == "d") return Reply::make_error("NOPERM No permissions to access a key");
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
    client.on("SET", [&client](const FakeClient::Args& args) {
        if (args[1] == "mine") return Reply::make_error("NOPERM no permissions to access one of");
        if (args[1] == "full") return Reply::make_error("OOM command not allowed");
        if (args[1] == "there") return Reply();
        return Reply::make_status("OK");
    });
    Writing writing(client);
    std::vector<Outcome> outcomes;
    writing.writer().on_outcome([&outcomes](Outcome outcome) { outcomes.push_back(outcome); });
    for (const char* key : {"new", "there", "mine", "full", "behind"}) writing.set(key);
    writing.settle();
    writing.set("never sent");
    CHECK(outcomes == std::vector{Outcome::written, Outcome::existed, Outcome::refused,
                                  Outcome::open, Outcome::written, Outcome::open});
}
