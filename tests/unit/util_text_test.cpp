#include "util/text.hpp"

#include <doctest/doctest.h>

#include <clocale>
#include <limits>

using namespace cachectl;
using namespace std::string_view_literals;
using std::chrono::milliseconds;

namespace {
/// "U+6F22/3" for a code point of three bytes, "invalid/1" for a bad byte.
std::string step(std::string_view text) {
    const Utf8Step s = decode_utf8(text);
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "U+%04X/%zu", static_cast<unsigned>(s.code_point),
                  s.bytes);
    return s.valid ? buffer : "invalid/" + std::to_string(s.bytes);
}
}  // namespace

TEST_CASE("UTF-8 is decoded one code point at a time") {
    CHECK(step("a") == "U+0061/1");
    CHECK(step("\0"sv) == "U+0000/1");
    CHECK(step("\x7f") == "U+007F/1");
    CHECK(step("\xc2\x80") == "U+0080/2");
    CHECK(step("é") == "U+00E9/2");
    CHECK(step("\xe0\xa0\x80") == "U+0800/3");
    CHECK(step("漢字") == "U+6F22/3");
    CHECK(step("\xed\x9f\xbf") == "U+D7FF/3");
    CHECK(step("\xee\x80\x80") == "U+E000/3");
    CHECK(step("\xf0\x90\x80\x80") == "U+10000/4");
    CHECK(step("😀") == "U+1F600/4");
    CHECK(step("\xf4\x8f\xbf\xbf") == "U+10FFFF/4");
}

TEST_CASE("invalid UTF-8 is skipped by its maximal subpart") {
    CHECK(step("\x80") == "invalid/1");              // a continuation byte alone
    CHECK(step("\xff") == "invalid/1");              // never a byte of UTF-8
    CHECK(step("\xc0\xaf") == "invalid/1");          // overlong '/'
    CHECK(step("\xc1\xbf") == "invalid/1");          // overlong
    CHECK(step("\xe0\x80\xaf") == "invalid/1");      // overlong '/'
    CHECK(step("\xe0\x9f\xbf") == "invalid/1");      // overlong
    CHECK(step("\xf0\x8f\xbf\xbf") == "invalid/1");  // overlong
    CHECK(step("\xed\xa0\x80") == "invalid/1");      // surrogate U+D800
    CHECK(step("\xed\xbf\xbf") == "invalid/1");      // surrogate U+DFFF
    CHECK(step("\xf4\x90\x80\x80") == "invalid/1");  // U+110000
    CHECK(step("\xf5\x80\x80\x80") == "invalid/1");
    CHECK(step("\xe6\xbc") == "invalid/2");       // cut
    CHECK(step("\xf0\x9f\x98") == "invalid/3");   // cut
    CHECK(step("\xf0\x9f\x98g") == "invalid/3");  // followed by something else
    CHECK(step("\xe6") == "invalid/1");           // cut
    CHECK(step("\xc3(") == "invalid/1");
}

TEST_CASE("is_utf8 looks at every byte") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("plain:key:1"));
    CHECK(is_utf8("0123456789abcdef:漢字é😀"));
    CHECK(is_utf8("with\0nul"sv));
    CHECK_FALSE(is_utf8("0123456789abcdef\xff"));
    CHECK_FALSE(
        is_utf8("\xff"
                "0123456789abcdef"));
    CHECK_FALSE(is_utf8("cut:\xe6\xbc"));
    CHECK_FALSE(is_utf8("surrogate:\xed\xa0\x80"));
}

TEST_CASE("base64 is RFC 4648's, with padding") {
    CHECK(base64("") == "");
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foob") == "Zm9vYg==");
    CHECK(base64("fooba") == "Zm9vYmE=");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\xff\xfe\0\xfb"sv) == "//4A+w==");
}

TEST_CASE("display width counts columns, not bytes") {
    CHECK(display_width("") == 0);
    CHECK(display_width("0123456789abcdefg") == 17);
    CHECK(display_width("naïve") == 5);
    CHECK(display_width("漢字") == 4);
    CHECK(display_width("key:漢字") == 8);
    CHECK(display_width("e\xcc\x81") == 1);  // e and a combining acute accent
    CHECK(display_width("😀") == 2);
    CHECK(display_width("…█▏") == 3);
    CHECK(display_width("a\xff"
                        "b") == 3);
}

TEST_CASE("display width does not depend on the program's locale, nor change it") {
    CHECK(std::setlocale(LC_ALL, nullptr) == "C"sv);
    CHECK(display_width("漢字") == 4);
    CHECK(std::setlocale(LC_ALL, nullptr) == "C"sv);
    CHECK(MB_CUR_MAX == 1);
}

TEST_CASE("text is cut to a width by whole characters") {
    CHECK(cut_to_width("abcdef", 6, "…") == "abcdef");
    CHECK(cut_to_width("abcdef", 5, "…") == "abcd…");
    CHECK(cut_to_width("abcdef", 5, "...") == "ab...");
    CHECK(cut_to_width("漢字漢字", 6, "…") == "漢字…");
    CHECK(cut_to_width("漢字漢字", 5, "…") == "漢字…");
    CHECK(cut_to_width("abe\xcc\x81"
                       "cd",
                       4, "…") == "abe\xcc\x81…");
    CHECK(cut_to_width("abcdef", 3, "") == "abc");
    CHECK(cut_to_width("abcdef", 2, "...") == "..");
    CHECK(cut_to_width("abcdef", 0, "…") == "");
    CHECK(cut_to_width("", 0, "…") == "");
}

TEST_CASE("durations are shown by their two largest units") {
    CHECK(format_duration(milliseconds(0)) == "0s");
    CHECK(format_duration(milliseconds(1)) == "1ms");
    CHECK(format_duration(milliseconds(350)) == "350ms");
    CHECK(format_duration(milliseconds(999)) == "999ms");
    CHECK(format_duration(milliseconds(1000)) == "1s");
    CHECK(format_duration(milliseconds(1099)) == "1s");
    CHECK(format_duration(milliseconds(12'345)) == "12.3s");
    CHECK(format_duration(milliseconds(59'999)) == "59.9s");
    CHECK(format_duration(milliseconds(60'000)) == "1m");
    CHECK(format_duration(milliseconds(3'598'000)) == "59m 58s");
    CHECK(format_duration(milliseconds(3'600'000)) == "1h");
    CHECK(format_duration(milliseconds(7'530'000)) == "2h 5m");
    CHECK(format_duration(milliseconds(604'799'999)) == "6d 23h");
    CHECK(format_duration(milliseconds(604'800'000)) == "7d");
    CHECK(format_duration(milliseconds(-1500)) == "-1.5s");
    CHECK(format_duration(milliseconds(std::numeric_limits<std::int64_t>::min())) ==
          "-106751991167d 7h");
}

TEST_CASE("sizes are shown in powers of 1024") {
    CHECK(format_size(0) == "0 B");
    CHECK(format_size(512) == "512 B");
    CHECK(format_size(1023) == "1023 B");
    CHECK(format_size(1024) == "1.0 KiB");
    CHECK(format_size(1536) == "1.5 KiB");
    CHECK(format_size(1'048'575) == "1.0 MiB");
    CHECK(format_size(4'194'304) == "4.0 MiB");
    CHECK(format_size(2'000'000'000) == "1.9 GiB");
    CHECK(format_size(UINT64_MAX) == "16.0 EiB");
}

TEST_CASE("counts have thousands separators") {
    CHECK(format_count(0) == "0");
    CHECK(format_count(999) == "999");
    CHECK(format_count(1000) == "1,000");
    CHECK(format_count(6740) == "6,740");
    CHECK(format_counted(1, "key") == "1 key");
    CHECK(format_counted(0, "key") == "0 keys");
    CHECK(format_counted(6740, "byte") == "6,740 bytes");
    CHECK(format_count(123'456) == "123,456");
    CHECK(format_count(UINT64_MAX) == "18,446,744,073,709,551,615");
}

TEST_CASE("rates are shown in powers of 1000") {
    CHECK(format_rate(0) == "0/s");
    CHECK(format_rate(-1) == "0/s");
    CHECK(format_rate(std::numeric_limits<double>::quiet_NaN()) == "0/s");
    CHECK(format_rate(0.4) == "0/s");
    CHECK(format_rate(87) == "87/s");
    CHECK(format_rate(999.7) == "1.0k/s");
    CHECK(format_rate(4210) == "4.2k/s");
    CHECK(format_rate(9960) == "10k/s");
    CHECK(format_rate(310'000) == "310k/s");
    CHECK(format_rate(999'600) == "1.0M/s");
    CHECK(format_rate(1.23e6) == "1.2M/s");
    CHECK(format_rate(5e12) == "5000G/s");
}

TEST_CASE("edit distance counts slips of the keyboard") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("keys", "keys") == 0);
    CHECK(edit_distance("", "keys") == 4);
    CHECK(edit_distance("keys", "") == 4);
    CHECK(edit_distance("kyes", "keys") == 1);  // neighbours swapped
    CHECK(edit_distance("key", "keys") == 1);
    CHECK(edit_distance("invaldate", "invalidate") == 1);
    CHECK(edit_distance("stars", "stats") == 1);
    CHECK(edit_distance("flush", "warm") == 5);
    CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("a word for a shell stands for exactly its bytes") {
    CHECK(shell_word("") == "''");
    CHECK(shell_word("a b$c*") == "'a b$c*'");
    CHECK(shell_word("it's") == R"('it'\''s')");
    CHECK(shell_word("a\\[b") == R"('a\[b')");
    CHECK(shell_word("a\n'\\x41") == R"($'a\012\047\134x41')");
    CHECK(shell_word("\xc3\xa9") == R"($'\303\251')");
}
