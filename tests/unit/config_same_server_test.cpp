#include "config/same_server.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

bool is_same(const char* a, const char* b) {
    const bool same = is_same_server(parse_server_url(a), parse_server_url(b));
    CHECK(is_same_server(parse_server_url(b), parse_server_url(a)) == same);
    return same;
}

}  // namespace

TEST_CASE("hosts know no case, and this machine has several names") {
    CHECK(is_same("redis://Cache.Example", "redis://cache.example.:6379/3"));
    CHECK(is_same("redis://u:p@h", "rediss://h"));
    CHECK(is_same("redis://localhost", "redis://127.0.0.1"));
    CHECK(is_same("redis://[::1]", "redis://LOCALHOST"));
    CHECK_FALSE(is_same("redis://h", "redis://h:6380"));
    CHECK_FALSE(is_same("redis://h", "redis://h2"));
    CHECK_FALSE(is_same("redis://127.0.0.1", "redis://127.0.0.2"));
}

TEST_CASE("sockets are the same by their paths") {
    CHECK(is_same("unix:///run/a/../r.sock", "unix:///run/r.sock?db=1"));
    CHECK_FALSE(is_same("unix:///run/r.sock", "unix:///run/s.sock"));
    CHECK_FALSE(is_same("unix:///run/r.sock", "redis://127.0.0.1"));
}

TEST_CASE("a master has its name from its Sentinels: others may call another one so") {
    CHECK(is_same("redis+sentinel://a:1,b:2/mymaster", "redis+sentinel://c:3,B:2/mymaster/4"));
    CHECK_FALSE(is_same("redis+sentinel://a:1/mymaster", "redis+sentinel://b:1/mymaster"));
    CHECK_FALSE(is_same("redis+sentinel://a:1/mymaster", "redis+sentinel://a:1/other"));
    CHECK_FALSE(is_same("redis+sentinel://a:1/mymaster", "redis://a:1"));
}
