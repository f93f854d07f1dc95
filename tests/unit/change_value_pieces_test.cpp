#include "change/value_pieces.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = std::vector<std::string>;
using Texts = std::vector<std::string>;

namespace {

Reply texts(const Texts& all) {
    std::vector<Reply> elements;
    for (const std::string& text : all) {
        elements.push_back(Reply::make_string(text));
    }
    return Reply::make_array(std::move(elements));
}

Reply page(const std::string& cursor, const Texts& fields_and_values) {
    return Reply::make_array({Reply::make_string(cursor), texts(fields_and_values)});
}

/// A hash of three fields, in two pages.
struct Stage {
    Stage() {
        client.on("HLEN", [](const Args&) { return Reply::make_integer(3); });
        client.on("MEMORY", [](const Args&) { return Reply::make_integer(200'000); });
        client.on("HSCAN", [](const Args& args) {
            return args[2] == "0" ? page("7", {"a", "1", "b", "2"}) : page("0", {"c", "3"});
        });
    }
    ValuePieces::End copy() {
        RdbWriter file((dir.path() / std::to_string(++m_files)).string(), {});
        file.begin({.name = "h"}, RdbType::hash);
        return ValuePieces(client, "h", [](std::uint64_t) {}).copy_to(file, RdbType::hash);
    }

    FakeClient client;
    TempDir dir;
    int m_files = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Stage, "whether fields expire is asked once where the server does not know it") {
    client.on("HPTTL", [](const Args&) { return Reply::make_error("ERR unknown command"); });
    CHECK(copy() == ValuePieces::End::whole);
    CHECK(client.count("HPTTL") == 1);
    CHECK(client.count("HSCAN") == 2);
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
