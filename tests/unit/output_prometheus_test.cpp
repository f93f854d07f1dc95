#include "output/prometheus.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "support/terminal_output.hpp"

using namespace cachectl;
using Kind = Figure::Kind;
using Unit = Figure::Unit;

namespace {

std::string prometheus(const FigureGroup& group) {
    std::string text;
    {
        Writer out(text);
        write_figures_prometheus(out, std::span(&group, 1));
    }
    return text;
}

}  // namespace

TEST_CASE("a label's value is escaped, and UTF-8 whatever comes") {
    CHECK(
        prometheus({"g",
                    FigureGroup::Shape::one,
                    {{{"t", std::string("a\"b\\c\nd\xff\u00e9"), Kind::text, Unit::none, ""}}}}) ==
        "# HELP cachectl_g_info What is text about it; always 1\n"
        "# TYPE cachectl_g_info gauge\n"
        "cachectl_g_info{t=\"a\\\"b\\\\c\\nd\\\\xff\u00e9\"} 1\n");
}

TEST_CASE("names that differ in bytes that are not UTF-8 are not one series") {
    const auto row = [](const char* name) {
        return FigureRow{{"name", std::string(name), Kind::text, Unit::none, ""},
                         {"n", std::int64_t{1}, Kind::gauge, Unit::none, "N"}};
    };
    const std::string text = prometheus(
        {"g", FigureGroup::Shape::list, {row("\xff"), row("\xfe"), row("\\xfe")}, "who"});
    CHECK(text.find("{who=\"\\\\xff\"} 1\n") != std::string::npos);
    const std::size_t byte = text.find("{who=\"\\\\xfe\"} 1\n");
    REQUIRE(byte != std::string::npos);
    CHECK(text.find("{who=\"\\\\xfe\"} 1\n", byte + 1) == std::string::npos);
    CHECK(text.find("{who=\"\\\\x5cxfe\"} 1\n") != std::string::npos);
}

TEST_CASE("a figure without a number is no sample, and a family without samples is not there") {
    CHECK(
        prometheus({"g",
                    FigureGroup::Shape::one,
                    {{{"a", {}, Kind::gauge, Unit::none, "A"},
                      {"b", std::numeric_limits<double>::infinity(), Kind::gauge, Unit::none, "B"},
                      {"c", -1.5, Kind::gauge, Unit::none, "C"}}}}) ==
        "# HELP cachectl_g_c C\n# TYPE cachectl_g_c gauge\ncachectl_g_c -1.5\n");
    CHECK(prometheus({"g", FigureGroup::Shape::list, {}, "l"}).empty());
}

TEST_CASE("the samples of a family stand together, also those of a list with texts") {
    CHECK(prometheus({"g",
                      FigureGroup::Shape::list,
                      {{{"name", std::string("x"), Kind::text, Unit::none, ""},
                        {"state", std::string("up"), Kind::text, Unit::none, ""},
                        {"n", std::int64_t{1}, Kind::counter, Unit::none, "N"}},
                       {{"name", std::string("y"), Kind::text, Unit::none, ""},
                        {"state", std::string("down"), Kind::text, Unit::none, ""},
                        {"n", std::int64_t{2}, Kind::counter, Unit::none, "N"}}},
                      "who"}) ==
          "# HELP cachectl_g_info What is text about it; always 1\n"
          "# TYPE cachectl_g_info gauge\n"
          "cachectl_g_info{who=\"x\",state=\"up\"} 1\n"
          "cachectl_g_info{who=\"y\",state=\"down\"} 1\n"
          "# HELP cachectl_g_n_total N\n"
          "# TYPE cachectl_g_n_total counter\n"
          "cachectl_g_n_total{who=\"x\"} 1\n"
          "cachectl_g_n_total{who=\"y\"} 2\n");
}

TEST_CASE("a group inside another has both names") {
    FigureGroup outer{"outer"};
    outer.inner.push_back({"inner",
                           FigureGroup::Shape::one,
                           {{{"total_x", std::int64_t{3}, Kind::counter, Unit::none, "X"}}}});
    CHECK(prometheus(outer) ==
          "# HELP cachectl_outer_inner_x_total X\n"
          "# TYPE cachectl_outer_inner_x_total counter\n"
          "cachectl_outer_inner_x_total 3\n");
}

TEST_CASE("on a terminal a label cannot send escape sequences") {
    const FigureGroup group{
        "g",
        FigureGroup::Shape::one,
        {{{"t", std::string("\x1b[2J\xc2\x9b\xe2\x80\xae"), Kind::text, Unit::none, ""}}}};
    const std::string screen = test::on_terminal(
        [&](Writer& out) { write_figures_prometheus(out, std::span(&group, 1)); });
    CHECK(screen.find("{t=\"\\\\x1b[2J\\\\xc2\\\\x9b\\\\xe2\\\\x80\\\\xae\"} 1") !=
          std::string::npos);
    CHECK(screen.find('\x1b') == std::string::npos);
}

TEST_CASE("times are seconds and sizes bytes, whatever the figure is counted in") {
    const std::string text = prometheus(
        {"g",
         FigureGroup::Shape::one,
         {{{"avg_ttl_ms", std::int64_t{1500}, Kind::gauge, Unit::milliseconds, "Milliseconds"},
           {"usec_per_call", 2.5, Kind::gauge, Unit::microseconds, "Microseconds"},
           {"uptime_s", std::int64_t{7}, Kind::gauge, Unit::seconds, "Seconds"},
           {"usec_total", std::int64_t{3'000'000}, Kind::gauge, Unit::microseconds, "All"},
           {"input_kb_per_s", 1.5, Kind::gauge, Unit::none, "In"}}}});
    CHECK(text.find("\ncachectl_g_avg_ttl_seconds 1.5\n") != std::string::npos);
    CHECK(text.find("# HELP cachectl_g_avg_ttl_seconds Seconds\n") != std::string::npos);
    CHECK(text.find("\ncachectl_g_seconds_per_call 2.5e-06\n") != std::string::npos);
    CHECK(text.find("\ncachectl_g_uptime_seconds 7\n") != std::string::npos);
    CHECK(text.find("\ncachectl_g_seconds 3\n") != std::string::npos);
    CHECK(text.find("\ncachectl_g_input_bytes_per_second 1536\n") != std::string::npos);
}

TEST_CASE("each sample has the target, while there is one") {
    const FigureGroup group{
        "g", FigureGroup::Shape::one, {{{"a", std::int64_t{1}, Kind::gauge, Unit::none, "A"}}}};
    {
        const PrometheusTarget target("cache:6379");
        CHECK(prometheus(group).find("\ncachectl_g_a{target=\"cache:6379\"} 1\n") !=
              std::string::npos);
    }
    CHECK(prometheus(group).find("\ncachectl_g_a 1\n") != std::string::npos);
}
