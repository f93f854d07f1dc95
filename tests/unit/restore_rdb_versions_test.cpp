#include "restore/rdb_versions.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

std::optional<int> of(const char* name, const char* version) {
    return rdb_version_of({.name = name, .version = version});
}

}  // namespace

TEST_CASE("a server's RDB version is known by its product and version, or not at all") {
    CHECK(of("redis", "4.0.14") == std::nullopt);
    CHECK(of("redis", "6.2.14") == 9);
    CHECK(of("redis", "7.0.15") == 10);
    CHECK(of("redis", "7.2.4") == 11);
    CHECK(of("redis", "8.4.0") == 12);
    CHECK(of("redis", "8.6.0") == std::nullopt);
    CHECK(of("valkey", "8.1.1") == 11);
    CHECK(of("valkey", "9.1.2") == 80);
    CHECK(of("valkey", "10.0.0") == std::nullopt);
    CHECK(of("redict", "7.3.6") == 12);
    CHECK(of("dragonfly", "1.30.0") == std::nullopt);
    CHECK(of("redis", "") == std::nullopt);
}

TEST_CASE("newer values are refused, and by Valkey those of a version that only Redis writes") {
    CHECK_FALSE(refuses_rdb_version(10, 10));
    CHECK_FALSE(refuses_rdb_version(10, 9));
    CHECK(refuses_rdb_version(10, 11));
    CHECK(refuses_rdb_version(12, 80));
    CHECK(refuses_rdb_version(80, 12));
    CHECK_FALSE(refuses_rdb_version(80, 11));
    CHECK_FALSE(refuses_rdb_version(80, 80));
}
