#include "warm/rows/row_maker.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

/// "KEY = PART PART …", or why not.
std::string make(const RowOptions& options, std::string_view json,
                 RecordShape shape = RecordShape::row) {
    const OneRecord record(json, {.lone_object = shape == RecordShape::row ? LoneObject::record
                                                                           : LoneObject::entries});
    RowMaker maker(options, shape);
    std::string key;
    Encoded value;
    if (const auto made = maker.make(*record, key, value); !made) {
        return "no: " + made.bad_row().reason;
    }
    std::string text = key + " =";
    for (const std::string_view part : value.parts) {
        text += ' ' + std::string(part);
    }
    return text;
}

std::string usage_error(const RowOptions& options) {
    try {
        options.check();
    } catch (const Error& error) {
        return error.code() == ExitCode::usage ? error.what() : "another error";
    }
    return "";
}

}  // namespace

TEST_CASE("a row becomes JSON under the key of its template") {
    CHECK(make({.key = "c:{id}"}, R"({"id": 7, "t": 1.10})") == R"(c:7 = {"id":7,"t":1.10})");
}

TEST_CASE("--value alone means a string") {
    CHECK(make({.key = "c:{id}", .value = "<{t}>"}, R"({"id": 7, "t": "x"})") == "c:7 = <x>");
}

TEST_CASE("a key that cannot be rendered is why there is none") {
    CHECK(make({.key = "c:{id}"}, R"({"id": null})") == "no: column 'id' is null");
}

TEST_CASE("entries are their own keys; strings stand for themselves, all else is JSON") {
    constexpr auto k_entry = RecordShape::entry;
    CHECK(make({}, R"({"a": "x\ty"})", k_entry) == "a = x\ty");
    CHECK(make({}, R"({"a": {"b": [1, 2]}})", k_entry) == R"(a = {"b":[1,2]})");
    CHECK(make({}, R"({"a": 1e400})", k_entry) == "a = 1e400");
    CHECK(make({}, R"({"a": null})", k_entry) == "a = null");
    CHECK(make({.as = EncodeAs::json}, R"({"a": "x"})", k_entry) == "a = \"x\"");
    CHECK(make({.as = EncodeAs::hash}, R"({"a": {"f": 1}})", k_entry) == "a = f 1");
    CHECK(make({.key = "app:{key}"}, R"({"a": "x"})", k_entry) == "app:a = x");
}

TEST_CASE("rows without a key are a usage error") {
    CHECK_THROWS_WITH_AS(make({}, R"({"id": 7})"), "what shall the rows' keys be?", Error);
}

TEST_CASE("options that contradict each other are usage errors") {
    CHECK(usage_error({.key = "{a}", .collect = "b"}) ==
          "only one of --key, --collect and --group can be given");
    CHECK(usage_error({.collect_by = "a"}) == "--collect-by needs --collect");
    CHECK(usage_error({.as = EncodeAs::hash, .collect = "b"}) ==
          "--collect makes JSON of the rows: another --as cannot be given");
    CHECK(usage_error({.value = "b", .group = "a:{id}"}) ==
          "--collect and --group make one value of many rows: --value cannot be given");
    CHECK(usage_error({.key = "course"}) ==
          "the template 'course' names no column, so that all rows would be one key");
    CHECK(usage_error({.collect = ""}) == "--collect: a key cannot be empty");
    CHECK(usage_error({.key = "a:{id"}) ==
          "bad template 'a:{id': a '{' without its '}' at character 3");
    CHECK(usage_error({.as = EncodeAs::json, .group = "a:{id}"}).empty());
}

TEST_CASE("a lone object is a record for whoever says what rows become") {
    CHECK(RowOptions{}.lone_object() == LoneObject::entries);
    CHECK(RowOptions{.collect = "a"}.lone_object() == LoneObject::record);
    CHECK(RowOptions{.value = "{id}"}.lone_object() == LoneObject::record);
    CHECK(RowOptions{.key = "a:{id}"}.lone_object() == LoneObject::record);
    CHECK(RowOptions{.group = "a:{id}"}.lone_object() == LoneObject::record);
    CHECK(RowOptions{.collect = "a", .collect_by = "id"}.lone_object() == LoneObject::record);
}

TEST_CASE("gathered rows are one key, or one for each group") {
    const OneRecord first(R"({"id": 1, "t": "x"})", {.lone_object = LoneObject::record});
    const OneRecord second(R"({"id": 2, "t": "y"})", {.lone_object = LoneObject::record});
    std::string key;
    Encoded value;

    RowGatherer collected({.collect = "all"}, RecordShape::row);
    CHECK(collected.keys() == 0);
    CHECK(collected.add(*first));
    CHECK(collected.add(*second));
    REQUIRE(collected.keys() == 1);
    collected.get(0, key, value);
    CHECK(key == "all");
    CHECK(value.parts.at(0) == R"([{"id":1,"t":"x"},{"id":2,"t":"y"}])");

    RowGatherer grouped({.group = "t:{t}"}, RecordShape::row);
    CHECK(grouped.add(*first));
    CHECK(grouped.add(*second));
    CHECK(grouped.add(*first));
    REQUIRE(grouped.keys() == 2);
    grouped.get(0, key, value);
    CHECK(key == "t:x");
    CHECK(value.parts.at(0) == R"([{"id":1,"t":"x"},{"id":1,"t":"x"}])");

    RowGatherer by({.collect = "all", .collect_by = "t"}, RecordShape::row);
    CHECK(by.add(*first));
    CHECK(by.add(*first));
    CHECK(by.replaced() == 1);
    by.get(0, key, value);
    CHECK(value.parts.at(0) == R"({"x":{"id":1,"t":"x"}})");
}
