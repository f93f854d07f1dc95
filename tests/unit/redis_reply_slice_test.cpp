#include "redis/reply_slice.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

ServerInfo told(const char* info) {
    ServerInfo server;
    server.info = InfoFields(info);
    return server;
}

}  // namespace

TEST_CASE("a slice is a small part of what the server has left") {
    CHECK(reply_slice(told("used_memory:5000000\nmaxmemory:0\n")) == 256 * 1024);
    CHECK(reply_slice(told("used_memory:5000000\nmaxmemory:105000000\n")) == 256 * 1024);
    CHECK(reply_slice(told("used_memory:9000000\nmaxmemory:10000000\n")) == 62'500);
    CHECK(reply_slice(told("used_memory:10000000\nmaxmemory:10000000\n")) == 16 * 1024);
    CHECK(reply_slice(told("used_memory:10000001\nmaxmemory:10000000\n")) == 16 * 1024);
    CHECK(reply_slice(told("")) == 64 * 1024);
}

TEST_CASE("names take no more than all the server uses") {
    CHECK(mean_key_bytes(told("used_memory:1000000\ndb0:keys=6,expires=0\ndb3:keys=4\n")) ==
          100'000);
    CHECK(mean_key_bytes(told("used_memory:9000000\nused_memory_dataset:1000000\n"
                              "db0:keys=10\n")) == 100'000);
    CHECK(mean_key_bytes(told("used_memory:9000000\nused_memory_dataset:50000\n"
                              "db0:keys=10\n")) == 0);
    CHECK_FALSE(mean_key_bytes(told("used_memory:1000\n")));
    CHECK_FALSE(mean_key_bytes(told("db0:keys=5\n")));
}
