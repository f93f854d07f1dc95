#include "warm/plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "util/error.hpp"

using namespace cachectl;

TEST_CASE("files from the command line are one dataset") {
    const WarmPlan plan = WarmPlan::of_files({"a.sql", "-"}, {.format = DumpFormat::sql},
                                             {.rows = {.key = "c:{id}"}, .tables = {"courses"}});
    REQUIRE(plan.datasets.size() == 1);
    REQUIRE(plan.inputs.size() == 2);
    CHECK(plan.inputs[1].file == "-");
    CHECK(plan.inputs[1].datasets == std::vector<std::size_t>{0});
    CHECK(plan.inputs[1].reading.format == DumpFormat::sql);
    CHECK(plan.inputs[1].reading.sql.tables == std::vector<std::string>{"courses"});
    CHECK(plan.inputs[1].reading.lone_object == LoneObject::record);
    CHECK_THROWS_WITH_AS(WarmPlan::of_files({"-", "a", "-"}, {}, {}),
                         "stdin can be read only once, but - is given twice", Error);
}

TEST_CASE("what shapes the result is part of a plan's identity, and where it comes from is none") {
    const auto identity = [](const DatasetOptions& dataset, const char* file = "a.csv") {
        return WarmPlan::of_files({file}, {}, dataset).identity({}, {});
    };
    using namespace std::chrono_literals;
    DatasetOptions options{.rows = {.key = "c:{id}"}};
    options.if_exists = IfExists::refresh;
    options.refresh_below = 10min;
    const std::string first = identity(options);
    CHECK(identity(options, "b.csv") == first);
    std::vector<std::string> all = {first};
    options.refresh_below = 11min;
    all.push_back(identity(options));
    options.if_exists = IfExists::update;
    options.refresh_below.reset();
    all.push_back(identity(options));
    for (const char* column : {"a", "b", "a=b"}) {
        options.rows.columns = {ColumnChoice::parse(column)};
        all.push_back(identity(options));
    }
    ColumnChoice constant("a");
    for (const char* text : {"", "x"}) {
        constant.constant = {ValueKind::text, text};
        options.rows.columns = {constant};
        all.push_back(identity(options));
    }
    for (const char* where : {"a=1", "a=2"}) {
        options.where = Where::parse(where);
        all.push_back(identity(options));
    }
    for (const char* table : {"t", "u"}) {
        options.tables = {table};
        all.push_back(identity(options));
    }
    for (const auto ttl : {1h, 2h}) {
        options.ttl = ttl;
        all.push_back(identity(options));
    }
    options.jitter = 0.1;
    all.push_back(identity(options));
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}
