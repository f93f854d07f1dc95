#include "dump/json_wrapper.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

constexpr std::string_view k_rows = "[{\"id\":1},{\"id\":2}]";

std::string object(std::string_view before, std::string_view name, std::string_view behind = "") {
    return fmt::format("{{{}\"{}\": {}{}}}", before, name, k_rows, behind);
}

/// The error and its hint, or how it was read.
std::string outcome(std::string_view text, const ReaderOptions& options) {
    const DumpReading reading = read_all(text, options);
    return reading.error.empty() ? reading.format : reading.error + " / " + reading.hint;
}
std::string as_entries(std::string_view text) { return outcome(text, {}); }
std::string as_record(std::string_view text, std::vector<std::string> columns = {}) {
    return outcome(text, {.lone_object = LoneObject::record, .record_columns = std::move(columns)});
}

const std::string k_refusal = "cannot read in: its rows stand within another object / ";

}  // namespace

TEST_CASE("an export that wraps its rows is refused with the way to read it") {
    for (const std::string& text : {object("", "data"), object("\"table\":\"codes\",\n", "data"),
                                    object("\"meta\":{\"n\":2},", "data", ",\"next\":null")}) {
        CAPTURE(text);
        CHECK(as_entries(text) ==
              k_refusal + "--rows '/data' reads them; if its members are keys, say --format json");
        CHECK(
            as_record(text) ==
            k_refusal +
                "--rows '/data' reads them; if the object is itself a record, say --format ndjson");
        CHECK(read_all(text, {.rows = "/data"}).records == 2);
    }
    CHECK(as_record(object("", "codes")).starts_with(k_refusal + "--rows '/codes' reads"));
    CHECK(as_entries(object("", "select a/b from t"))
              .starts_with(k_refusal + "--rows '/select a~1b from t' reads"));
    // One that is longer than what is looked at.
    std::string text = "{\"data\":[{\"t\":\"" + std::string(6'000'000, 'x') + "\"}]}";
    CHECK(as_entries(text).starts_with(k_refusal));
    CHECK(as_record(text).starts_with(k_refusal));
}

TEST_CASE("records and keys that only look alike are none") {
    CHECK(as_entries(object("", "codes:all")) == "JSON object");
    CHECK(as_entries(object("\"rows\":[{}],", "data")) == "JSON object");
    CHECK(as_entries("{\"data\":[1,2]}") == "JSON object");
    CHECK(as_entries("{\"data\":[]}") == "JSON object");
    CHECK(as_entries("{\"data\":{\"a\":[{}]}}") == "JSON object");
    CHECK(as_record(object("\"id\":7,", "lines")) == "NDJSON");
    CHECK(as_record(object("\"id\":7,", "items"), {"id"}) == "NDJSON");
    CHECK(as_record(object("\"user\":{\"id\":7},", "items"), {"user.id"}) == "NDJSON");
    CHECK(as_record(object("", "data") + "\n" + object("", "data") + "\n") == "NDJSON");
    CHECK(outcome(object("", "data"), {.format = DumpFormat::json}) == "JSON object");
    CHECK(outcome(object("", "data"), {.format = DumpFormat::ndjson}) == "NDJSON");
}

TEST_CASE("phpMyAdmin's tables are named with their pointer") {
    const std::string text =
        "[\n{\"type\":\"header\",\"version\":\"5.2.1\",\"comment\":\"Export to JSON plugin\"},\n"
        "{\"type\":\"database\",\"name\":\"shop\"},\n"
        "{\"type\":\"table\",\"name\":\"codes\",\"database\":\"shop\",\"data\":\n" +
        std::string(k_rows) + "\n}\n]\n";
    CHECK(as_record(text) ==
          "cannot read in: it is an export of phpMyAdmin, whose rows stand within its tables / "
          "--rows /2/data reads those of table 'codes'");
    CHECK(read_all(text, {.rows = "/2/data"}).records == 2);
    CHECK(as_record(R"([{"type":"header"},{"type":"footer"}])") == "JSON array");
}
