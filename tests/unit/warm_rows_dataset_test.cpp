#include "warm/rows/dataset.hpp"

#include <doctest/doctest.h>

#include "support/dump_input.hpp"

using namespace cachectl;
using Disposition = Dataset::Disposition;

namespace {

using namespace std::chrono_literals;

RowResult<Disposition> take(Dataset& dataset, std::string_view json) {
    const OneRecord record(json, {.lone_object = LoneObject::record});
    dataset.begin_file(RecordShape::row);
    return dataset.take(*record);
}

SqlTable table(std::vector<std::string> path) { return {.path = std::move(path)}; }

/// The code and message that `action` throws.
template <typename Action>
std::string error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return std::to_string(static_cast<int>(error.code())) + " " + error.what();
    }
    return "none";
}

}  // namespace

TEST_CASE("a record is made a key, passed over, or rejected with the reason") {
    Dataset dataset({.rows = {.key = "c:{id}"}, .where = Where::parse("n > 1")}, {});
    dataset.begin_file(RecordShape::row);
    const OneRecord record(R"({"id": 7, "n": 2})", {.lone_object = LoneObject::record});
    CHECK(dataset.take(*record) == Disposition::made);
    CHECK(dataset.key() == "c:7");
    CHECK(dataset.value().parts.at(0) == R"({"id":7,"n":2})");
    CHECK(take(dataset, R"({"id": 8, "n": 1})") == Disposition::passed_over);
    const auto rejected = take(dataset, R"({"id": null, "n": 2})");
    REQUIRE_FALSE(rejected);
    CHECK(rejected.bad_row().reason == "column 'id' is null");
    CHECK(dataset.gathered_keys() == 0);
}

TEST_CASE("gathered records become keys at the end") {
    Dataset dataset({.rows = {.group = "t:{t}"}}, {});
    CHECK(take(dataset, R"({"id": 1, "t": "x"})") == Disposition::gathered);
    CHECK(take(dataset, R"({"id": 2, "t": "y"})") == Disposition::gathered);
    REQUIRE(dataset.gathered_keys() == 2);
    dataset.make_gathered(1);
    CHECK(dataset.key() == "t:y");
    CHECK(dataset.value().parts.at(0) == R"([{"id":2,"t":"y"}])");
}

TEST_CASE("rows and entries cannot be gathered together") {
    Dataset dataset({.rows = {.collect = "all"}}, {});
    dataset.begin_file(RecordShape::row);
    CHECK(error_of([&] { dataset.begin_file(RecordShape::entry); }) ==
          "6 rows and the members of a JSON object cannot be gathered together");
}

TEST_CASE("the tables named are wanted, with their partitions") {
    Dataset dataset({.rows = {.key = "{id}"}, .tables = {"public.orders", "codes"}}, {});
    dataset.begin_file(RecordShape::row);
    const SqlTable orders = table({"public", "orders"});
    SqlTable part = table({"parts", "orders_2024"});
    part.parents = {&orders};
    CHECK(dataset.wants(orders));
    CHECK(dataset.wants(part));
    CHECK(dataset.wants(table({"any", "codes"})));
    CHECK_FALSE(dataset.wants(table({"old", "orders"})));
}

TEST_CASE("where no table is named, there must be one only, in each file") {
    Dataset dataset({.rows = {.key = "{id}"}}, {});
    const SqlTable a = table({"public", "a"});
    const SqlTable b = table({"public", "b"});
    dataset.begin_file(RecordShape::row);
    CHECK(dataset.wants(a));
    CHECK(dataset.wants(a));
    CHECK(error_of([&] { (void)dataset.wants(b); }) ==
          "6 the dump has rows of several tables, public.a and public.b");
    dataset.begin_file(RecordShape::row);
    CHECK(dataset.wants(b));
}

TEST_CASE("a dataset's own TTL comes before the policy's") {
    const KeyPolicy policy =
        parse_key_policy(R"({"keys": [{"pattern": "c:*", "ttl": "5m"}]})", "policy.json");
    Dataset with({.rows = {.key = "c:{id}"}, .ttl = 1h}, {policy});
    Dataset without({.rows = {.key = "c:{id}"}}, {policy});
    CHECK(take(with, R"({"id": 1})"));
    CHECK(take(without, R"({"id": 1})"));
    CHECK(with.ttl(with.key()) == 1h);
    CHECK(without.ttl(without.key()) == 5min);
    CHECK(error_of([] { Dataset({.rows = {.key = "{id}"}, .jitter = 0.1}, {}); }) ==
          "2 --jitter shortens a time to live, and there is none");
}
