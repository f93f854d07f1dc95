#include "walk/key_ledger.hpp"

#include <doctest/doctest.h>

using cachectl::KeyLedger;

TEST_CASE("every key is new once, in memory, in the file, and after its runs were merged") {
    KeyLedger ledger(1'000);
    for (const char* pass : {"first", "second"}) {
        std::size_t fresh = 0;
        for (int i = 0; i < 25'500; ++i) {
            fresh += ledger.add("key:" + std::to_string(i)) ? 1 : 0;
        }
        CAPTURE(pass);
        CHECK(fresh == (pass == std::string("first") ? 25'500 : 0));
    }
    CHECK(ledger.add("another"));
    CHECK_FALSE(ledger.add("another"));
}

TEST_CASE("the empty key is a key") {
    KeyLedger ledger;
    CHECK(ledger.add(""));
    CHECK_FALSE(ledger.add(""));
}

TEST_CASE("what was noted is known, twice or not, before its runs are merged and after") {
    KeyLedger ledger(1'000);
    for (int i = 0; i < 25'500; ++i) {
        ledger.note("key:" + std::to_string(i % 24'000));
    }
    for (const bool merged : {false, true}) {
        CAPTURE(merged);
        if (merged) {
            ledger.merge();
        }
        std::size_t known = 0;
        for (int i = 0; i < 24'000; ++i) {
            known += ledger.contains("key:" + std::to_string(i)) ? 1 : 0;
        }
        CHECK(known == 24'000);
        CHECK_FALSE(ledger.contains("key:24000"));
        CHECK_FALSE(ledger.contains(""));
    }
    ledger.note("");
    CHECK(ledger.contains(""));
}
