#include "output/document.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cachectl;

namespace {

std::string written(Format format, bool with_csv) {
    std::string text;
    Writer out(text);
    Document document{.table = [&] { out.write("table"); },
                      .lines = [&] { out.write("lines"); },
                      .json =
                          [](JsonWriter& json) {
                              json.begin_object();
                              json.field("a", 1);
                              json.end_object();
                          }};
    if (with_csv) {
        document.csv = [&] { out.write("csv"); };
    }
    write_document(out, format, document);
    out.flush();
    return text;
}

}  // namespace

TEST_CASE("a document is written in the form that is asked for") {
    CHECK(written(Format::table, true) == "table");
    CHECK(written(Format::plain, true) == "lines");
    CHECK(written(Format::csv, true) == "csv");
    CHECK(written(Format::json, true) == "{\n  \"a\": 1\n}\n");
    CHECK(written(Format::ndjson, true) == "{\"a\":1}\n");
}

TEST_CASE("of a form that is not offered nothing is written") {
    CHECK(written(Format::csv, false).empty());
    CHECK(written(Format::prometheus, true).empty());
}
