#include "load/warm_plan.hpp"

#include <doctest/doctest.h>

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
