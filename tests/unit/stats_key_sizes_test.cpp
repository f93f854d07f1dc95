#include "stats/key_sizes.hpp"

#include <doctest/doctest.h>

#include "util/text.hpp"

using namespace cachectl;

TEST_CASE("sizes by database and type, from the smallest on") {
    const auto sizes = parse_key_sizes(
        InfoFields("db0_distrib_strings_sizes:1=1,8=12,1K=3,512=2\n"
                   "db0_distrib_hashes_items:0=1,2M=1\n"
                   "db10_distrib_strings_sizes:4E=1\ndb2_distrib_lists_items:16=5\n"));
    REQUIRE(sizes.size() == 4);
    CHECK(sizes[0].type == "hashes");
    CHECK_FALSE(sizes[0].bytes);
    CHECK(sizes[0].bins.back().from == 2'097'152);
    CHECK(sizes[1].type == "strings");
    CHECK(sizes[1].bytes);
    CHECK(sizes[1].keys() == 18);
    REQUIRE(sizes[1].bins.size() == 4);
    CHECK(sizes[1].bins[2].from == 512);
    CHECK(sizes[1].bins[3].from == 1'024);
    CHECK(sizes[1].median().from == 8);
    CHECK(sizes[2].database == 2);
    CHECK(sizes[3].database == 10);
    CHECK(sizes[3].bins[0].from == std::uint64_t{4} << 60);
}

TEST_CASE("what is no bin is left out") {
    CHECK(parse_key_sizes(InfoFields("")).empty());
    CHECK(parse_key_sizes(InfoFields("db_distrib_x_sizes:1=1\ndbx_distrib_x_sizes:1=1\n"
                                     "db0_distrib_s_sizes:\ndb0:keys=1\nx_distrib_s_sizes:1=1\n"
                                     "db0_distrib_s_memory:1=1\n"))
              .empty());
    const auto sizes = parse_key_sizes(InfoFields(
        "db0_distrib_s_sizes:-1=1,x=1,1X=1,1KK=1,9999999999999999999999=1,16E=1,1=-5,2=x,"
        "4=99999999999999999999,8=7\n"));
    REQUIRE(sizes.size() == 1);
    REQUIRE(sizes[0].bins.size() == 1);
    CHECK(sizes[0].bins[0].from == 8);
}

TEST_CASE("several servers as one, as figures and as a table") {
    const auto one = parse_key_sizes(InfoFields("db0_distrib_strings_sizes:1=1,8=12\n"));
    const auto two =
        parse_key_sizes(InfoFields("db0_distrib_strings_sizes:8=3\ndb0_distrib_sets_items:2=1\n"));
    const auto total = total_key_sizes({one, two});
    REQUIRE(total.size() == 2);
    CHECK(total[1].keys() == 16);
    const FigureGroup group = size_figures(total);
    REQUIRE(group.rows.size() == 3);
    CHECK(std::get<std::string>(group.rows[2][0].value) == "db0.strings.8");
    CHECK(std::get<std::int64_t>(group.rows[2][5].value) == 16);
    const auto lines = size_lines(total, Display(), 100);
    REQUIRE(lines.size() == 4);
    CHECK(lines[2] == "0   strings             16          8 B          8 B  ▁▁▁▁█");
    CHECK(size_lines({}, Display(), 100).empty());
}
