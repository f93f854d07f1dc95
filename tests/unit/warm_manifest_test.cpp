#include "warm/manifest.hpp"

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

/// "MESSAGE" or "MESSAGE | HINT" of the error; it has to be one of bad input.
std::string mistake(std::string_view text) {
    try {
        parse_manifest(text, "dir/warm.json");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::bad_input);
        return error.hint().empty() ? error.what() : error.what() + (" | " + error.hint());
    }
    return "";
}

/// The mistake of a manifest with this one dataset in its second line.
std::string dataset_mistake(const std::string& dataset) {
    return mistake("{\"datasets\": [\n" + dataset + "]}");
}

}  // namespace

TEST_CASE("a dataset may say all that the command line can") {
    const WarmPlan plan = parse_manifest(R"({
  // Comments are allowed.
  "policy": "keys.json",
  "datasets": [
    {"file": "/dumps/all.sql.gz", "format": "sql", "dialect": "mysql", "binary": "hex",
     "backslash_escapes": false, "table": ["courses", "shop.\"Old courses\""],
     "key": "course:{id}", "as": "hash", "columns": ["id", "title"],
     "where": "active = true", "ttl": "1h30m", "jitter": "10%", "if_exists": "overwrite"},
    {"file": "-", "collect": "codes", "collect_by": "code"},
    {"file": "list.csv", "group": "list:{t}"},
    {"file": "t.csv", "key": "{id}", "value": "{t}"}
  ]
})",
                                         "conf/warm.json");
    CHECK(plan.policy_file == "conf/keys.json");
    REQUIRE(plan.datasets.size() == 4);
    const DatasetOptions& first = plan.datasets[0];
    CHECK(first.place == "conf/warm.json:5");
    CHECK(first.tables == std::vector<std::string>{"courses", "shop.\"Old courses\""});
    CHECK(first.rows.key == "course:{id}");
    CHECK(first.rows.as == EncodeAs::hash);
    CHECK(first.rows.columns == std::vector<ColumnChoice>{"id", "title"});
    CHECK(first.where.has_value());
    CHECK(first.ttl == 90min);
    CHECK(first.jitter == 0.1);
    CHECK(first.if_exists == IfExists::overwrite);
    CHECK(plan.datasets[1].rows.collect == "codes");
    CHECK(plan.datasets[1].rows.collect_by == "code");
    CHECK(plan.datasets[2].rows.group == "list:{t}");
    CHECK(plan.datasets[3].rows.value == "{t}");

    REQUIRE(plan.inputs.size() == 4);
    CHECK(plan.inputs[0].file == "/dumps/all.sql.gz");
    CHECK(plan.inputs[0].reading.format == DumpFormat::sql);
    CHECK(plan.inputs[0].reading.sql.dialect == SqlDialect::mysql);
    CHECK(plan.inputs[0].reading.sql.binary == BinaryAs::hex);
    CHECK(plan.inputs[0].reading.sql.escapes == SqlEscapes::none);
    CHECK(plan.inputs[0].reading.sql.tables == first.tables);
    CHECK(plan.inputs[1].file == "-");
    CHECK(plan.inputs[2].file == "conf/list.csv");
}

TEST_CASE("what is not said comes from the defaults") {
    const WarmPlan plan = parse_manifest(R"({
  "defaults": {"file": "a.sql", "ttl": "1h", "jitter": "5%", "if_exists": "overwrite"},
  "datasets": [{"table": "t", "key": "t:{id}"},
               {"table": "u", "key": "u:{id}", "ttl": "5m", "if_exists": "skip"}]
})",
                                         "warm.json");
    CHECK(plan.datasets[0].ttl == 1h);
    CHECK(plan.datasets[0].if_exists == IfExists::overwrite);
    CHECK(plan.datasets[1].ttl == 5min);
    CHECK(plan.datasets[1].jitter == 0.05);
    CHECK(plan.datasets[1].if_exists == IfExists::skip);
    CHECK(plan.inputs.size() == 1);
}

TEST_CASE("a file is one input, however it is written, for all datasets that read it") {
    const WarmPlan plan = parse_manifest(R"({"datasets": [
  {"file": "a.sql", "table": "t", "key": "t:{id}"},
  {"file": "b.csv", "key": "b:{id}"},
  {"file": "./x/../a.sql", "table": "u", "collect": "us"}]})",
                                         "m/warm.json");
    REQUIRE(plan.inputs.size() == 2);
    CHECK(plan.inputs[0].file == "m/a.sql");
    CHECK(plan.inputs[0].datasets == std::vector<std::size_t>{0, 2});
    CHECK(plan.inputs[0].reading.sql.tables == std::vector<std::string>{"t", "u"});
}

TEST_CASE("a file that is called - is no stdin") {
    const WarmPlan plan = parse_manifest(R"({"datasets": [
  {"file": "./-", "key": "a:{id}"}, {"file": "-", "key": "b:{id}"},
  {"file": "x/../-", "key": "c:{id}"}]})",
                                         "warm.json");
    REQUIRE(plan.inputs.size() == 2);
    CHECK(plan.inputs[0].file == "./-");
    CHECK(plan.inputs[0].datasets == std::vector<std::size_t>{0, 2});
    CHECK(plan.inputs[1].file == "-");
}

TEST_CASE("columns get other names and constants, in the order in which they stand") {
    const WarmPlan plan = parse_manifest(R"({"datasets": [
  {"file": "a", "key": "{id}", "columns": {"id": "id", "title": "name.fr", "src": {"constant": "x"},
   "n": {"constant": 1.50}, "big": {"constant": 18446744073709551615}, "on": {"constant": true},
   "none": {"constant": null}}},
  {"file": "b", "key": "{id}", "columns": "id,title=name.fr"},
  {"file": "c", "key": "{id}", "columns": ["id", "title=name.fr"]}]})",
                                         "m.json");
    const auto& columns = plan.datasets[0].rows.columns;
    REQUIRE(columns.size() == 7);
    std::string text;
    for (const ColumnChoice& column : columns) {
        text += column.name + '<' + (column.constant ? column.constant->text : column.from) + ' ';
    }
    CHECK(text == "id<id title<name.fr src<x n<1.50 big<18446744073709551615 on<true none< ");
    CHECK(columns[2].constant->kind == ValueKind::text);
    CHECK(columns[3].constant->kind == ValueKind::number);
    CHECK(columns[5].constant->kind == ValueKind::boolean);
    CHECK(columns[6].constant->kind == ValueKind::null);
    CHECK(plan.datasets[1].rows.columns[1].from == "name.fr");
    CHECK(plan.datasets[1].rows.columns == plan.datasets[2].rows.columns);
    CHECK(plan.datasets[1].rows.named_columns() == std::vector<std::string>{"id", "name.fr", "id"});
}

TEST_CASE("mistakes in columns are told with their line") {
    const auto mistake_in = [](const std::string& columns) {
        return dataset_mistake("{\"file\": \"a\", \"key\": \"{id}\",\n\"columns\": " + columns +
                               "}");
    };
    CHECK(mistake_in(R"({})") == "dir/warm.json:3: 'datasets[0].columns' must not be empty");
    CHECK(mistake_in(R"({"a": 7})") ==
          "dir/warm.json:3: 'datasets[0].columns.a' must be a string, not a number");
    CHECK(mistake_in(R"({"a": {"const": 7}})")
              .starts_with("dir/warm.json:3: 'datasets[0].columns.a.const' is not a known field"));
    CHECK(mistake_in(R"({"a": {}})") ==
          "dir/warm.json:3: 'datasets[0].columns.a' has no 'constant'");
    CHECK(mistake_in(R"({"a": {"constant": [1]}})") ==
          "dir/warm.json:3: 'datasets[0].columns.a.constant' must be a string, a number, true, "
          "false or null");
    CHECK(mistake_in(R"({"a": "x", "a": "y"})").starts_with("dir/warm.json:3: 'a' is given twice"));
}

TEST_CASE("a dataset that refreshes says from when on") {
    const WarmPlan plan = parse_manifest(R"({
  "defaults": {"file": "a", "ttl": "1h", "if_exists": "refresh", "refresh_below": "10m"},
  "datasets": [{"key": "a:{id}"}, {"key": "b:{id}", "if_exists": "update"},
               {"key": "c:{id}", "refresh_below": "5m"}]})",
                                         "m.json");
    CHECK(plan.datasets[0].if_exists == IfExists::refresh);
    CHECK(plan.datasets[0].refresh_below == 10min);
    CHECK(plan.datasets[1].if_exists == IfExists::update);
    CHECK_FALSE(plan.datasets[1].refresh_below);
    CHECK(plan.datasets[2].refresh_below == 5min);
    const auto refused = [](const std::string& more) {
        return dataset_mistake(R"({"file": "a", "key": "{id}", "ttl": "1h", )" + more + "}");
    };
    CHECK(refused(R"("if_exists": "refresh")")
              .starts_with("dir/warm.json:2: 'if_exists' refresh needs 'refresh_below'"));
    CHECK(refused(R"("refresh_below": "1m")")
              .starts_with("dir/warm.json:2: 'refresh_below' is for 'if_exists' refresh only"));
    CHECK(refused(R"("if_exists": "refresh", "refresh_below": "1h")")
              .starts_with("dir/warm.json:2: 'refresh_below' is not less than 'ttl'"));
    CHECK(refused(R"("if_exists": "refresh", "refresh_below": "55m", "jitter": "10%")")
              .starts_with("dir/warm.json:2: 'refresh_below' is not less than 'ttl' shortened by "
                           "'jitter'"));
    CHECK(refused(R"("jitter": "100%")").find("'100%' would make keys expire at once") !=
          std::string::npos);
}

TEST_CASE("a pattern of files is one dataset of all of them, which share what they define") {
    const test::TempDir dir;
    for (const char* name : {"t-schema.sql", "t.2.sql", "t.1.sql"}) {
        dir.file(name, "x");
    }
    const std::string path = dir.path() / "m.json";
    const WarmPlan plan = parse_manifest(
        R"({"datasets": [{"file": "t*.sql", "table": "t", "key": "a:{id}"},
                         {"file": "t*.sql", "table": "t", "key": "b:{id}"},
                         {"file": "t.1.sq[l]", "table": "t", "key": "c:{id}"}]})",
        path);
    REQUIRE(plan.inputs.size() == 3);
    const std::string folder = dir.path().string() + '/';
    CHECK(plan.inputs[0].file == folder + "t-schema.sql");
    CHECK(plan.inputs[1].file == folder + "t.1.sql");
    CHECK(plan.inputs[2].file == folder + "t.2.sql");
    CHECK(plan.inputs[0].datasets == std::vector<std::size_t>{0, 1});
    CHECK(plan.inputs[1].datasets == std::vector<std::size_t>{0, 1, 2});
    CHECK(plan.inputs[0].reading.sql.definitions);
    CHECK(plan.inputs[0].reading.sql.definitions == plan.inputs[2].reading.sql.definitions);
    CHECK(plan.inputs[1].reading.sql.more_files);
    CHECK_FALSE(plan.inputs[2].reading.sql.more_files);
}

TEST_CASE("a pattern that matches no file is told with its line") {
    CHECK(mistake("{\"datasets\": [\n{\"file\": \"no-*.sql\", \"key\": \"{id}\"}]}") ==
          "dir/warm.json:2: 'datasets[0].file' matches no file: 'no-*.sql'");
}

TEST_CASE("mistakes in the file are told with their line") {
    CHECK(mistake("{\n\"datasets\": [}") ==
          "dir/warm.json:2: syntax error while parsing value - unexpected '}'; expected '[', "
          "'{', or a literal");
    CHECK(mistake("[]") == "dir/warm.json:1: the file must be an object, not an array");
    CHECK(mistake("{}") == "dir/warm.json:1: the file has no 'datasets'");
    CHECK(mistake("{\"datasets\": []}") ==
          "dir/warm.json:1: 'datasets' must name at least one dataset");
    CHECK(mistake("{\"dataset\": []}") ==
          "dir/warm.json:1: 'dataset' is not a known field | did you mean 'datasets'?");
    CHECK(mistake("{\"defaults\": {\"key\": \"a\"}, \"datasets\": []}") ==
          "dir/warm.json:1: 'defaults.key' is not a known field | known are: file, format, "
          "dialect, schema, binary, backslash_escapes, delimiter, header, types, null, rows, as, "
          "ttl, jitter, if_exists, refresh_below");
    CHECK(mistake("{\"datasets\": [],\n\"datasets\": []}") ==
          "dir/warm.json:2: 'datasets' is given twice; first in line 1");
}

TEST_CASE("mistakes in a dataset are told with their line and name") {
    CHECK(dataset_mistake("{}") == "dir/warm.json:2: 'datasets[0]' has no 'file'");
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "header": "id,n"})") ==
          "dir/warm.json:2: 'datasets[0].header' must be an array, not a string");
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "header": []})") ==
          "dir/warm.json:2: 'datasets[0].header' must not be empty");
    CHECK(dataset_mistake(R"({"file": "a", "colect": "x"})") ==
          "dir/warm.json:2: 'datasets[0].colect' is not a known field | did you mean 'collect'?");
    CHECK(dataset_mistake(R"({"file": 7})") ==
          "dir/warm.json:2: 'datasets[0].file' must be a string, not a number");
    CHECK(dataset_mistake(R"({"file": ""})") ==
          "dir/warm.json:2: 'datasets[0].file' must not be empty");
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "ttl": 3600})") ==
          "dir/warm.json:2: 'datasets[0].ttl' must be a string, not a number");
    CHECK(dataset_mistake("{\"file\": \"a\", \"key\": \"{id}\",\n\"ttl\": \"0\"}") ==
          "dir/warm.json:3: 'datasets[0].ttl' must be more than 0");
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "ttl": "10e9"})")
              .starts_with("dir/warm.json:2: 'datasets[0].ttl' is wrong: '10e9' is not a "
                           "duration"));
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "jitter": "110%"})")
              .starts_with("dir/warm.json:2: 'datasets[0].jitter' is wrong: "));
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "as": "jsno"})") ==
          "dir/warm.json:2: 'datasets[0].as' must be one of json, string, hash, list, set, zset, "
          "not 'jsno'");
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "where": "a ="})")
              .starts_with("dir/warm.json:2: 'datasets[0].where' is wrong: "));
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "table": "a..b"})")
              .starts_with("dir/warm.json:2: 'datasets[0].table' is wrong: 'a..b' is not the name "
                           "of a table"));
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "columns": []})") ==
          "dir/warm.json:2: 'datasets[0].columns' must not be empty");
    CHECK(
        dataset_mistake(R"({"file": "a", "key": "c:{id"})") ==
        "dir/warm.json:2: bad template 'c:{id': a '{' without its '}' at character 3 | a column's "
        "name stands in braces, as in 'course:{id}'; a brace itself is doubled: {{ or }}");
}

TEST_CASE("options that contradict each other are mistakes, in the manifest's own words") {
    CHECK(dataset_mistake(R"({"file": "a", "key": "{id}", "collect": "x"})")
              .starts_with("dir/warm.json:2: only one of 'key', 'collect' and 'group' can be "
                           "given | 'key' 'course:{id}' makes a key of each row"));
    CHECK(dataset_mistake(R"({"file": "a", "collect_by": "x"})") ==
          "dir/warm.json:2: 'collect_by' needs 'collect'");
    CHECK(dataset_mistake(R"({"file": "a", "table": "t"})") ==
          "dir/warm.json:2: 'datasets[0]' makes no keys: it needs one of 'key', 'collect' and "
          "'group'");
}

TEST_CASE("datasets of one file must agree on how it is read") {
    const std::string first = R"({"file": "a.sql", "table": "t", "key": "t:{id}"},)";
    CHECK(dataset_mistake(first + "\n" +
                          R"({"file": "a.sql", "table": "u", "key": "{id}", "binary": "hex"})") ==
          "dir/warm.json:3: 'datasets[1]' reads the file otherwise than dir/warm.json:2 does | "
          "what says how a file is read ('format', 'dialect', 'delimiter' …) has to be the same in "
          "all datasets of it; 'defaults' can hold it");
    CHECK(dataset_mistake(first + "\n" + R"({"file": "a.sql", "key": "{id}"})") ==
          "dir/warm.json:3: 'datasets[1]' names no 'table' of the file, while dir/warm.json:2 "
          "names one");
    CHECK(dataset_mistake(R"({"file": "a.csv", "collect": "all"},)"
                          "\n"
                          R"({"file": "b.csv", "collect": "all"})") ==
          "dir/warm.json:3: 'datasets[1]' collects into the key 'all', as does dir/warm.json:2");
}

TEST_CASE("a manifest that is not there is bad input too") {
    try {
        read_manifest("/no/such.json");
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::bad_input);
        CHECK(error.what() == std::string("cannot read /no/such.json: No such file or directory"));
    }
    const test::TempDir dir;
    const std::string path =
        dir.file("warm.json", R"({"datasets": [{"file": "a.csv", "key": "{id}"}]})");
    CHECK(read_manifest(path).inputs.at(0).file == dir.path() / "a.csv");
}

TEST_CASE("what is set fills templates and files, and the command line's value counts") {
    const std::string text = R"({
  "set": {"release": "v1", "env": "eu"},
  "sync": ["{env}:courses:*", "{env}:codes:*"],
  "switch": "{env}:current={release}",
  "datasets": [
    {"file": "{env}/a.csv", "key": "{env}:courses:{release}:{id}", "value": "{{env}}"},
    {"file": "{env}/a.csv", "collect": "{env}:codes:{release}"}
  ]
})";
    TemplateValues values;
    values.add("release=v42");
    const WarmPlan plan = parse_manifest(text, "dir/warm.json", values);
    REQUIRE(plan.inputs.size() == 1);
    CHECK(plan.inputs[0].file == "dir/eu/a.csv");
    CHECK(*plan.datasets[0].rows.key == "eu:courses:v42:{id}");
    CHECK(*plan.datasets[0].rows.value == "{{env}}");
    CHECK(*plan.datasets[1].rows.collect == "eu:codes:v42");
    CHECK(plan.sync == std::vector<std::string>{"{env}:courses:*", "{env}:codes:*"});
    CHECK(plan.switch_to == "{env}:current={release}");
}

TEST_CASE("a manifest sets names to texts") {
    const auto set = [](const std::string& value) {
        return mistake("{\"set\": " + value + R"(, "datasets": [{"file": "a", "key": "{id}"}]})");
    };
    CHECK(set(R"({"a b": "x"})") ==
          "dir/warm.json:1: 'set.a b' is wrong: 'a b=x' is not NAME=VALUE | a name has letters, "
          "digits, '_' and '-'");
    CHECK(set(R"({"a": ""})") == "dir/warm.json:1: 'set.a' must not be empty");
    CHECK(set(R"({"a": 1})") == "dir/warm.json:1: 'set.a' must be a string, not a number");
}
