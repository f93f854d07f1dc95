#include "dump/prefix_digest.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

TEST_CASE("the digest is CRC-32, however the bytes come") {
    PrefixDigest whole;
    whole.add("123456789");
    CHECK(whole.value() == 0xcbf43926);  // the check value of CRC-32
    CHECK(whole.bytes() == 9);
    PrefixDigest pieces;
    for (const char* piece : {"12", "", "3456", "789"}) pieces.add(piece);
    CHECK(pieces.value() == whole.value());
    CHECK_FALSE(pieces.at_mark());
}

TEST_CASE("the digest of the first bytes is kept, wherever a piece ends") {
    PrefixDigest first;
    first.add("12345");
    for (const std::size_t cut : {0U, 1U, 4U, 5U, 6U, 9U}) {
        PrefixDigest digest(5);
        const std::string_view text = "123456789";
        digest.add(text.substr(0, cut));
        CHECK(digest.at_mark().has_value() == (cut >= 5));
        digest.add(text.substr(cut));
        CHECK(digest.at_mark() == first.value());
        CHECK(digest.value() == 0xcbf43926);
    }
    CHECK(PrefixDigest(0).at_mark() == 0);
}
