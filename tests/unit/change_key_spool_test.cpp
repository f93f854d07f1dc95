#include "change/key_spool.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace cachectl;

namespace {

KeySpool::Source source_of(std::vector<std::string> keys) {
    return [keys = std::move(keys), at = std::size_t{0}](std::string& key) mutable {
        if (at == keys.size()) {
            return false;
        }
        key = keys[at++];
        return true;
    };
}

std::vector<std::string> drain(const KeySpool::Source& source) {
    std::vector<std::string> keys;
    std::string key;
    while (source(key)) {
        keys.push_back(key);
    }
    return keys;
}

}  // namespace

TEST_CASE("a list is read once and comes a second time, byte for byte") {
    const std::vector<std::string> keys = {
        "a", "", std::string("nul\0\n", 5), "\xff", std::string(100'000, 'x'), "last"};
    KeySpool spool;
    const auto recorded = spool.record(source_of(keys));
    CHECK(drain(recorded) == keys);
    CHECK(drain(spool.replay()) == keys);
    CHECK(drain(spool.replay()) == keys);
}

TEST_CASE("only what has passed comes again") {
    KeySpool spool;
    const auto recorded = spool.record(source_of({"a", "b", "c"}));
    std::string key;
    CHECK(recorded(key));
    CHECK(drain(spool.replay()) == std::vector<std::string>{"a"});
    KeySpool unused;
    CHECK(drain(unused.replay()).empty());
}
