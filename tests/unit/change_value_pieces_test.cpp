#include "change/value_pieces.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_client.hpp"
#include "support/replies.hpp"
#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = std::vector<std::string>;
using Texts = std::vector<std::string>;

namespace {

Reply page(const std::string& cursor, const Texts& fields_and_values) {
    return Reply::make_array({Reply::make_string(cursor), text_replies(fields_and_values)});
}

/// A field name's value is the name, as often as `lengths` says or once.
Texts values_of(const Args& names, std::map<std::string, std::size_t>& lengths) {
    Texts values;
    for (const std::string& name : names) {
        const std::size_t length = lengths.contains(name) ? lengths[name] : name.size();
        values.emplace_back(length, name.front());
    }
    return values;
}

/// A hash of three fields, in two pages.
struct Stage {
    Stage() {
        client.info.name = "valkey";
        client.info.version = "8.1.0";
        client.on("HLEN", [](const Args&) { return Reply::make_integer(3); });
        client.on("MEMORY", [](const Args&) { return Reply::make_integer(200'000); });
        client.on("HSCAN", [](const Args& args) {
            return args[2] == "0" ? page("7", {"a", "b"}) : page("0", {"c"});
        });
        client.on("HSTRLEN", [this](const Args& args) {
            return Reply::make_integer(
                static_cast<std::int64_t>(values_of({args[2]}, lengths).front().size()));
        });
        client.on("HMGET", [this](const Args& args) {
            return text_replies(values_of({args.begin() + 2, args.end()}, lengths));
        });
    }
    ValuePieces::End copy() {
        RdbWriter file((dir.path() / std::to_string(++m_files)).string(), {});
        file.begin({.name = "h"}, RdbType::hash);
        return ValuePieces(client, "h", [](std::uint64_t) {}).copy_to(file, RdbType::hash);
    }

    FakeClient client;
    TempDir dir;
    std::map<std::string, std::size_t> lengths;  // of the values that are not of one byte
    int m_files = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "whether fields expire is asked once where the server does not know it") {
    client.on("HPTTL", [](const Args&) { return Reply::make_error("ERR unknown command"); });
    CHECK(copy() == ValuePieces::End::whole);
    CHECK(client.count("HPTTL") == 1);
    CHECK(client.count("HSCAN") == 2);
}

TEST_CASE_FIXTURE(Stage, "pieces that come over two connections are not one version") {
    client.on("HPTTL", [](const Args&) { return Reply::make_error("ERR unknown command"); });
    client.on("HSCAN", [&](const Args& args) {
        client.connection += args[2] == "0" ? 0 : 1;
        return args[2] == "0" ? page("7", {"a", "b"}) : page("0", {"c"});
    });
    CHECK(copy() == ValuePieces::End::changed);
}

TEST_CASE_FIXTURE(Stage, "a field that expires is no plain value, on whichever page it is") {
    std::string expires;
    client.on("HPTTL", [&](const Args& args) {
        std::vector<Reply> ttls;
        for (std::size_t i = 4; i < args.size(); ++i) {
            ttls.push_back(Reply::make_integer(args[i] == expires ? 5'000 : -1));
        }
        return Reply::make_array(std::move(ttls));
    });
    CHECK(copy() == ValuePieces::End::whole);
    for (const std::string field : {"a", "b", "c"}) {
        CAPTURE(field);
        expires = field;
        CHECK(copy() == ValuePieces::End::has_field_ttls);
    }
}

TEST_CASE_FIXTURE(Stage, "large fields of a hash come one by one, small ones together") {
    client.answer("HPTTL", Reply::make_error("ERR unknown command"));
    client.answer("HLEN", Reply::make_integer(4));
    const Texts fields = {"a", "b", "c", "d"};
    lengths = {{"a", 60'000}, {"c", 3'000'000}};
    SUBCASE("a server that tells the names alone") {
        client.answer("HSCAN", page("0", fields));
        CHECK(copy() == ValuePieces::End::whole);
        CHECK(client.count("HSCAN h 0 COUNT 1 NOVALUES") == 1);
    }
    SUBCASE("one that does not") {
        client.info.version = "7.2.0";
        client.answer("HKEYS", text_replies(fields));
        CHECK(copy() == ValuePieces::End::whole);
        CHECK(client.count("HSCAN") == 0);
    }
    CHECK(client.count("HSTRLEN") == 4);
    CHECK(client.count("HMGET") == 3);
    CHECK(client.count("HMGET h a b") == 1);
    CHECK(client.count("HMGET h c") == 1);
    CHECK(client.count("HMGET h d") == 1);
}

TEST_CASE_FIXTURE(Stage, "of many fields the values come with the names where those do not alone") {
    client.info.version = "7.2.0";
    client.answer("HPTTL", Reply::make_error("ERR unknown command"));
    client.answer("HLEN", Reply::make_integer(501));
    Texts first, second;
    for (int i = 0; i < 501; ++i) {
        Texts& texts = i < 300 ? first : second;
        texts.insert(texts.end(), {std::to_string(i), "v"});
    }
    client.on("HSCAN", [&](const Args& args) {
        return args[2] == "0" ? page("7", first) : page("0", second);
    });
    CHECK(copy() == ValuePieces::End::whole);
    CHECK(client.count("HSCAN") == 2);
    CHECK(client.count("HMGET") == 0);
}

TEST_CASE_FIXTURE(Stage, "a field that goes or comes while its hash is read has changed it") {
    client.answer("HPTTL", Reply::make_error("ERR unknown command"));
    client.answer("HMGET", Reply::make_array({Reply(), Reply()}));
    CHECK(copy() == ValuePieces::End::changed);
    client.info.version = "7.2.0";
    client.answer("HKEYS", text_replies({"a", "b"}));
    CHECK(copy() == ValuePieces::End::changed);
    client.answer("HKEYS", Reply::make_error("NOPERM no 'hkeys' for you"));
    CHECK_THROWS_AS(copy(), Error);
}

TEST_CASE_FIXTURE(Stage, "a hash that has become longer or shorter meanwhile has changed") {
    client.on("HPTTL", [](const Args&) { return Reply::make_error("ERR unknown command"); });
    for (const std::int64_t length : {2, 4}) {
        CAPTURE(length);
        client.on("HLEN", [length](const Args&) { return Reply::make_integer(length); });
        CHECK(copy() == ValuePieces::End::changed);
    }
}

TEST_CASE_FIXTURE(Stage,
                  "a server without MEMORY USAGE is read all the same, one that refuses is not") {
    client.on("HPTTL", [](const Args&) { return Reply::make_error("ERR unknown command"); });
    client.on("MEMORY",
              [](const Args&) { return Reply::make_error("ERR unknown command 'MEMORY'"); });
    CHECK(copy() == ValuePieces::End::whole);
    for (const std::string refusal :
         {"NOPERM this user has no permissions to run the 'memory|usage' command",
          "ERR something else", "BUSY a script runs"}) {
        CAPTURE(refusal);
        client.on("MEMORY", [refusal](const Args&) { return Reply::make_error(refusal); });
        CHECK_THROWS_AS(copy(), Error);
    }
}

namespace {

using End = ValuePieces::End;

/// A server, and what it answers to each command; "k" is copied to a file.
struct Copying {
    Copying() { client.answer("MEMORY", Reply::make_integer(1'000'000)); }
    End copy(RdbType type) {
        TempDir dir;
        RdbWriter file(dir.path() / "backup.rdb", {});
        file.begin({.name = "k"}, type);
        ValuePieces pieces(client, "k", [](std::uint64_t) {});
        return pieces.copy_to(file, type);
    }

    FakeClient client;
};

}  // namespace

TEST_CASE_FIXTURE(Copying, "a key that has gone, or is of another type, has changed") {
    client.answer("MEMORY", Reply{});
    CHECK(copy(RdbType::string) == End::changed);
    client.answer("MEMORY", Reply::make_integer(100));
    for (const auto& [type, verb] : {std::pair{RdbType::string, "STRLEN"},
                                     {RdbType::list, "LLEN"},
                                     {RdbType::set, "SCARD"},
                                     {RdbType::hash, "HLEN"},
                                     {RdbType::zset_2, "ZCARD"}}) {
        client.answer(verb, Reply::make_error("WRONGTYPE Operation against a key"));
        CHECK(copy(type) == End::changed);
    }
}

TEST_CASE_FIXTURE(Copying, "a size that nobody tells is no reason not to read it") {
    client.answer("STRLEN", Reply::make_integer(3));
    client.answer("LLEN", Reply::make_integer(2));
    client.answer("GETRANGE", Reply::make_string("abc"));
    client.answer("LRANGE", text_replies({"a", "b"}));
    client.answer("MEMORY", Reply::make_error("ERR unknown command 'MEMORY'"));
    CHECK(copy(RdbType::string) == End::whole);
    CHECK(copy(RdbType::list) == End::whole);
    client.answer("MEMORY", Reply::make_error("ERR not today"));
    CHECK_THROWS_AS(copy(RdbType::string), Error);
    client.answer("MEMORY", Reply::make_error("NOPERM no 'memory' for you"));
    CHECK_THROWS_AS(copy(RdbType::string), Error);
}

TEST_CASE_FIXTURE(Copying, "a value that has become shorter has changed") {
    client.answer("STRLEN", Reply::make_integer(5));
    client.answer("GETRANGE", Reply::make_string("abcd"));
    CHECK(copy(RdbType::string) == End::changed);
    client.answer("LLEN", Reply::make_integer(3));
    client.answer("LRANGE", text_replies({"a", "b"}));
    CHECK(copy(RdbType::list) == End::changed);
}

TEST_CASE_FIXTURE(Copying, "a collection of another number of members than it said has changed") {
    client.answer("SCARD", Reply::make_integer(2));
    client.answer("SSCAN", page("0", {"a", "b"}));
    CHECK(copy(RdbType::set) == End::whole);
    client.answer("SSCAN", page("0", {"a"}));
    CHECK(copy(RdbType::set) == End::changed);
    client.answer("SSCAN", page("7", {"a", "b", "c"}));
    CHECK(copy(RdbType::set) == End::changed);
    CHECK(client.count("SSCAN") == 3);  // once each: what has grown is not read to its end
}

TEST_CASE_FIXTURE(Copying, "pages that are none are errors") {
    client.answer("SCARD", Reply::make_integer(1));
    for (const Reply& odd :
         {text_replies({"0"}), text_replies({"0", "x"}), Reply::make_string("x")}) {
        client.answer("SSCAN", odd);
        CHECK_THROWS_AS(copy(RdbType::set), Error);
    }
}

TEST_CASE_FIXTURE(Copying, "scores that are none are errors, a member without one is a change") {
    client.answer("ZCARD", Reply::make_integer(1));
    for (const std::string odd : {"", "1x", "nan", "x"}) {
        client.answer("ZRANGE", text_replies({"a", odd}));
        CHECK_THROWS_AS(copy(RdbType::zset_2), Error);
    }
    client.answer("ZRANGE", text_replies({"a"}));
    CHECK(copy(RdbType::zset_2) == End::changed);
    client.answer("ZRANGE", text_replies({"a", "-inf"}));
    CHECK(copy(RdbType::zset_2) == End::whole);
}

TEST_CASE_FIXTURE(Copying, "fields that expire have no plain type") {
    client.answer("HLEN", Reply::make_integer(1));
    client.answer("HKEYS", text_replies({"f"}));
    client.answer("HSTRLEN", Reply::make_integer(1));
    client.answer("HMGET", text_replies({"v"}));
    client.answer("HPTTL", Reply::make_array({Reply::make_integer(-1)}));
    CHECK(copy(RdbType::hash) == End::whole);
    client.answer("HPTTL", Reply::make_array({Reply::make_integer(5)}));
    CHECK(copy(RdbType::hash) == End::has_field_ttls);
    client.answer("HPTTL", Reply::make_error("NOPERM no 'hpttl' for you"));
    CHECK_THROWS_AS(copy(RdbType::hash), Error);
}
