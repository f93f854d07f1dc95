#include "walk/known_cursors.hpp"

#include <doctest/doctest.h>

using namespace cachectl;

namespace {

std::string why(const std::string& info) {
    return why_cursors_are_unknown(
        server_info_from(Reply::make_error("ERR unknown command 'HELLO'"),
                         Reply::make_string("run_id:1\r\n" + info)));
}

}  // namespace

TEST_CASE("Redis 6.2 to 8 and Valkey 7.2 to 8.0, standalone") {
    for (const char* version : {"6.2.0", "6.2.16", "7.0.15", "7.4.1", "8.0.3", "8.4.0"}) {
        CHECK(why("redis_version:" + std::string(version) + "\r\nredis_mode:standalone\r\n") == "");
    }
    for (const char* version : {"7.2.7", "8.0.1"}) {
        CHECK(why("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:" +
                  std::string(version) + "\r\nserver_mode:standalone\r\n") == "");
    }
}

TEST_CASE("other versions have not been tried") {
    CHECK(why("redis_version:6.0.20\r\nredis_mode:standalone\r\n") ==
          "redis 6.0.20 has not been tried");
    CHECK(why("redis_version:9.0.0\r\nredis_mode:standalone\r\n") ==
          "redis 9.0.0 has not been tried");
    CHECK(why("redis_version:7.2.4\r\nvalkey_version:8.1.0\r\nserver_mode:standalone\r\n") ==
          "valkey 8.1.0 has not been tried");
    CHECK(why("redis_version:x\r\nredis_mode:standalone\r\n") == "redis x has not been tried");
}

TEST_CASE("products that say they are Redis besides what they are") {
    const std::string redis = "redis_version:7.0.15\r\nredis_mode:standalone\r\n";
    for (const char* field : {"dragonfly_version:df-1.2", "kvrocks_version:2.9",
                              "garnet_version:1.0", "mvcc_depth:0", "storage_provider:flash"}) {
        CHECK(why(redis + field + "\r\n") == "the server is not Redis or Valkey itself");
    }
    CHECK(why(redis + "executable:/usr/bin/keydb-server\r\n") == "the server is KeyDB");
    CHECK(why(redis + "os:Amazon ElastiCache\r\n") == "the server is a managed service");
    CHECK(why(redis + "os:Linux 6.1\r\nexecutable:/usr/bin/redis-server\r\n") == "");
}

TEST_CASE("a server that says nothing, and one that is not standalone") {
    CHECK(why_cursors_are_unknown(server_info_from({}, Reply::make_error("NOPERM"))) ==
          "the server does not say what it is (INFO)");
    CHECK(why("redis_version:7.0.15\r\nredis_mode:cluster\r\n") ==
          "the server is not a standalone one");
}
