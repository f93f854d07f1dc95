#include "rdb/crc64.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cachectl;

namespace {

/// Bit by bit, as the polynomial is defined.
std::uint64_t slow_crc64(std::string_view bytes) {
    std::uint64_t crc = 0;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x95ac9329ac4bc9b5 : 0);
        }
    }
    return crc;
}

}  // namespace

TEST_CASE("the sum of the usual example") {
    CHECK(crc64(0, "123456789") == 0xe9c6d914c4b8d9ca);  // as Redis's own test has it
    CHECK(crc64(0, "") == 0);
}

TEST_CASE("it goes on from any place") {
    const std::string text = "names with \xff and \x80, longer than what is taken in one step";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CAPTURE(cut);
        CHECK(crc64(crc64(0, text.substr(0, cut)), text.substr(cut)) == slow_crc64(text));
    }
}
