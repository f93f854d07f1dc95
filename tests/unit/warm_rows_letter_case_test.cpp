#include "warm/rows/letter_case.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

std::string lower(std::string_view text) {
    std::string out = ">";
    append_in_case(text, LetterCase::lower, out);
    return out.substr(1);
}

std::string upper(std::string_view text) {
    std::string out;
    append_in_case(text, LetterCase::upper, out);
    return out;
}

}  // namespace

TEST_CASE("letters change, everything else stays") {
    CHECK(lower("AZaz09@[`{-:") == "azaz09@[`{-:");
    CHECK(upper("AZaz09@[`{-:") == "AZAZ09@[`{-:");
    CHECK(lower("") == "");
}

TEST_CASE("letters of UTF-8 change too, whatever the locale") {
    CHECK(lower("ÉCOLE ÇÀÖØÞ Ÿ ŒŽŁİ Șț Ωώ ЁЯЇ") == "école çàöøþ ÿ œžłİ șț ωώ ёяї");
    CHECK(upper("école çàöøþ ÿ œžłı șț ωώς ёяї") == "ÉCOLE ÇÀÖØÞ Ÿ ŒŽŁı ȘȚ ΩΏΣ ЁЯЇ");
    CHECK(upper("ß÷×ª 漢字 😀") == "ß÷×ª 漢字 😀");
}

TEST_CASE("what is not UTF-8 stays as it is") {
    CHECK(lower("A\xc3") == "a\xc3");
    CHECK(lower("\xc3\x28\xe9Z\xff") == "\xc3\x28\xe9z\xff");
}
