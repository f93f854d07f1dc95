#include "support/replies.hpp"
#include "warm/read_back.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cachectl;
using cachectl::test::text_replies;

namespace {

using Parts = std::vector<std::string_view>;

StoredValue stored(EncodeAs as, const Parts& parts) {
    Encoded value;
    value.as = as;
    value.parts = parts;
    StoredValue copy;
    copy.assign(value);
    return copy;
}

Reply integers(const std::vector<std::int64_t>& values) {
    std::vector<Reply> elements;
    for (const std::int64_t value : values) {
        elements.push_back(Reply::make_integer(value));
    }
    return Reply::make_array(std::move(elements));
}

/// What is said of the value by these replies: the first, and those to the pieces.
std::string difference(const StoredValue& value, const std::vector<Reply>& replies) {
    ReadBack read(value);
    read.take_first(replies.at(0));
    for (std::size_t i = 1; i < replies.size(); ++i) {
        (void)read.next_piece("k");
        read.take_piece(replies[i]);
    }
    switch (read.found()) {
        case Existing::stays:
            return "none";
        case Existing::replaced:
            return read.difference();
        case Existing::absent:
            return "absent";
        case Existing::to_be_read:
            return "open";
        case Existing::unknown:
            break;
    }
    return read.refusal().text;
}

Reply length(std::int64_t length) { return Reply::make_integer(length); }

}  // namespace

TEST_CASE("what reads a value") {
    const auto first = [](const StoredValue& value) {
        const std::vector<std::string_view> words = ReadBack(value).first_command("k");
        return Parts(words);
    };
    const auto piece = [](const StoredValue& value) {
        ReadBack read(value);
        std::string line;
        for (const std::string_view word : read.next_piece("k")) {
            line += std::string(word) + ' ';
        }
        return line;
    };
    CHECK(first(stored(EncodeAs::json, {"{}"})) == Parts{"GET", "k"});
    CHECK(first(stored(EncodeAs::string, {"x"})) == Parts{"GET", "k"});
    CHECK_FALSE(ReadBack(stored(EncodeAs::string, {"x"})).has_pieces());

    const StoredValue hash = stored(EncodeAs::hash, {"f", "1", "g", "2", "f", "3"});
    CHECK(first(hash) == Parts{"HLEN", "k"});
    CHECK(piece(hash) == "HMGET k f g ");
    const StoredValue list = stored(EncodeAs::list, {"a", "b"});
    CHECK(first(list) == Parts{"LLEN", "k"});
    CHECK(piece(list) == "LRANGE k 0 1 ");
    const StoredValue set = stored(EncodeAs::set, {"a", "b", "a"});
    CHECK(first(set) == Parts{"SCARD", "k"});
    CHECK(piece(set) == "SMISMEMBER k a b ");
    const StoredValue zset = stored(EncodeAs::zset, {"1", "m"});
    CHECK(first(zset) == Parts{"ZCARD", "k"});
    CHECK(piece(zset) == "ZMSCORE k m ");

    const std::string large(300'000, 'x');
    const StoredValue text = stored(EncodeAs::json, {large});
    CHECK(first(text) == Parts{"STRLEN", "k"});
    CHECK(piece(text) == "GETRANGE k 0 262143 ");
}

TEST_CASE("short strings are the same byte by byte") {
    using namespace std::string_literals;
    const std::string text = "a\0\xff"s;
    const StoredValue value = stored(EncodeAs::string, {text});
    CHECK(difference(value, {Reply::make_string(text)}) == "none");
    CHECK(difference(value, {Reply::make_string("a\0\xfe"s)}) ==
          "it differs from byte 3 on, and has 3 of them instead of 3");
    CHECK(difference(value, {Reply::make_string(text + "b")}) ==
          "it differs from byte 4 on, and has 4 of them instead of 3");
    CHECK(difference(value, {Reply::make_string("")}) ==
          "it differs from byte 1 on, and has 0 of them instead of 3");
    CHECK(difference(value, {Reply()}) == "absent");
}

TEST_CASE("long strings are the same piece by piece") {
    const std::string large = std::string(262'144, 'x') + "end";
    const StoredValue value = stored(EncodeAs::string, {large});
    const Reply begin = Reply::make_string(std::string(262'144, 'x'));
    CHECK(difference(value, {length(262'147), begin, Reply::make_string("end")}) == "none");
    CHECK(difference(value, {length(262'147), begin}) == "open");
    CHECK(difference(value, {length(262'147), begin, Reply::make_string("eND")}) ==
          "it differs behind its byte 262,144");
    CHECK(difference(value, {length(262'148)}) == "it has 262,148 bytes instead of 262,147");
    CHECK(difference(value, {length(0)}) == "absent");
}

TEST_CASE("a hash is the same in any order, and of a field that was sent twice the last counts") {
    const StoredValue value = stored(EncodeAs::hash, {"f", "1", "g", "2", "f", "3"});
    CHECK(difference(value, {length(2), text_replies({"3", "2"})}) == "none");
    CHECK(difference(value, {length(2), text_replies({"1", "2"})}) ==
          "the value of the field 'f' is another one");
    CHECK(difference(value, {length(1)}) == "it has 1 fields instead of 2");
    const Reply lacking = Reply::make_array({Reply(), Reply::make_string("2")});
    CHECK(difference(value, {length(2), lacking}) == "it lacks the field 'f'");
}

TEST_CASE("a list is the same in its order alone") {
    const StoredValue value = stored(EncodeAs::list, {"a", "b", ""});
    CHECK(difference(value, {length(3), text_replies({"a", "b", ""})}) == "none");
    CHECK(difference(value, {length(3), text_replies({"b", "a", ""})}) ==
          "its element 1 is another one");
    CHECK(difference(value, {length(2)}) == "it has 2 elements instead of 3");
    CHECK(difference(value, {length(3), text_replies({"a", "b"})}) == "its value is another one");
}

TEST_CASE("a set is the same in any order, each member once") {
    const StoredValue value = stored(EncodeAs::set, {"a", "b", "a"});
    CHECK(difference(value, {length(2), integers({1, 1})}) == "none");
    CHECK(difference(value, {length(1)}) == "it has 1 members instead of 2");
    CHECK(difference(value, {length(2), integers({1, 0})}) == "it lacks the member 'b'");
}

TEST_CASE("scores are the same as numbers, however they are written") {
    const StoredValue value = stored(EncodeAs::zset, {"1.50", "a", "1e3", "b", "-0.0", "c"});
    CHECK(difference(value, {length(3), text_replies({"1.5", "1000", "0"})}) == "none");
    CHECK(difference(value, {length(3), text_replies({"1.5000000000000002", "1000", "0"})}) ==
          "the score of 'a' is 1.5000000000000002 instead of 1.50");
    const Reply lacking =
        Reply::make_array({Reply::make_string("1.5"), Reply::make_string("1000"), Reply()});
    CHECK(difference(value, {length(3), lacking}) == "it lacks the member 'c'");
    CHECK(difference(value, {length(1)}) == "it has 1 members instead of 3");
    // 17 digits are the same double as the shortest text that means it.
    CHECK(difference(stored(EncodeAs::zset, {"0.1", "m"}),
                     {length(1), text_replies({"0.10000000000000001"})}) == "none");
}

TEST_CASE("another type is another value, and what the server would not say is told") {
    const Reply wrong_type = Reply::make_error("WRONGTYPE Operation against a key");
    const StoredValue text = stored(EncodeAs::string, {"x"});
    const StoredValue list = stored(EncodeAs::list, {"x"});
    CHECK(difference(text, {wrong_type}) == "it is of another type");
    CHECK(difference(list, {wrong_type}) == "it is of another type");
    // With the first piece on its way, its reply changes nothing.
    CHECK(difference(list, {wrong_type, wrong_type}) == "it is of another type");
    CHECK(difference(list, {length(1), Reply::make_error("BUSY running a script")}) ==
          "BUSY running a script");
    CHECK(difference(text, {Reply::make_error("NOPERM no")}) == "NOPERM no");
}
