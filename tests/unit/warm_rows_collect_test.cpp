#include "warm/rows/collect.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;

namespace {

/// Adds each row; what is wrong with a row goes to `faults`.
template <typename Gatherer>
void add_all(Gatherer& gatherer, std::string_view text, std::string& faults) {
    const TextFile file(text);
    Source source(file.fd(), "in");
    const auto reader = open_reader(source);
    while (reader->next() == Next::record) {
        if (const auto added = gatherer.add(reader->record()); !added) {
            faults += fmt::format("{}: {}\n", reader->record().line(), added.bad_row().reason);
        }
    }
}

constexpr std::string_view k_rows =
    "{\"code\": \"b\", \"n\": 1.10, \"t\": \"x\"}\n"
    "{\"code\": \"a\", \"n\": 2, \"t\": \"x\"}\n"
    "{\"code\": \"b\", \"n\": 3, \"t\": \"y\"}\n";

}  // namespace

TEST_CASE("all rows in one array, in their order") {
    Collect collect({}, std::nullopt);
    CHECK(collect.value() == "[]");
    std::string faults;
    add_all(collect, k_rows, faults);
    CHECK(
        collect.value() ==
        R"([{"code":"b","n":1.10,"t":"x"},{"code":"a","n":2,"t":"x"},{"code":"b","n":3,"t":"y"}])");
    CHECK(collect.records() == 3);
    CHECK(collect.duplicates() == 0);
    CHECK(faults.empty());
}

TEST_CASE("all rows in an object by a column: the last of a name wins, and is counted") {
    GatherOptions options;
    options.columns = {"n"};
    Collect collect(options, "code");
    CHECK(collect.value() == "{}");
    std::string faults;
    add_all(collect, k_rows, faults);
    CHECK(collect.value() == R"({"b":{"n":3},"a":{"n":2}})");
    CHECK(collect.records() == 3);
    CHECK(collect.duplicates() == 1);
}

TEST_CASE("a name in the object is escaped, and must be one") {
    Collect collect({}, "k");
    std::string faults;
    add_all(collect, "k,v\n\"a\"\"b\",1\n,2\n\xFF,3\n\"\",4\n", faults);
    CHECK(collect.value() == R"({"a\"b":{"k":"a\"b","v":"1"}})");
    CHECK(faults ==
          "3: column 'k' is null\n"
          "4: column 'k' is not UTF-8, so it cannot be JSON; iconv -t UTF-8 converts a file\n"
          "5: column 'k' is empty\n");
    CHECK(collect.records() == 1);
}

TEST_CASE("a row that cannot be JSON leaves no trace") {
    Collect collect({}, std::nullopt);
    std::string faults;
    add_all(collect, "v,w\n1,\n\xFF,\n2,\n", faults);
    CHECK(collect.value() == R"([{"v":"1","w":null},{"v":"2","w":null}])");
    CHECK(faults ==
          "3: column 'v' is not UTF-8, so it cannot be JSON; iconv -t UTF-8 converts a file\n");
}

TEST_CASE("a group for each key") {
    Group group({}, KeyTemplate::parse("list:{t}"));
    std::string faults;
    add_all(group, k_rows, faults);
    REQUIRE(group.size() == 2);
    CHECK(group.key(0) == "list:x");
    Encoded value;
    group.get(0, value);
    CHECK(value.as == EncodeAs::json);
    CHECK(value.parts[0] == R"([{"code":"b","n":1.10,"t":"x"},{"code":"a","n":2,"t":"x"}])");
    CHECK(group.key(1) == "list:y");
    group.get(1, value);
    CHECK(value.parts[0] == R"([{"code":"b","n":3,"t":"y"}])");
    CHECK(group.records() == 3);
}

TEST_CASE("a group becomes a zset, a set, a list or a hash of its rows") {
    const auto made = [](EncodeAs as, std::vector<ColumnChoice> columns) {
        Group group({.columns = std::move(columns), .as = as}, KeyTemplate::parse("k:{g}"));
        std::string faults;
        add_all(group, "g,player,score\nx,ann,10\ny,dan,5\nx,bob,20\nx,,1\n", faults);
        Encoded value;
        group.get(0, value);
        CHECK(value.as == as);
        CHECK(group.key(0) == "k:x");
        CHECK(group.size() == 2);
        std::string text = faults;
        for (const std::string_view part : value.parts) {
            text += std::string(part) + ' ';
        }
        return text;
    };
    CHECK(made(EncodeAs::zset, {"player", "score"}) ==
          "5: column 'player' is null\n10 ann 20 bob ");
    CHECK(made(EncodeAs::hash, {"player", "score"}) ==
          "5: the field or the value of the hash is null\nann 10 bob 20 ");
    CHECK(made(EncodeAs::list, {"score"}) == "10 20 1 ");
    CHECK(made(EncodeAs::set, {"player", "score"}) == "ann 10 bob 20 1 ");
}

TEST_CASE("a group of another kind needs its columns") {
    const auto group = [](EncodeAs as, std::vector<ColumnChoice> columns) {
        Group made({.columns = std::move(columns), .as = as}, KeyTemplate::parse("k:{g}"));
    };
    CHECK_THROWS_WITH_AS(group(EncodeAs::hash, {"a"}),
                         "--group with --as hash needs --columns FIELD,VALUE", Error);
    CHECK_THROWS_WITH_AS(group(EncodeAs::zset, {}), "--as zset needs --columns MEMBER,SCORE",
                         Error);
    CHECK_THROWS_WITH_AS(group(EncodeAs::string, {"a"}), "--group makes no string of its rows",
                         Error);
}

TEST_CASE("a row without its group's column is refused") {
    Group group({}, KeyTemplate::parse("list:{t}"));
    std::string faults;
    add_all(group, "{\"t\":null}\n{\"x\":1}\n{\"t\":1}\n", faults);
    CHECK(faults == "1: column 't' is null\n2: no column 't'; there are x\n");
    CHECK(group.size() == 1);
}

TEST_CASE("gathering stops at its limit, in every form") {
    GatherOptions options;
    options.max_bytes = 20'000;
    std::string rows;
    for (int i = 0; i < 1000; ++i) {
        rows += fmt::format("{{\"id\":{},\"t\":{},\"v\":\"0123456789\"}}\n", i, i % 10);
    }
    std::string faults;
    const auto check = [](const Error& error) {
        CHECK(error.code() == ExitCode::bad_input);
        CHECK(std::string(error.what()) ==
              "gathering rows into keys takes more than 20000 bytes of memory");
        CHECK(error.hint() == "choose fewer --columns, or raise --max-memory");
    };
    Collect array(options, std::nullopt);
    Collect object(options, "id");
    Group group(options, KeyTemplate::parse("g:{t}"));
    try {
        add_all(array, rows, faults);
        FAIL("no limit");
    } catch (const Error& error) {
        check(error);
    }
    try {
        add_all(object, rows, faults);
        FAIL("no limit");
    } catch (const Error& error) {
        check(error);
    }
    try {
        add_all(group, rows, faults);
        FAIL("no limit");
    } catch (const Error& error) {
        check(error);
    }
    CHECK(array.records() > 100);
    CHECK(array.bytes() <= 2 * options.max_bytes + 200);
    CHECK(faults.empty());
}

TEST_CASE("the entries of an object gather by their keys") {
    GatherOptions options;
    options.shape = RecordShape::entry;
    Collect collect(options, "key");
    std::string faults;
    add_all(collect, R"({"a": [1, 2], "b": "x"})", faults);
    CHECK(collect.value() == R"({"a":[1,2],"b":"x"})");
}
