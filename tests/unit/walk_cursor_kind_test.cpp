#include "walk/cursor_kind.hpp"

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
    CHECK(why("redis_version:7.2.4\r\nvalkey_version:10.0.0\r\nserver_mode:standalone\r\n") ==
          "valkey 10.0.0 has not been tried");
    CHECK(why("redict_version:8.0.0\r\nredis_version:7.2.4\r\nredict_mode:standalone\r\n") ==
          "redict 8.0.0 has not been tried");
    CHECK(why("redis_version:x\r\nredis_mode:standalone\r\n") == "redis x has not been tried");
}

TEST_CASE("products that say they are Redis besides what they are") {
    const std::string redis = "redis_version:7.0.15\r\nredis_mode:standalone\r\n";
    CHECK(why(redis + "kvrocks_version:2.9\r\n") ==
          "the server is kvrocks, not Redis or Valkey itself");
    CHECK(why(redis + "garnet_version:1.0\r\n") ==
          "the server is garnet, not Redis or Valkey itself");
    CHECK(why(redis + "mvcc_depth:0\r\n") == "the server is keydb, not Redis or Valkey itself");
    CHECK(why(redis + "storage_provider:flash\r\n") == "the server is not Redis or Valkey itself");
    // Dragonfly tells no run_id.
    CHECK(why_cursors_are_unknown(server_info_from(
              {}, Reply::make_string("dragonfly_version:df-1.27.1\r\nredis_version:7.4.0\r\n"))) ==
          "the server is dragonfly, not Redis or Valkey itself");
    CHECK(why(redis + "executable:/usr/bin/keydb-server\r\n") == "the server is KeyDB");
    CHECK(why(redis + "os:Amazon ElastiCache\r\n") == "the server is a managed service");
    CHECK(why(redis + "os:Linux 6.1\r\nexecutable:/usr/bin/redis-server\r\n") == "");
}

TEST_CASE("a proxy that says it is a standalone Redis is told by its build") {
    const std::string redis = "redis_version:7.2.0\r\nredis_mode:standalone\r\n";
    const std::string proxy = "the server is a proxy of Redis Software or Redis Cloud";
    CHECK(why(redis + "redis_build_id:0000000000000000000000000000000000000000\r\n") == proxy);
    CHECK(why(redis + "redis_build_id:c5a4cf6a5f3e1dd2\r\nrlec_version:7.8.2-34\r\n") == proxy);
    CHECK(why(redis + "redis_build_id:c5a4cf6a5f3e1dd2\r\n") == "");
    CHECK(why(redis + "upstash_version:1.13.3\r\n") ==
          "the server is upstash, not Redis or Valkey itself");
}

TEST_CASE("the nodes of newer clusters have a table for each slot") {
    const auto kind = [](const std::string& info) {
        return cursor_kind(server_info_from({}, Reply::make_string("run_id:1\r\n" + info)));
    };
    CHECK(kind("redis_version:7.2.6\r\nredis_mode:cluster\r\n") == CursorKind::hash);
    CHECK(kind("redis_version:7.4.0\r\nredis_mode:cluster\r\n") == CursorKind::slot_and_hash);
    CHECK(kind("redis_version:8.0.2\r\nredis_mode:cluster\r\n") == CursorKind::slot_and_hash);
    CHECK(kind("redis_version:8.0.2\r\nredis_mode:standalone\r\n") == CursorKind::hash);
    const std::string valkey = "server_name:valkey\r\nserver_mode:cluster\r\nvalkey_version:";
    CHECK(kind(valkey + "7.2.7\r\n") == CursorKind::hash);
    CHECK(kind(valkey + "8.0.1\r\n") == CursorKind::slot_and_hash);
    CHECK(kind(valkey + "8.1.1\r\n") == CursorKind::slot_and_hash);
    CHECK(kind(valkey + "9.1.2\r\n") == CursorKind::slot_and_hash);
    CHECK(kind("redict_version:7.3.6\r\nredis_version:7.2.4\r\nredict_mode:cluster\r\n") ==
          CursorKind::slot_and_hash);
}

TEST_CASE("a server that says nothing, and one that is no server of keys") {
    CHECK(why_cursors_are_unknown(server_info_from({}, Reply::make_error("NOPERM"))) ==
          "the server does not say what it is (INFO)");
    CHECK(why("redis_version:7.0.15\r\nredis_mode:sentinel\r\n") ==
          "the server is neither a standalone one nor a cluster's node");
}
