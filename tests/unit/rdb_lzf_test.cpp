#include "rdb/lzf.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

TEST_CASE("runs, copies, and copies that repeat what they write") {
    CHECK(lzf_unpack(std::string_view("\0a", 2), 1) == "a");
    CHECK(lzf_unpack(std::string_view("\2abc\x20\2", 6), 6) == "abcabc");
    CHECK(lzf_unpack(std::string_view("\0a\xe0\x5b\0", 5), 101) == std::string(101, 'a'));
    CHECK(lzf_unpack("", 0) == "");
}

TEST_CASE("what cannot be is nothing") {
    CHECK_FALSE(lzf_unpack(std::string_view("\2ab", 3), 3));        // a run that is cut
    CHECK_FALSE(lzf_unpack(std::string_view("\0a\x20", 3), 4));     // a copy that is cut
    CHECK_FALSE(lzf_unpack(std::string_view("\0a\xe0\1", 4), 11));  // a long one
    CHECK_FALSE(lzf_unpack(std::string_view("\0a\x20\1", 4), 4));   // from before the beginning
    CHECK_FALSE(lzf_unpack(std::string_view("\0a\x20\0", 4), 3));   // longer than it says
    CHECK_FALSE(lzf_unpack(std::string_view("\0a\x20\0", 4), 5));   // shorter
    CHECK_FALSE(lzf_unpack(std::string_view("\0a\x20\0", 4), SIZE_MAX));
}
