#include "util/parse.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "util/error.hpp"

using namespace cachectl;
using std::chrono::milliseconds;

namespace {
/// The message of the usage error that `parse` throws.
std::string refusal(const std::function<void()>& parse) {
    try {
        parse();
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
    return "taken";
}

std::string duration_refusal(std::string_view text) {
    return refusal([&] { parse_duration(text); });
}
std::string size_refusal(std::string_view text) {
    return refusal([&] { parse_size(text); });
}
std::string range_refusal(std::string_view text) {
    return refusal([&] { parse_count_range(text); });
}
std::string percent_refusal(std::string_view text) {
    return refusal([&] { parse_percent(text); });
}
}  // namespace

TEST_CASE("durations are a number and a unit") {
    CHECK(parse_duration("500ms") == milliseconds(500));
    CHECK(parse_duration("30s") == milliseconds(30'000));
    CHECK(parse_duration("5m") == milliseconds(300'000));
    CHECK(parse_duration("2h") == milliseconds(7'200'000));
    CHECK(parse_duration("7d") == milliseconds(604'800'000));
    CHECK(parse_duration("0") == milliseconds(0));
    CHECK(parse_duration("0s") == milliseconds(0));
}

TEST_CASE("durations combine units, the largest first") {
    CHECK(parse_duration("1h30m") == milliseconds(5'400'000));
    CHECK(parse_duration("1d2h3m4s5ms") == milliseconds(93'784'005));
    // More likely a slip than an hour and a half.
    CHECK(duration_refusal("30m1h") != "taken");
    CHECK(duration_refusal("1h1h") != "taken");
    CHECK(duration_refusal("1h30") != "taken");
}

TEST_CASE("what is not a duration is quoted, with what would be one") {
    CHECK(duration_refusal("30") ==
          "'30' is not a duration: give a number and a unit, such as 500ms, 30s, 5m, 2h or 7d");
    for (const char* text :
         {"", "-1", "-1s", "+1s", "5x", "1e3", "10e9", "1.5h", "s", "5 s", " 5s", "5s ", "5S", "00",
          "5mss", "5ms-", "0x5s", "5µs", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK(duration_refusal(text) ==
              "'" + std::string(text) +
                  "' is not a duration: give a number and a unit, such as 500ms, 30s, 5m, 2h or "
                  "7d");
    }
    CHECK(duration_refusal({"5s\0", 3}) != "taken");
}

TEST_CASE("durations do not overflow") {
    CHECK(parse_duration("36500d") == k_longest_duration);
    CHECK(parse_duration("3153600000000ms") == k_longest_duration);
    for (const char* text : {"36500d1ms", "36501d", "9223372036854775807ms", "106751991168d",
                             "213503982335d", "99999999999999999999s"}) {
        CAPTURE(text);
        CHECK(duration_refusal(text) ==
              "'" + std::string(text) + "' is too long a duration: the longest is 36500d");
    }
}

TEST_CASE("sizes are bytes or have a unit") {
    CHECK(parse_size("512") == 512);
    CHECK(parse_size("0") == 0);
    CHECK(parse_size("7B") == 7);
    CHECK(parse_size("10KiB") == 10'240);
    CHECK(parse_size("10kib") == 10'240);
    CHECK(parse_size("10K") == 10'240);
    CHECK(parse_size("10KB") == 10'000);
    CHECK(parse_size("1MiB") == 1'048'576);
    CHECK(parse_size("2GB") == 2'000'000'000);
    CHECK(parse_size("2g") == 2'147'483'648);
    CHECK(parse_size("1TiB") == 1'099'511'627'776);
    CHECK(parse_size("3TB") == 3'000'000'000'000);
    CHECK(parse_size("18446744073709551615") == UINT64_MAX);
}

TEST_CASE("what is not a size is quoted, with what would be one") {
    CHECK(size_refusal("5x") ==
          "'5x' is not a size: give a whole number of bytes, or one with a unit, such as 512, "
          "10KiB, 1MiB or 2GB");
    for (const char* text : {"", "-1", "+1", "1e3", "1.5GiB", "KiB", "1 KiB", "1KiBs", "0x10"}) {
        CAPTURE(text);
        CHECK(size_refusal(text).find("is not a size") != std::string::npos);
    }
    CHECK(size_refusal("16777216TiB") ==
          "'16777216TiB' is too large a size: it must be below 16777216TiB");
    CHECK(size_refusal("18446744073709551616").find("too large") != std::string::npos);
}

TEST_CASE("counts are digits") {
    CHECK(parse_count("0", "--limit") == 0);
    CHECK(parse_count("500", "--limit") == 500);
    CHECK(parse_count("9223372036854775807", "--limit") == INT64_MAX);
    CHECK(refusal([] { parse_count("5x", "--limit"); }) ==
          "--limit: '5x' is not a whole number, such as 500");
    for (const std::string text :
         {"9223372036854775808", "18446744073709551615", "18446744073709551616"}) {
        CHECK(refusal([&] { parse_count(text, "--limit"); }) ==
              "--limit: '" + text + "' is too large a number");
    }
    for (const char* text : {"", "-1", "+1", "1e3", "1.0", "1,000", " 1", "1 ", "0x1"}) {
        CAPTURE(text);
        CHECK(refusal([&] { parse_count(text, "--limit"); }).find("is not a whole number") !=
              std::string::npos);
    }
}

TEST_CASE("ranges of counts may be open at one end") {
    CHECK(parse_count_range("10..500") == CountRange{10, 500});
    CHECK(parse_count_range("10..") == CountRange{10, UINT64_MAX});
    CHECK(parse_count_range("..500") == CountRange{0, 500});
    CHECK(parse_count_range("500") == CountRange{500, 500});
    CHECK(parse_count_range("0..0") == CountRange{0, 0});
    CHECK(CountRange{10, 20}.contains(10));
    CHECK(CountRange{10, 20}.contains(20));
    CHECK_FALSE(CountRange{10, 20}.contains(9));
    CHECK_FALSE(CountRange{10, 20}.contains(21));
}

TEST_CASE("what is not a range of counts is quoted") {
    CHECK(range_refusal("10-500") ==
          "'10-500' is not a range of counts: give 10..500, 10.., ..500 or one whole number");
    CHECK(range_refusal("500..10") ==
          "'500..10' is not a range of counts: it ends before it begins");
    for (const std::string text : {"0..9223372036854775808", "0..18446744073709551616"}) {
        CHECK(range_refusal(text) == "'" + text + "' is a range of counts that are too large");
    }
    for (const char* text : {"", "..", "10...500", "10..500..", "a..b", "-1..5", "1 .. 5", "1."}) {
        CAPTURE(text);
        CHECK(range_refusal(text).find("is not a range of counts") != std::string::npos);
    }
}

TEST_CASE("percentages are fractions") {
    CHECK(parse_percent("10%") == 0.10);
    CHECK(parse_percent("0%") == 0);
    CHECK(parse_percent("100%") == 1);
    CHECK(parse_percent("2.5%") == 0.025);
    CHECK(percent_refusal("10") ==
          "'10' is not a percentage: give a number from 0 to 100 and the sign, such as 10%");
    for (const char* text : {"", "%", "-1%", "101%", "100.1%", "1e1%", "inf%", "nan%", "10%%",
                             " 10%", "10 %", "0x1%", ".5%"}) {
        CAPTURE(text);
        CHECK(percent_refusal(text).find("is not a percentage") != std::string::npos);
    }
}
