#include "warm/stored_value.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

using Parts = std::vector<std::string_view>;

StoredValue stored(EncodeAs as, Parts parts) {
    Encoded value;
    value.as = as;
    value.parts = std::move(parts);
    StoredValue copy;
    copy.assign(value);
    return copy;
}

Reply texts(const std::vector<std::string>& values) {
    std::vector<Reply> elements;
    for (const std::string& value : values) {
        elements.push_back(Reply::make_string(value));
    }
    return Reply::make_array(std::move(elements));
}

std::string difference(const StoredValue& value, const Reply& reply) {
    return value.difference(reply).value_or("none");
}

}  // namespace

TEST_CASE("what reads a value") {
    CHECK(stored(EncodeAs::json, {"{}"}).read_command("k") == Parts{"GET", "k"});
    CHECK(stored(EncodeAs::string, {"x"}).read_command("k") == Parts{"GET", "k"});
    CHECK(stored(EncodeAs::hash, {"f", "1"}).read_command("k") == Parts{"HGETALL", "k"});
    CHECK(stored(EncodeAs::list, {"1"}).read_command("k") == Parts{"LRANGE", "k", "0", "-1"});
    CHECK(stored(EncodeAs::set, {"1"}).read_command("k") == Parts{"SMEMBERS", "k"});
    CHECK(stored(EncodeAs::zset, {"1", "m"}).read_command("k") ==
          Parts{"ZRANGE", "k", "0", "-1", "WITHSCORES"});
}

TEST_CASE("strings are the same byte by byte") {
    using namespace std::string_literals;
    const std::string text = "a\0\xff"s;
    const StoredValue value = stored(EncodeAs::string, {text});
    CHECK(difference(value, Reply::make_string(text)) == "none");
    CHECK(difference(value, Reply::make_string("a\0\xfe"s)) ==
          "it differs from byte 3 on, and has 3 of them instead of 3");
    CHECK(difference(value, Reply::make_string(text + "b")) ==
          "it differs from byte 4 on, and has 4 of them instead of 3");
    CHECK(difference(value, Reply::make_string("")) ==
          "it differs from byte 1 on, and has 0 of them instead of 3");
}

TEST_CASE("a hash is the same in any order, and of a field that was sent twice the last counts") {
    const StoredValue value = stored(EncodeAs::hash, {"f", "1", "g", "2", "f", "3"});
    CHECK(difference(value, texts({"g", "2", "f", "3"})) == "none");
    CHECK(difference(value, texts({"g", "2", "f", "1"})) ==
          "the value of the field 'f' is another one");
    CHECK(difference(value, texts({"g", "2"})) == "it has 1 fields instead of 2");
    CHECK(difference(value, texts({"g", "2", "h", "3"})) == "it has the field 'h'");
}

TEST_CASE("a list is the same in its order alone") {
    const StoredValue value = stored(EncodeAs::list, {"a", "b", ""});
    CHECK(difference(value, texts({"a", "b", ""})) == "none");
    CHECK(difference(value, texts({"b", "a", ""})) == "its element 1 is another one");
    CHECK(difference(value, texts({"a", "b"})) == "it has 2 elements instead of 3");
}

TEST_CASE("a set is the same in any order, each member once") {
    const StoredValue value = stored(EncodeAs::set, {"a", "b", "a"});
    CHECK(difference(value, texts({"b", "a"})) == "none");
    CHECK(difference(value, texts({"a"})) == "it has 1 members instead of 2");
    CHECK(difference(value, texts({"a", "c"})) == "it has the member 'c'");
}

TEST_CASE("scores are the same as numbers, however they are written") {
    const StoredValue value = stored(EncodeAs::zset, {"1.50", "a", "1e3", "b", "-0.0", "c"});
    CHECK(difference(value, texts({"c", "0", "a", "1.5", "b", "1000"})) == "none");
    CHECK(difference(value, texts({"c", "0", "a", "1.5000000000000002", "b", "1000"})) ==
          "the score of 'a' is 1.5000000000000002 instead of 1.50");
    CHECK(difference(value, texts({"d", "0", "a", "1.5", "b", "1000"})) == "it has the member 'd'");
    CHECK(difference(value, texts({"a", "1.5"})) == "it has 1 members instead of 3");
    // 17 digits are the same double as the shortest text that means it.
    CHECK(difference(stored(EncodeAs::zset, {"0.1", "m"}), texts({"m", "0.10000000000000001"})) ==
          "none");
}
