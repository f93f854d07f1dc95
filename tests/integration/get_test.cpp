// get against a real server: every type, nasty bytes, and collections that are never fetched whole.
#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/process.hpp"
#include "support/pty.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

ProcessResult get(const RedisServer& server, Strings args, ProcessOptions options = {}) {
    args.insert(args.begin(), {"get", "-s", server.socket_path()});
    return run_cachectl(std::move(args), std::move(options));
}

json get_json(const RedisServer& server, Strings args) {
    args.emplace_back("--json");
    const ProcessResult result = get(server, std::move(args));
    REQUIRE(result.exit_code == 0);
    return json::parse(result.out);
}

const std::string k_all_bytes = [] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i);
    }
    return bytes;
}();

}  // namespace

TEST_CASE("a string, with what is known of it") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "k", "{\"a\":1}", "EX", "60"});
    const json key = get_json(server, {"k"});
    CHECK(key["key"] == "k");
    CHECK(key["type"] == "string");
    CHECK(key["encoding"] == "embstr");
    CHECK(key["ttl_ms"].get<int>() > 50'000);
    CHECK(key["size_bytes"].get<int>() > 7);
    CHECK(key["idle_s"].get<int>() >= 0);
    CHECK(key["length"] == 7);
    CHECK(key["truncated"] == false);
    CHECK(key["value"] == "{\"a\":1}");
    CHECK_FALSE(key.contains("value_base64"));
}

TEST_CASE("--raw is exactly the bytes, also millions, also in a file") {
    const RedisServer server;
    RespClient redis = server.client();
    std::string large;
    while (large.size() < 5'000'000) {
        large += k_all_bytes;
    }
    redis.run({"SET", "k", large});
    CHECK((get(server, {"k", "--raw"}).out == large));
    ProcessOptions options;
    options.stdout_path = (server.dir().path() / "value").string();
    CHECK(get(server, {"k", "--raw"}, options).exit_code == 0);
    CHECK((read_file(options.stdout_path) == large));
    options.stdout_path = "/dev/full";
    CHECK(get(server, {"k", "--raw"}, options).exit_code == 7);

    const ProcessResult beginning = get(server, {"k"});
    CHECK(beginning.out.ends_with("truncated\ttrue\nvalue\t" + large.substr(0, 4096) + "\n"));
    CHECK(beginning.err ==
          "cachectl: the first 4.0 KiB of 4.8 MiB are shown; --max-value 0 shows all\n");
}

TEST_CASE("on a terminal a value keeps its lines and loses its escape sequences") {
    const RedisServer server;
    server.client().run({"SET", "k", "one\ntwo\x1b[2J\r\xff"});
    PtyProcess terminal(
        cachectl_argv({"get", "k", "-s", server.socket_path(), "--color", "never"}));
    CHECK(terminal.wait().exit_code == 0);
    CHECK(terminal.screen().ends_with("\r\n\r\none\r\ntwo\\x1b[2J\\x0d\\xff\r\n"));
    CHECK(terminal.screen().find('\x1b') == std::string::npos);
}

TEST_CASE("small collections of each type, whole") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"HSET", "hash", "f1", "v1", "f2", "v2"});
    redis.run({"RPUSH", "list", "a", "b", "a"});
    redis.run({"SADD", "set", "one"});
    redis.run({"SADD", "ints", "1", "2", "3"});
    redis.run({"ZADD", "zset", "1.5", "mid", "-inf", "low", "17", "high"});
    redis.run({"XADD", "stream", "1-1", "f", "v", "g", "w"});
    redis.run({"XADD", "stream", "2-1", "f", "x"});

    json key = get_json(server, {"hash"});
    CHECK(key["value"] ==
          json::parse(R"([{"field": "f1", "value": "v1"}, {"field": "f2", "value": "v2"}])"));
    CHECK(key["length"] == 2);
    CHECK(key["truncated"] == false);
    CHECK(get_json(server, {"list"})["value"] == json({"a", "b", "a"}));
    CHECK(get_json(server, {"set"})["value"] == json::array({"one"}));
    CHECK(get_json(server, {"ints"})["value"] == json({"1", "2", "3"}));
    CHECK(get_json(server, {"ints"})["encoding"] == "intset");
    CHECK(get_json(server, {"zset"})["value"] == json::parse(R"([
        {"member": "low", "score": "-inf"}, {"member": "mid", "score": 1.5},
        {"member": "high", "score": 17}])"));
    CHECK(get_json(server, {"stream"})["value"] == json::parse(R"([
        {"id": "1-1", "fields": [{"field": "f", "value": "v"}, {"field": "g", "value": "w"}]},
        {"id": "2-1", "fields": [{"field": "f", "value": "x"}]}])"));
    CHECK(get_json(server, {"stream", "--limit", "1"})["truncated"] == true);
}

TEST_CASE("bytes that are no text come in base64 besides, in the same shape") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"HSET", "hash", "f\xff", "v"});
    redis.run({"RPUSH", "list", "ok", k_all_bytes});
    CHECK(get_json(server, {"hash"})["value_base64"] ==
          json::parse(R"([{"field": "Zv8=", "value": "dg=="}])"));
    const json list = get_json(server, {"list"});
    CHECK(list["value_base64"][0] == "b2s=");
    CHECK(list["value_base64"][1].get<std::string>().starts_with("AAECAwQFBgcICQoL"));
    CHECK(get(server, {"list"}).out.ends_with("value\tok\nvalue\t" + k_all_bytes + "\n"));
}

TEST_CASE("a large collection is never fetched whole") {
    const RedisServer server;
    RespClient redis = server.client();
    for (const Strings& command : {Strings{"HSET", "hash"}, Strings{"SADD", "set"},
                                   Strings{"ZADD", "zset"}, Strings{"RPUSH", "list"}}) {
        redis.pipeline(20, [&](std::size_t page) {
            Strings args = command;
            for (std::size_t i = 0; i < 1000; ++i) {
                const std::string n = std::to_string(page * 1000 + i);
                if (command[0] == "ZADD") {
                    args.push_back(n);
                }
                args.push_back("m" + n);
                if (command[0] == "HSET") {
                    args.push_back(n);
                }
            }
            return args;
        });
    }
    for (const char* name : {"hash", "set", "zset", "list"}) {
        CAPTURE(name);
        const json some = get_json(server, {name});
        CHECK(some["length"] == 20'000);
        CHECK(some["value"].size() == 100);
        CHECK(some["truncated"] == true);
        const json all = get_json(server, {name, "--limit", "all"});
        CHECK(all["value"].size() == 20'000);
        CHECK(all["truncated"] == false);
    }
    CHECK(get_json(server, {"zset", "--limit", "3"})["value"][2] ==
          json({{"member", "m2"}, {"score", 2}}));
    CHECK(get_json(server, {"list", "--limit", "1500"})["value"][1499] == "m1499");
    const std::string used = redis.text({"INFO", "commandstats"});
    for (const char* whole : {"cmdstat_hgetall", "cmdstat_smembers", "cmdstat_keys"}) {
        CHECK(used.find(whole) == std::string::npos);
    }
}

TEST_CASE("a key that is not there is the answer no") {
    const RedisServer server;
    const ProcessResult result = get(server, {"none"});
    CHECK(result.exit_code == 1);
    CHECK(result.out.empty());
    CHECK(result.err == "cachectl: error: no such key: none\n");
}

TEST_CASE("a user who may only read strings is told what is missing") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"SET", "k", "v"});
    redis.run({"RPUSH", "list", "v"});
    redis.run({"ACL", "SETUSER", "reader", "on", ">pw", "~*", "+type", "+pttl", "+strlen",
               "+getrange", "+hello", "+auth"});
    const Strings login = {"--user", "reader", "-a", "pw"};
    Strings args = {"k"};
    args.insert(args.end(), login.begin(), login.end());
    ProcessResult result = get(server, args);
    CHECK(result.exit_code == 0);
    CHECK(result.out.find("encoding\t?\nsize_bytes\t?\nidle_s\t?\nlength\t1\n") !=
          std::string::npos);
    args[0] = "list";
    result = get(server, args);
    CHECK(result.exit_code == 4);
    CHECK(result.err.find("the user lacks the ACL rule +llen") != std::string::npos);
}

TEST_CASE("looking at what is large removes nothing from a cache that is full") {
    const RedisServer server({"--maxmemory", "80mb", "--maxmemory-policy", "allkeys-lru"});
    RespClient redis = server.client();
    redis.run({"SETRANGE", "string", std::to_string((30 << 20) - 1), "x"});
    redis.run({"HSET", "hash", "large", std::string(10 << 20, 'y'), "small", "1"});
    redis.run({"RPUSH", "list", std::string(10 << 20, 'y'), "small"});
    const auto figure = [&](const char* name) {
        const std::string info = redis.text({"INFO"});
        return std::stoll(info.substr(info.find(name) + std::string(name).size()));
    };
    for (int i = 0; figure("\nused_memory:") < (78 << 20); ++i) {
        for (int j = 0; j < 100; ++j) {
            redis.run({"SET", "small:" + std::to_string(i * 100 + j), std::string(1000, 'z')});
        }
    }
    const auto before = figure("\nevicted_keys:");
    // Evictions happen when somebody speaks: that is what this client is for.
    std::atomic<bool> over = false;
    std::thread other([&] {
        RespClient client = server.client();
        while (!over) {
            client.run({"GET", "small:1"});
        }
    });
    for (const Strings& args : {Strings{"string", "--raw"}, Strings{"string", "--max-value", "0"},
                                Strings{"hash"}, Strings{"list"}}) {
        CAPTURE(args.back());
        CHECK(get(server, args).exit_code == 0);
        CHECK(figure("\nevicted_keys:") == before);
    }
    over = true;
    other.join();
}

TEST_CASE("on a terminal JSON is laid out, in colours unless NO_COLOR says otherwise") {
    const RedisServer server;
    server.client().run({"SET", "k", "{\"a\":[1,\"\\u001b[2J\"],\"b\":null}"});
    PtyProcess terminal(cachectl_argv({"get", "k", "-s", server.socket_path()}));
    CHECK(terminal.wait().exit_code == 0);
    CHECK(terminal.screen().find("\x1b[36m\"a\"\x1b[0m: [1, \x1b[32m\"\\u001b[2J\"\x1b[0m],\r\n") !=
          std::string::npos);
    CHECK(terminal.screen().find("\x1b[2J") == std::string::npos);
    PtyProcess plain(cachectl_argv({"get", "k", "-s", server.socket_path(), "--color", "never"}));
    CHECK(plain.wait().exit_code == 0);
    CHECK(plain.screen().find("\r\n\r\n{\r\n  \"a\": [1, \"\\u001b[2J\"],\r\n  \"b\": null\r\n}\r\n"
                              "JSON; --raw prints the 30 bytes as they are\r\n") !=
          std::string::npos);
}

TEST_CASE("chosen elements of real collections") {
    const RedisServer server;
    RespClient redis = server.client();
    redis.run({"RPUSH", "list", "a", "b", "c", "d"});
    redis.run({"ZADD", "zset", "1", "low", "2", "mid", "3", "high"});
    redis.run({"HSET", "hash", "f", "v", "g", "", "h", k_all_bytes});
    CHECK(get_json(server, {"list", "--index", "-3..-2"})["value"] == json({"b", "c"}));
    CHECK(get_json(server, {"list", "--index", "-3..-2"})["first_index"] == 1);
    CHECK(get_json(server, {"list", "--index", "-99..0"})["value"] == json::array({"a"}));
    CHECK(get_json(server, {"zset", "--index", "2"})["value"][0]["member"] == "high");
    CHECK(get(server, {"hash", "--field", "h", "--raw"}).out == k_all_bytes);
    CHECK(get(server, {"hash", "--field", "g", "--raw"}).exit_code == 0);
    CHECK(get(server, {"hash", "--field", "none"}).exit_code == 1);
    CHECK(get(server, {"list", "--index", "4"}).exit_code == 1);
}

TEST_CASE("what stands in a pickle is never run") {
    const RedisServer server;
    const std::string file = (server.dir().path() / "made").string();
    server.client().run({"SET", "k", std::string("\x80\x02(X\x05\0\0\0touchtR.", 14)});
    server.client().run({"SET", "old", "(dp0\ncposix\nsystem\n(S'touch " + file + "'\ntR."});
    for (const char* key : {"k", "old"}) {
        CHECK(get(server, {key, "-o", "table"}).exit_code == 0);
        CHECK(get(server, {key, "--json"}).exit_code == 0);
    }
    CHECK(get_json(server, {"old"})["found_in_value"] == json({"posix.system", "touch " + file}));
    CHECK(get_json(server, {"old"})["encoding_of_value"] == "python-pickle");
    CHECK(!std::filesystem::exists(file));
}
