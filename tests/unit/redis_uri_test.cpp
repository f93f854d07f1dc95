#include "redis/uri.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "util/error.hpp"

using namespace cachectl;

namespace {

std::string message_of(std::string_view url) {
    try {
        parse_server_url(url);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("a full redis URL") {
    const auto address = parse_server_url("redis://alice:s3cret@cache.example:6380/2");
    CHECK(address.host == "cache.example");
    CHECK(address.port == 6380);
    CHECK(address.user == "alice");
    CHECK(address.password == "s3cret");
    CHECK(address.db == 2);
    CHECK(address.socket_path.empty());
    CHECK_FALSE(address.tls);
    CHECK(address.name() == "cache.example:6380");
}

TEST_CASE("what a URL leaves out has its default") {
    for (const char* url : {"redis://", "redis:///", "valkey://127.0.0.1", "REDIS://:6379/0"}) {
        const auto address = parse_server_url(url);
        CHECK(address.name() == "127.0.0.1:6379");
        CHECK(address.db == 0);
        CHECK(address.user.empty());
        CHECK(address.password.empty());
    }
}

TEST_CASE("rediss and valkeys mean TLS") {
    CHECK(parse_server_url("rediss://h").tls);
    CHECK(parse_server_url("valkeys://h:1/3").tls);
}

TEST_CASE("user and password are percent-decoded; without a colon it is a password") {
    const auto both = parse_server_url("redis://a%3Ab:p%40s%2fs%00@h");
    CHECK(both.user == "a:b");
    CHECK(both.password == std::string("p@s/s\0", 6));
    const auto colon = parse_server_url("redis://:a:b@h");
    CHECK(colon.user.empty());
    CHECK(colon.password == "a:b");
    CHECK(parse_server_url("redis://secret@h").password == "secret");
    CHECK(parse_server_url("redis://u:p@ss@h").password == "p@ss");
    CHECK(parse_server_url("redis://:%aF%Fa@h").password == "\xaf\xfa");
    for (const std::string odd : {"%", "%4", "%4g", "%g4", "%:0", "%`0", "%0G", "%GG"}) {
        CAPTURE(odd);
        const std::string message = message_of("redis://:" + odd + "@h");
        CHECK(message.ends_with("a '%' is not followed by two hexadecimal digits"));
    }
}

TEST_CASE("IPv6 addresses in brackets, with a scope") {
    CHECK(parse_server_url("redis://[::1]").name() == "[::1]:6379");
    CHECK(parse_server_url("redis://:p@[2001:db8::2]:6380/1").name() == "[2001:db8::2]:6380");
    CHECK(parse_server_url("redis://[fe80::1%25eth0]:1").host == "fe80::1%eth0");
    CHECK(parse_server_url("redis://[fe80::1%eth0]:1").host == "fe80::1%eth0");
}

TEST_CASE("Unix sockets") {
    const auto address = parse_server_url("unix:///run/redis.sock?db=5");
    CHECK(address.socket_path == "/run/redis.sock");
    CHECK(address.db == 5);
    CHECK(address.name() == "/run/redis.sock");
    const auto login = parse_server_url("unix://u:p%2F@/tmp/a%20b");
    CHECK(login.user == "u");
    CHECK(login.password == "p/");
    CHECK(login.socket_path == "/tmp/a b");
    CHECK(parse_server_url("unix:///tmp/a@b").socket_path == "/tmp/a@b");
    CHECK(parse_server_url("unix://run/r.sock").socket_path == "run/r.sock");
}

TEST_CASE("Sentinels, and the name that they know") {
    const auto address = parse_server_url("redis+sentinel://u:p%2F@a:1,b,[::1]:3/cache/5");
    CHECK(address.is_found_by_sentinels());
    CHECK(address.sentinels.nodes == std::vector<HostPort>{{"a", 1}, {"b", 26379}, {"::1", 3}});
    CHECK(address.sentinels.master_name == "cache");
    CHECK(address.name() == "cache");
    CHECK(address.host == "cache");
    CHECK(address.user == "u");
    CHECK(address.password == "p/");
    CHECK(address.sentinels.password.empty());
    CHECK(address.db == 5);
    CHECK_FALSE(address.tls);
    CHECK(parse_server_url("rediss+sentinel://a/m").tls);
    CHECK(parse_server_url("redis+sentinel://a/my%2Fmaster").name() == "my/master");
    CHECK_FALSE(parse_server_url("redis://a").is_found_by_sentinels());
    CHECK(parse_sentinels("a,b:7", "--sentinel") == std::vector<HostPort>{{"a", 26379}, {"b", 7}});
    CHECK_THROWS_WITH_AS(parse_sentinels("a:x", "--sentinel"),
                         "--sentinel: the value is not HOST:PORT[,HOST:PORT...]", Error);
}

TEST_CASE("what is wrong is said") {
    CHECK(message_of("localhost") == "invalid URL '***': it has no scheme");
    CHECK(message_of("redis://a:1,b:2/0") ==
          "invalid URL 'redis://a:1,b:2/0': it names several hosts");
    CHECK(message_of("http://h") == "invalid URL 'http://h': its scheme is unknown");
    CHECK(message_of("redis://h:0") ==
          "invalid URL 'redis://h:0': its port is not a number from 1 to 65535");
    CHECK(message_of("redis://h:65536") ==
          "invalid URL 'redis://h:65536': its port is not a number from 1 to 65535");
    CHECK(message_of("redis://h:") ==
          "invalid URL 'redis://h:': its port is not a number from 1 to 65535");
    CHECK(message_of("redis://h/x") ==
          "invalid URL 'redis://h/***': its database is not a number, 0 or more");
    CHECK(message_of("redis://h/-1") ==
          "invalid URL 'redis://h/-1': its database is not a number, 0 or more");
    CHECK(message_of("redis://h/1?db=2") == "invalid URL 'redis://h/1': it names two databases");
    CHECK(message_of("redis://::1") == "invalid URL 'redis://::1': its host has a ':'");
    CHECK(message_of("redis://[::1") == "invalid URL 'redis://[::1': its '[' has no ']'");
    CHECK(message_of("redis://[h]:1") ==
          "invalid URL 'redis://[***': what stands in brackets is not an IPv6 address");
    CHECK(message_of("redis://a b") == "invalid URL 'redis://a b': its host is not a host name");
    CHECK(message_of("redis://a%0ab") ==
          "invalid URL 'redis://a%0ab': its host is not a host name");
    for (const char* host : {"a%7fb", "a%2fb", "a%20b"}) {
        const std::string message = message_of(std::string("redis://") + host);
        CHECK(message.ends_with("its host is not a host name"));
    }
    for (const char* scope : {"", "a b", "a\x7f", "a%b"}) {
        const std::string message = message_of("redis://[fe80::1%25" + std::string(scope) + "]");
        CHECK(message.ends_with("what stands in brackets is not an IPv6 address"));
    }
    CHECK(message_of("unix:///a%00b").ends_with("its path has a NUL byte"));
    CHECK(message_of("unix:///s?db=1&db=2").ends_with("of parameters it may have only db"));
    CHECK(message_of("redis://h/1?db=1") == "no error");
    CHECK(message_of("redis://h%4") ==
          "invalid URL 'redis://h%4': a '%' is not followed by two hexadecimal digits");
    CHECK(message_of("unix://") == "invalid URL 'unix://': it names no socket");
    CHECK(message_of("unix:///s?db=x") ==
          "invalid URL 'unix:///s': its database is not a number, 0 or more");
    CHECK(message_of("redis+sentinel://h:26379") ==
          "invalid URL 'redis+sentinel://h:26379': it names no master");
    CHECK(message_of("redis+sentinel://a,,b/m") ==
          "invalid URL 'redis+sentinel://a,,b/m': a Sentinel has no host");
    CHECK(message_of("redis+sentinel:///m") ==
          "invalid URL 'redis+sentinel:///m': a Sentinel has no host");
    CHECK(message_of("redis+sentinel://a:1/m/x") ==
          "invalid URL 'redis+sentinel://a:1/m/x': its database is not a number, 0 or more");
    CHECK(message_of("unix+sentinel://a/m") ==
          "invalid URL 'unix+sentinel://a/m': its scheme is unknown");
}

TEST_CASE("no error repeats the password, however badly it is written") {
    for (const char* url : {
             "redis://u:hunter2@h:99999",
             "redis://:hun/ter2@h",
             "redis://:ter2?x@h",
             "redis://u:p#ter2@h/1",
             "redis://u:ab@cd/ter2@h",
             "redis://:hunter2",
             "redis://h:hunter2/0",
             "redis://ter2@h/x",
             "redis://h?password=hunter2",
             "unix://:hun/ter2@/run/s",
             "unix://:x@/ter2@/run/s",
             "unix:///s?password=hunter2",
             "u:hunter2@h",
             "redis://u:hunter2%4@h",
             "redis+sentinel://:hunter2@h",
             "redis://:hunter2@h/0?password=hunter2",
             "redis://h/hunter2",
             "redis://h#hunter2",
             "redis://[hunter2",
             "redis://[::1]hunter2",
             "hunter2",
             "redis:/u:hunter2@h",
             "redis//:hunter2@h",
             ":hunter2@h:1",
         }) {
        CAPTURE(url);
        const std::string message = message_of(url);
        CAPTURE(message);
        CHECK(message.starts_with("invalid URL '"));
        CHECK(message.find("ter2") == std::string::npos);
    }
}

TEST_CASE("HOST:PORT is short for a URL") {
    CHECK(parse_server_url("cache.example:6380").name() == "cache.example:6380");
    CHECK(parse_server_url("[::1]:6380/2").name() == "[::1]:6380");
    CHECK(parse_server_url("[::1]:6380/2").db == 2);
}

TEST_CASE("redaction keeps what is no secret") {
    CHECK(redact_url("redis://alice:pw@h:1/2") == "redis://alice:***@h:1/2");
    CHECK(redact_url("redis://:pw@h") == "redis://:***@h");
    CHECK(redact_url("redis://pw@h") == "redis://***@h");
    CHECK(redact_url("redis://h:6379/2") == "redis://h:6379/2");
    CHECK(redact_url("redis://[::1]:6379") == "redis://[::1]:6379");
    CHECK(redact_url("unix:///run/s") == "unix:///run/s");
    CHECK(redact_url("unix:///run/a@b") == "unix:///run/a@b");
    CHECK(redact_url("REDIS+x-1.y://h") == "REDIS+x-1.y://h");
    CHECK(redact_url("[::1]:6379/2") == "[::1]:6379/2");
    CHECK(redact_url("h:6379/hunter2") == "h:6379/***");
}

TEST_CASE("what is no scheme and no address may be a password") {
    for (const char* text : {"re dis://h", "_://h", "://h", ":6379", "a:b:6379", "[a:b:6379",
                             "h:66666", "h:1x", "a@b:6379"}) {
        CHECK_MESSAGE(redact_url(text) == "***", text);
    }
    CHECK(redact_url("redis://u/x:pw@h") == "redis://***@h");
    CHECK(redact_url("redis://[::1]:x") == "redis://[***");
}

TEST_CASE("ports and databases name where they were given") {
    CHECK(parse_port("6380", "-p") == 6380);
    CHECK(parse_db("15", "-n") == 15);
    CHECK_THROWS_WITH_AS(parse_port("hunter2", "REDIS_PORT"),
                         "REDIS_PORT: the value is not a port, a number from 1 to 65535", Error);
    CHECK_THROWS_WITH_AS(parse_port("0", "-p"), "-p: '0' is not a port, a number from 1 to 65535",
                         Error);
    CHECK_THROWS_WITH_AS(parse_db("-1", "-n"), "-n: '-1' is not a database, a number from 0 on",
                         Error);
    CHECK_THROWS_WITH_AS(parse_db("", "-n"), "-n: '' is not a database, a number from 0 on", Error);
    CHECK_THROWS_WITH_AS(parse_db("99999999999", "-n"),
                         "-n: '99999999999' is not a database, a number from 0 on", Error);
}
