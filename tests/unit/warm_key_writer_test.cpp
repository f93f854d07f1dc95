#include "warm/key_writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "support/key_writing.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

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
        if (std::exchange(first, false)) {
            return Reply::make_array({});
        }
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
    give_transactions(client, {zero(), one(), one()});
    Writing writing(client);
    writing.write("l", EncodeAs::list, std::vector<std::string_view>(2000, "x"), {},
                  IfExists::overwrite);
    CHECK(writing.settle().tally().written == 1);
    const Lines lines = client.lines();
    REQUIRE(lines.size() == 7);
    CHECK(std::count(lines[4].begin(), lines[4].end(), 'x') == 1000);
    CHECK(std::count(lines[5].begin(), lines[5].end(), 'x') == 1000);
}
