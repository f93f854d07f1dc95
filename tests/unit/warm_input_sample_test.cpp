#include "warm/input_sample.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/compressed.hpp"
#include "support/temp_dir.hpp"

using namespace cachectl;
using cachectl::test::TempDir;

namespace {

std::string rows(int count, std::size_t size = 100) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text +=
            fmt::format("{{\"id\":{:08},\"v\":\"{}\"}}\n", 10'000'000 + i, std::string(size, 'x'));
    }
    return text;
}

WarmPlan plan_of(const std::vector<std::string>& files, DatasetOptions dataset = {}) {
    if (!dataset.rows.gathers()) {
        dataset.rows.key = "k:{id}";
    }
    return WarmPlan::of_files(files, {}, dataset);
}

InputSample look(const WarmPlan& plan, const SampleLimits& limits = {}) {
    return sample_inputs(plan, {}, {}, limits, [] { return false; });
}

double keys(const WarmPlan& plan, const SampleLimits& limits = {}) {
    return look(plan, limits).estimate.keys();
}

}  // namespace

TEST_CASE("a small file is read whole") {
    const TempDir dir;
    const WarmPlan plan = plan_of({dir.file("a.ndjson", rows(1000))});
    const InputSample seen = look(plan);
    CHECK(seen.is_whole);
    CHECK_FALSE(seen.has_unknown);
    CHECK(seen.estimate.keys() == 1000);
    REQUIRE(seen.names.size() == 1000);
    CHECK(seen.names[999] == "k:10000999");
}

TEST_CASE("a large file is scaled from its first rows") {
    const TempDir dir;
    const WarmPlan plan = plan_of({dir.file("a.ndjson", rows(100'000))});
    const InputSample seen = look(plan);
    CHECK_FALSE(seen.is_whole);
    CHECK(seen.estimate.keys() == doctest::Approx(100'000).epsilon(0.02));
    CHECK(seen.names.size() == 1000);
    CHECK(keys(plan, SampleLimits::none()) == 100'000);
    const auto exact = look(plan, SampleLimits::none()).estimate.bytes();
    CHECK(static_cast<double>(seen.estimate.bytes()) ==
          doctest::Approx(static_cast<double>(exact)).epsilon(0.03));
}

TEST_CASE("a compressed file is scaled too") {
    const TempDir dir;
    // Numbers that do not compress well, so that there is more than one block to read.
    std::string text;
    std::uint64_t random = 1;
    for (int i = 0; i < 100'000; ++i) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        text += fmt::format("{{\"id\":{},\"v\":{}}}\n", i, random);
    }
    for (const std::string& packed : {gzipped(text), zstd_packed(text)}) {
        const WarmPlan plan = plan_of({dir.file("a.packed", packed)});
        CHECK(keys(plan) == doctest::Approx(100'000).epsilon(0.25));
        CHECK(keys(plan, SampleLimits::none()) == 100'000);
    }
}

TEST_CASE("several files, of which not all are looked into") {
    const TempDir dir;
    std::vector<std::string> files;
    for (int i = 0; i < 4; ++i) {
        files.push_back(dir.file(fmt::format("{}.ndjson", i), rows(5000)));
    }
    CHECK(keys(plan_of(files)) == doctest::Approx(20'000).epsilon(0.05));
    SampleLimits limits;
    limits.bytes_in_all = 400'000;
    CHECK(keys(plan_of(files), limits) == doctest::Approx(20'000).epsilon(0.05));
}

TEST_CASE("gathered rows are scaled by what they become") {
    const TempDir dir;
    const std::string file = dir.file("a.ndjson", rows(50'000));
    DatasetOptions collect;
    collect.rows.collect = "all";
    const InputSample one = look(plan_of({file}, collect));
    const std::size_t rows_together = 50'000 * 123;
    CHECK(one.estimate.bytes() > rows_together);
    CHECK(one.estimate.bytes() < rows_together * 5 / 4);
    CHECK(one.estimate.peak({}, 1 << 30).least > 2 * rows_together);  // as a value, and on its way
    CHECK(one.names == std::vector<std::string>{"all"});
    CHECK(keys(plan_of({file}, collect), SampleLimits::none()) == 1);
}

TEST_CASE("a group that becomes a zset is read whole: its size decides how it is kept") {
    const TempDir dir;
    DatasetOptions group;
    group.rows.group = "g:{v}";  // one and the same
    group.rows.as = EncodeAs::zset;
    group.rows.columns = {"v", "id"};
    const WarmPlan plan = plan_of({dir.file("a.ndjson", rows(30'000))}, group);
    CHECK(look(plan).is_whole);
    group.rows.as.reset();
    CHECK_FALSE(look(plan_of({dir.file("a.ndjson", rows(30'000))}, group)).is_whole);
}

TEST_CASE("what stands before the first row that is wanted does not count") {
    const TempDir dir;
    std::string dump = "CREATE TABLE a (id int);\nCREATE TABLE b (id int, v text);\n";
    dump += "COPY a (id) FROM stdin;\n";
    for (int i = 0; i < 700'000; ++i) {
        dump += fmt::format("{}\n", i);
    }
    dump += "\\.\nCOPY b (id, v) FROM stdin;\n";
    for (int i = 0; i < 50'000; ++i) {
        dump += fmt::format("{}\t{}\n", i, std::string(100, 'x'));
    }
    dump += "\\.\n";
    DatasetOptions dataset;
    dataset.tables = {"b"};
    const WarmPlan plan = plan_of({dir.file("dump.sql", dump)}, dataset);
    CHECK(keys(plan) == doctest::Approx(50'000).epsilon(0.05));
}

TEST_CASE("it reads on only until it has seen enough") {
    const TempDir dir;
    const WarmPlan plan = plan_of({dir.file("a.ndjson", rows(100'000))});
    SampleLimits limits = SampleLimits::none();
    limits.enough = 1 << 20;
    int asked = 0;
    const InputSample seen =
        sample_inputs(plan, {}, {}, limits, [&asked] { return ++asked > 1000; });
    CHECK(seen.estimate.bytes() > limits.enough);
    CHECK(asked < 30);
}

TEST_CASE("it stops when it is told to") {
    const TempDir dir;
    const WarmPlan plan = plan_of({dir.file("a.ndjson", rows(10'000))});
    const InputSample seen = sample_inputs(plan, {}, {}, SampleLimits::none(), [] { return true; });
    CHECK_FALSE(seen.is_whole);
}

TEST_CASE("stdin is left out, and a file that is no dump counts as far as it goes") {
    const TempDir dir;
    const InputSample unknown = look(plan_of({"-"}));
    CHECK(unknown.has_unknown);
    CHECK(unknown.estimate.keys() == 0);
    CHECK(look(plan_of({dir.file("empty", "")})).estimate.keys() == 0);
    const InputSample broken = look(plan_of({dir.file("b.json", "[{\"id\":1},{\"id\":2},{]")}));
    CHECK_FALSE(broken.is_whole);
}
