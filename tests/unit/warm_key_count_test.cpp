#include "warm/key_count.hpp"

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"
#include "warm/plan.hpp"

using namespace cachectl;
using namespace cachectl::test;

TEST_CASE("a collection of which no row can be read is no key to write") {
    const TempDir dir;
    DatasetOptions dataset;
    dataset.rows.collect = "all";
    dataset.if_exists = IfExists::overwrite;
    const auto keys_of = [&](const std::string& text) {
        ReaderOptions reading;
        reading.format = DumpFormat::ndjson;
        const WarmPlan plan = WarmPlan::of_files({dir.file("a.ndjson", text)}, reading, dataset);
        return count_keys(plan, {}, {}, [] { return false; });
    };
    CHECK(keys_of("{broken\n") == 0);
    CHECK(keys_of("{\"id\":1}\n{broken\n") == 1);
}
