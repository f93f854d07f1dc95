#include "dump/json_path.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

std::string at(const Record& record, std::string_view path) {
    std::string scratch;
    const auto value = find_value(record, path, scratch);
    return value ? fmt::format("{} {}", kind_name(value->kind), value->text) : "none";
}

}  // namespace

TEST_CASE("values within nested values") {
    const OneRecord row(
        R"({"u":{"id":7,"n":"a\"b","ok":true,"no":null,"o":{"x.y":[10,{"z":1.50}]},"e":{}},)"
        R"("t":["a","b"],"a.b":1,"a":{"b":2,"c":3},"p.q":{"r":4},"s":"text"})"
        "\n{}");
    CHECK(at(*row, "u.id") == "number 7");
    CHECK(at(*row, "u.n") == "text a\"b");
    CHECK(at(*row, "u.ok") == "boolean true");
    CHECK(at(*row, "u.no") == "null ");
    CHECK(at(*row, "u.e") == "json {}");
    CHECK(at(*row, "u.o.x.y.1.z") == "number 1.50");
    CHECK(at(*row, "u.o.x.y") == R"(json [10,{"z":1.50}])");
    CHECK(at(*row, "t.1") == "text b");
    CHECK(at(*row, "p.q.r") == "number 4");
    // A column that is called so comes first.
    CHECK(at(*row, "a.b") == "number 1");
    CHECK(at(*row, "a.c") == "number 3");
    for (const char* path :
         {"u.x", "u.id.x", "t.2", "t.01", "t.-1", "s.x", "u.", ".u", "x", "u.e.a"}) {
        CAPTURE(path);
        CHECK(at(*row, path) == "none");
    }
}
