#include "redis/reply_reader.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cachectl;
using Type = Reply::Type;

namespace {

/// The only reply in these bytes.
Reply read(std::string_view bytes) {
    ReplyReader reader;
    reader.feed(bytes);
    auto reply = reader.next();
    REQUIRE(reader.error() == "");
    REQUIRE(reply);
    CHECK_FALSE(reader.next());
    return std::move(*reply);
}

/// What the reader says of bytes that it should refuse.
std::string refused(std::string_view bytes, std::string_view before = "") {
    ReplyReader reader;
    if (!before.empty()) {
        reader.feed(before);
        REQUIRE(reader.next());
    }
    reader.feed(bytes);
    CHECK_FALSE(reader.next());
    const std::string why = reader.error();
    reader.feed("+OK\r\n");  // what comes behind cannot be trusted
    CHECK_FALSE(reader.next());
    CHECK(reader.error() == why);
    return why;
}

std::string nested(int depth) {
    std::string bytes;
    for (int i = 0; i < depth; ++i) {
        bytes += "*1\r\n";
    }
    return bytes + ":1\r\n";
}

}  // namespace

TEST_CASE("each kind of reply") {
    CHECK(read("+OK\r\n").type == Type::status);
    CHECK(read("+OK\r\n").text == "OK");
    CHECK(read("-ERR no\r\n").is_error());
    CHECK(read("-ERR no\r\n").text == "ERR no");
    CHECK(read("-ERR no\r\n").error_prefix() == "ERR");
    CHECK(read(":-42\r\n").integer == -42);
    CHECK(read(":9223372036854775807\r\n").integer == 9223372036854775807);
    CHECK(read("$-1\r\n").is_nil());
    CHECK(read("*-1\r\n").is_nil());
    CHECK(read("$0\r\n\r\n").type == Type::string);
    CHECK(read("$0\r\n\r\n").text.empty());
    CHECK(read("*0\r\n").is_array());
    CHECK(read(std::string("$6\r\na\0\r\n\xff$\r\n", 12)).text == std::string("a\0\r\n\xff$", 6));
}

TEST_CASE("arrays in arrays, with everything in them") {
    const Reply page = read("*3\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$-1\r\n*2\r\n:7\r\n-ERR inner\r\n");
    REQUIRE(page.elements.size() == 3);
    CHECK(page.elements[0].text == "0");
    REQUIRE(page.elements[1].elements.size() == 2);
    CHECK(page.elements[1].elements[0].text == "a");
    CHECK(page.elements[1].elements[1].is_nil());
    CHECK(page.elements[2].elements.at(0).integer == 7);
    CHECK(page.elements[2].elements.at(1).is_error());
}

TEST_CASE("a reply may come byte by byte") {
    const std::string bytes = "*2\r\n$3\r\nabc\r\n*2\r\n+x\r\n:12\r\n-E\r\n";
    ReplyReader reader;
    std::vector<Reply> replies;
    for (const char byte : bytes) {
        reader.feed({&byte, 1});
        while (auto reply = reader.next()) {
            replies.push_back(std::move(*reply));
        }
        REQUIRE(reader.error() == "");
    }
    REQUIRE(replies.size() == 2);
    CHECK(replies[0].elements.at(0).text == "abc");
    CHECK(replies[0].elements.at(1).elements.at(1).integer == 12);
    CHECK(replies[1].text == "E");
}

TEST_CASE("many replies in one feed come one by one") {
    ReplyReader reader;
    reader.feed(":1\r\n:2\r\n:3");
    CHECK(reader.next()->integer == 1);
    CHECK(reader.next()->integer == 2);
    CHECK_FALSE(reader.next());
    reader.feed("4\r\n");
    CHECK(reader.next()->integer == 34);
}

TEST_CASE("an array of more than it reserves at first") {
    std::string bytes = "*5000\r\n";
    for (int i = 0; i < 5000; ++i) {
        bytes += "*1\r\n:" + std::to_string(i) + "\r\n";
    }
    const Reply reply = read(bytes);
    REQUIRE(reply.elements.size() == 5000);
    CHECK(reply.elements[4999].elements.at(0).integer == 4999);
}

TEST_CASE("a peer that is no Redis server is named by what it says") {
    CHECK(refused("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n") ==
          "not a Redis server (got 'HTTP/1.1 400 Bad Request')");
    CHECK(refused("SSH-2.0-OpenSSH_9.2p1\r\n") ==
          "not a Redis server (got 'SSH-2.0-OpenSSH_9.2p1')");
    CHECK(refused("\x15\x03\x03\x00\x02\x02\x28") ==
          "the server speaks TLS: --tls, or rediss:// in the URL");
    CHECK(refused(std::string(100, 'x')) ==
          "not a Redis server (got '" + std::string(40, 'x') + "')");
}

TEST_CASE("what breaks off the protocol later is a broken reply") {
    CHECK(refused("hello\r\n", "+OK\r\n").starts_with("broken reply: "));
    CHECK(refused("$3\r\nabcXX+OK\r\n", "+OK\r\n") == "broken reply: a string without its end");
    CHECK(refused("*1\r\n$2\r\nabc\r\n", "+OK\r\n") == "broken reply: a string without its end");
    CHECK(refused(":12x\r\n", "+OK\r\n").starts_with("broken reply: "));
    CHECK(refused("*1\r\n?\r\n", "+OK\r\n").starts_with("broken reply: "));
}

TEST_CASE("depth, lengths and lines are bounded") {
    CHECK(read(nested(6)).is_array());
    CHECK(refused(nested(100), "+OK\r\n").starts_with("broken reply: "));
    CHECK(refused("*2147483647\r\n", "+OK\r\n").starts_with("broken reply: "));
    CHECK(refused("*1048577\r\n", "+OK\r\n") == "broken reply: too many elements");
    CHECK(refused("$536870913\r\n", "+OK\r\n") == "broken reply: a string of 536870913 bytes");
    CHECK(refused("*1\r\n$536870913\r\n", "+OK\r\n") ==
          "broken reply: a string of 536870913 bytes");
    CHECK(refused("$99999999999999999999\r\n", "+OK\r\n").starts_with("broken reply: "));
    CHECK(refused("+" + std::string(70'000, 'x'), "+OK\r\n") ==
          "broken reply: a line of more than 64 KiB");
}

TEST_CASE("an announced size takes no memory until the bytes come") {
    ReplyReader reader;
    reader.feed("*1048576\r\n$536870912\r\nx");
    CHECK_FALSE(reader.next());
    CHECK(reader.error().empty());
}

TEST_CASE("a line of MONITOR that is too long is cut, and those behind it are whole") {
    const std::string line = "1.5 [0 a] \"set\" \"k\" \"" + std::string(200'000, 'x') + '"';
    const std::string bytes = "+OK\r\n+" + line + "\r\n+next\r\n";
    // However the bytes come: a line that comes in one go needs no cut.
    for (const std::size_t piece : {std::size_t{1'000}, std::size_t{65'537}, bytes.size()}) {
        ReplyReader reader;
        reader.cut_long_lines();
        std::vector<std::string> texts;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            reader.feed(std::string_view(bytes).substr(at, piece));
            while (auto reply = reader.next()) {
                CHECK(reply->type == Type::status);
                texts.push_back(reply->text);
            }
        }
        CHECK(reader.error() == "");
        REQUIRE(texts.size() == 3);
        CHECK(line.starts_with(texts[1]));
        CHECK(texts[1].size() >= 60'000);
        CHECK(texts[2] == "next");
    }
    CHECK(refused("+" + line, "+OK\r\n").find("64 KiB") != std::string::npos);
}
