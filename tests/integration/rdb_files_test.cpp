// RDB files, as servers write and read them.
#include <doctest/doctest.h>

#include "rdb/backup_file.hpp"
#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/redis_server.hpp"
#include "support/text.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Strings = std::vector<std::string>;

namespace {

const std::string k_binary("name \0\n\xff\x1b[31m", 12);

/// Keys of every type, each small and large, which servers store in different ways.
struct Keys {
    Keys() {
        RespClient redis = server.client();
        redis.run({"SET", "number", "-12345"});
        redis.run({"SET", "compressible", std::string(10'000, 'x')});
        redis.run({"SET", k_binary, std::string("\0\r\n\xff", 4)});
        redis.run({"SET", std::string(300, 'n'), "a name that is compressed"});
        redis.run({"SET", "1234567", "a name that is stored as a number", "PX", "3600000"});
        redis.run({"SET", "idle", ""});
        redis.run({"SADD", "set:of:integers", "1", "2", "70000"});
        redis.run({"SADD", "set:small", "a", "1"});
        redis.run({"HSET", "hash:small", "field", "value", "n", "1"});
        redis.run({"RPUSH", "list:small", "a", "1", ""});
        redis.run({"ZADD", "zset:small", "1.5", "a", "-inf", "b"});
        for (int i = 0; i < 1000; ++i) {
            const std::string n = std::to_string(i);
            redis.run({"SADD", "set:large", "member" + n});
            redis.run({"HSET", "hash:large", "field" + n, n});
            redis.run({"RPUSH", "list:large", std::string(50, 'e') + n});
            redis.run({"ZADD", "zset:large", n, "member" + n});
            redis.run({"XADD", "stream", std::to_string(i + 1) + "-0", "field", n});
        }
        redis.run({"RPUSH", "list:of:large", std::string(20'000, 'l')});
        redis.run({"XGROUP", "CREATE", "stream", "group", "0"});
        redis.run(
            {"XREADGROUP", "GROUP", "group", "consumer", "COUNT", "3", "STREAMS", "stream", ">"});
        redis.run({"XDEL", "stream", "2-0"});
    }

    RedisServer server{{"--enable-debug-command", "yes"}};
};

std::string digest(RedisServer& server) { return server.client().text({"DEBUG", "DIGEST"}); }

Strings names_in(const RdbFile& file) {
    RdbReader reader = file.reader();
    Strings names;
    for (RdbItem item = reader.next(); item != RdbItem::end; item = reader.next()) {
        if (item == RdbItem::key) {
            names.push_back(reader.key().name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

Strings names_at(RedisServer& server) {
    Strings names;
    for (const RespValue& name : server.client().command({"KEYS", "*"}).elements) {
        names.push_back(name.text);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

TEST_CASE_FIXTURE(Keys, "a server's own file is read to its end") {
    server.client().run({"SAVE"});
    const RdbFile file((server.dir().path() / "dump.rdb").string());
    const RdbCheck found = check_rdb(file);
    CHECK(found.is_whole);
    CHECK_FALSE(found.is_backup);
    CHECK(found.keys == names_at(server).size());
    CHECK(names_in(file) == names_at(server));
}

TEST_CASE_FIXTURE(Keys, "a server starts from a backup, with the same keys") {
    const TempDir folder;
    RdbWriter writer((folder.path() / "backup.rdb").string(), {{"cachectl-target", "a"}});
    RespClient redis = server.client();
    for (const std::string& name : names_at(server)) {
        RdbKeyHead head{.name = name};
        const std::int64_t until = redis.command({"PEXPIRETIME", name}).integer;
        if (until > 0) {
            head.expires_at = std::chrono::milliseconds(until);
        }
        writer.add(head, redis.text({"DUMP", name}));
        writer.commit();
    }
    writer.finish();
    CHECK(check_rdb(RdbFile(writer.path())).is_whole);
    RedisServer other({"--enable-debug-command", "yes", "--dir", folder.path().string(),
                       "--dbfilename", "backup.rdb"});
    CHECK(names_at(other) == names_at(server));
    CHECK(digest(other) == digest(server));
    CHECK(other.client().command({"PEXPIRETIME", "1234567"}).integer ==
          redis.command({"PEXPIRETIME", "1234567"}).integer);
}

TEST_CASE_FIXTURE(Keys, "values that are written in pieces are the same to a server") {
    const TempDir folder;
    RdbWriter writer((folder.path() / "backup.rdb").string(), {});
    writer.begin({.name = "hash:small"}, RdbType::hash);
    writer.add_length(2);
    for (const char* text : {"field", "value", "n", "1"}) {
        writer.add_string(text);
    }
    writer.begin({.name = "zset:small"}, RdbType::zset_2);
    writer.add_length(2);
    writer.add_string("a");
    writer.add_score(1.5);
    writer.add_string("b");
    writer.add_score(-std::numeric_limits<double>::infinity());
    writer.begin({.name = "set:small"}, RdbType::set);
    writer.add_length(2);
    writer.add_string("a");
    writer.add_string("1");
    writer.begin({.name = "list:large"}, RdbType::list);
    writer.add_length(1000);
    for (int i = 0; i < 1000; ++i) {
        writer.add_string(std::string(50, 'e') + std::to_string(i));
    }
    writer.begin({.name = "compressible"}, RdbType::string);
    writer.add_length(10'000);
    writer.add_bytes(std::string(10'000, 'x'));
    writer.commit();
    writer.finish();
    RedisServer other({"--enable-debug-command", "yes", "--dir", folder.path().string(),
                       "--dbfilename", "backup.rdb"});
    for (const std::string& name : names_at(other)) {
        CAPTURE(name);
        CHECK(other.client().list({"DEBUG", "DIGEST-VALUE", name}) ==
              server.client().list({"DEBUG", "DIGEST-VALUE", name}));
    }
    CHECK(names_at(other).size() == 5);
}
