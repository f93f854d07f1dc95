#include "redis/cluster/routing.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

using namespace cachectl;

namespace {

std::optional<std::size_t> position(std::vector<std::string_view> args) {
    return key_position(args);
}

}  // namespace

TEST_CASE("where a command's key stands") {
    CHECK(position({"GET", "k"}) == 1);
    CHECK(position({"SET", "k", "v", "PX", "1", "NX"}) == 1);
    CHECK(position({"UNLINK", "a", "b"}) == 1);
    CHECK(position({"OBJECT", "IDLETIME", "k"}) == 2);
    CHECK(position({"MEMORY", "USAGE", "k"}) == 2);
    CHECK_FALSE(position({"PING"}));
    CHECK_FALSE(position({"INFO", "memory"}));
    CHECK_FALSE(position({"MULTI"}));
    CHECK_FALSE(position({"EXEC"}));
    CHECK_FALSE(position({"MEMORY", "STATS"}));
}

TEST_CASE("nobody sends to one node what concerns them all") {
    for (const char* name : {"SCAN", "DBSIZE", "FLUSHDB", "FLUSHALL", "KEYS"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(position({name}), std::logic_error);
    }
}

TEST_CASE("what may be sent twice") {
    for (const char* name : {"GET", "PTTL", "TYPE", "MEMORY", "OBJECT", "EXISTS"}) {
        CAPTURE(name);
        CHECK(only_reads(name));
    }
    for (const char* name : {"SET", "UNLINK", "DEL", "PEXPIRE", "PERSIST", "RENAMENX", "MULTI",
                             "EXEC", "FLUSHDB", "RPUSH"}) {
        CAPTURE(name);
        CHECK_FALSE(only_reads(name));
    }
}
