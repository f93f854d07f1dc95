#include "dump/record.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

TEST_CASE("a record finds its values by name") {
    Record record;
    record.begin(7);
    record.add("id", ValueKind::number, "12");
    record.add("title", ValueKind::null, {});
    CHECK(record.line() == 7);
    CHECK(record.size() == 2);
    CHECK(record.name(1) == "title");
    REQUIRE(record.find("id") != nullptr);
    CHECK(record.find("id")->text == "12");
    CHECK(record.find("title")->kind == ValueKind::null);
    CHECK(record.find("ID") == nullptr);
    CHECK(record.find("") == nullptr);
}

TEST_CASE("a narrower row does not show the columns of a wider one before it") {
    Record record;
    record.begin(1);
    record.add("a", ValueKind::number, "1");
    record.add("b", ValueKind::number, "2");
    record.begin(2);
    record.add("a", ValueKind::number, "3");
    CHECK(record.size() == 1);
    CHECK(record.find("b") == nullptr);
    CHECK(record.find("a")->text == "3");
}

TEST_CASE("a name that occurs twice is found, in whatever row it comes") {
    Record record;
    const auto row = [&record](std::initializer_list<const char*> names) {
        record.begin(1);
        for (const char* name : names) {
            record.add(name, ValueKind::null, {});
        }
        const std::string* name = record.duplicate_name();
        return name == nullptr ? std::string("none") : *name;
    };
    CHECK(row({"a", "b"}) == "none");
    CHECK(row({"a", "b"}) == "none");
    CHECK(row({"a", "b", "a"}) == "a");
    CHECK(row({"b", "b"}) == "b");
    CHECK(row({"b", "a"}) == "none");
    CHECK(row({"a", "a"}) == "a");
    CHECK(row({"a", "a"}) == "a");
    CHECK(row({"a"}) == "none");
    CHECK(row({"a", "b", "c"}) == "none");
    CHECK(row({"a", "c", "c"}) == "c");
    CHECK(row({}) == "none");
}

TEST_CASE("kept bytes stay where they are while the row lasts") {
    Record record;
    record.begin(1, 8);
    const std::string_view first = record.keep("abcd");
    const std::string_view second = record.keep("efgh");
    CHECK(first == "abcd");
    CHECK(second == "efgh");
    CHECK(second.data() == first.data() + 4);
}

TEST_CASE("a record gives the JSON it was parsed from, minified") {
    Record record;
    record.begin(1);
    CHECK(record.json().empty());
    record.set_json("{ \"a\" : 1.10 }");
    CHECK(record.json() == "{\"a\":1.10}");
    record.begin(2);
    CHECK(record.json().empty());
}
