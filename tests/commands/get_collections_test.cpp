#include <doctest/doctest.h>

#include "support/fake_value.hpp"

using namespace cachectl::test;
using cachectl::Reply;

TEST_CASE("a hash is read in pages, each field once, and no further than --limit") {
    FakeClient client = cache_with("hash", "hashtable");
    client.on("HLEN", [](const FakeClient::Args&) { return Reply::make_integer(4); });
    client.on("HSCAN", [](const FakeClient::Args& args) {
        return args[2] == "0"
                   ? Reply::make_array({Reply::make_string("5"), strings({"a", "1", "b", "2"})})
                   : Reply::make_array(
                         {Reply::make_string("0"), strings({"b", "2", "c", "3", "d\xff", "4"})});
    });
    RunResult run = run_with(client, {"get", "k"}, {.terminal = true});
    CHECK(
        run.out.ends_with("hash, 4 fields (64 B in memory, hashtable), never expires, used 7s "
                          "ago\n\n"
                          "FIELD  VALUE\n"
                          "a      1\nb      2\nc      3\nd\\xff  4\n"));
    CHECK(client.count("HSCAN") == 2);
    CHECK(client.count("HGETALL") == 0);

    run = run_with(client, {"get", "k", "--json", "--limit", "3"});
    CHECK(
        run.out.ends_with("\"truncated\": true,\n"
                          "  \"value\": [\n"
                          "    {\"field\": \"a\", \"value\": \"1\"},\n"
                          "    {\"field\": \"b\", \"value\": \"2\"},\n"
                          "    {\"field\": \"c\", \"value\": \"3\"}\n"
                          "  ]\n}\n"));
    CHECK(run.err == "cachectl: 3 of 4 fields are shown; --limit all shows all\n");
    CHECK(run_with(client, {"get", "k", "--json"})
              .out.ends_with("\"value_base64\": [\n"
                             "    {\"field\": \"YQ==\", \"value\": \"MQ==\"},\n"
                             "    {\"field\": \"Yg==\", \"value\": \"Mg==\"},\n"
                             "    {\"field\": \"Yw==\", \"value\": \"Mw==\"},\n"
                             "    {\"field\": \"ZP8=\", \"value\": \"NA==\"}\n  ]\n}\n"));
    CHECK(run_with(client, {"get", "k"})
              .out.ends_with("truncated\tfalse\nvalue\ta\t1\nvalue\tb\t2\n"
                             "value\tc\t3\nvalue\td\xff\t4\n"));
}

TEST_CASE("a list comes by ranges whose size depends on what an element weighs") {
    FakeClient client = cache_with("list", "quicklist", {.size_bytes = 250 * 100'000});
    client.on("LLEN", [](const FakeClient::Args&) { return Reply::make_integer(250); });
    client.on("LRANGE", [](const FakeClient::Args& args) {
        std::vector<std::string> members;
        for (int i = std::stoi(args[2]); i <= std::stoi(args[3]); ++i) {
            members.push_back("m" + std::to_string(i));
        }
        return strings(members);
    });
    const RunResult run = run_with(client, {"get", "k", "--json", "--limit", "5"});
    CHECK(
        run.out.ends_with("\"value\": [\n    \"m0\",\n    \"m1\",\n    \"m2\",\n    \"m3\",\n"
                          "    \"m4\"\n  ]\n}\n"));
    auto lines = client.lines();
    lines.erase(lines.begin(), lines.begin() + 7);
    CHECK(lines == std::vector<std::string>{"WATCH k", "LRANGE k 0 1", "LRANGE k 2 3",
                                            "LRANGE k 4 4", "LLEN k"});
    CHECK(run.err == "cachectl: 5 of 250 elements are shown; --limit all shows all\n");
    CHECK(run_with(client, {"get", "k", "--limit", "1"}).out.ends_with("value\tm0\n"));
}

TEST_CASE("a list or a sorted set that is written to between two pages is told of") {
    for (const std::string& type : {std::string("list"), std::string("zset")}) {
        CAPTURE(type);
        FakeClient client = cache_with(type, "raw", {.size_bytes = 250 * 100'000});
        const std::string length = type == "list" ? "LLEN" : "ZCARD";
        const auto is = [](std::int64_t number) { return Reply::make_integer(number); };
        client.answer(length, is(250));
        const auto page = [](const FakeClient::Args& args) {
            std::vector<std::string> words;
            for (int i = std::stoi(args[2]); i <= std::stoi(args[3]); ++i) {
                words.push_back(std::to_string(i));
                if (args[0] == "ZRANGE") {
                    words.push_back(std::to_string(i));
                }
            }
            return strings(words);
        };
        client.on("LRANGE", page);
        client.on("ZRANGE", page);
        client.answer("WATCH", Reply::make_status("OK"));
        client.answer("EXEC", Reply::make_array({is(250)}));
        const std::vector<std::string> get = {"get", "k", "--limit", "5", "--json"};
        const auto tells = [&] {
            const RunResult run = run_with(client, get);
            CHECK(run.code == 0);
            const bool in_json = run.out.find("\"changed_while_read\": true,") != std::string::npos;
            const bool on_stderr =
                run.err.find(
                    "cachectl: it may have changed while it was read: elements may be "
                    "missing or come twice\n") != std::string::npos;
            CHECK(in_json == on_stderr);
            return in_json;
        };
        CHECK_FALSE(tells());
        client.answer("EXEC", Reply());
        CHECK(tells());
        // Nobody watches what is read at once.
        CHECK(run_with(client, {"get", "k", "--limit", "1"}).err.find("changed") ==
              std::string::npos);

        client.answer("EXEC", Reply::make_array({is(250)}));
        client.on(type == "list" ? "LRANGE" : "ZRANGE", [&](const FakeClient::Args& args) {
            client.connection += args[2] == "0" ? 0 : 1;
            return page(args);
        });
        CHECK(tells());

        client.answer("WATCH", Reply::make_error("NOPERM no right to 'watch'"));
        CHECK_FALSE(tells());
        client.on(length,
                  [n = 250](const FakeClient::Args&) mutable { return Reply::make_integer(n++); });
        CHECK(tells());
        client.answer(length, is(250));
        client.on(type == "list" ? "LRANGE" : "ZRANGE", [&](const FakeClient::Args& args) {
            return args[2] == "0" ? page(args) : strings({});
        });
        CHECK(tells());
    }
}

TEST_CASE("elements longer than --max-value are cut") {
    FakeClient client = cache_with("list", "quicklist");
    client.on("LLEN", [](const FakeClient::Args&) { return Reply::make_integer(2); });
    client.on("LRANGE", [](const FakeClient::Args&) { return strings({"abcdef", "gh"}); });
    const RunResult run = run_with(client, {"get", "k", "--max-value", "3"});
    CHECK(run.out.ends_with("truncated\ttrue\nvalue\tabc\nvalue\tgh\n"));
    CHECK(run.err == "cachectl: long elements are cut; --max-value 0 shows them whole\n");
}

TEST_CASE("a sorted set has its scores as numbers, and infinity as text") {
    FakeClient client = cache_with("zset", "listpack");
    client.on("ZCARD", [](const FakeClient::Args&) { return Reply::make_integer(3); });
    client.on("ZRANGE", [](const FakeClient::Args&) {
        return strings({"low", "-inf", "mid", "1.5", "high", "3e20"});
    });
    CHECK(run_with(client, {"get", "k", "--json"})
              .out.ends_with("  \"value\": [\n"
                             "    {\"member\": \"low\", \"score\": \"-inf\"},\n"
                             "    {\"member\": \"mid\", \"score\": 1.5},\n"
                             "    {\"member\": \"high\", \"score\": 3e+20}\n  ]\n}\n"));
    CHECK(client.lines().back() == "ZRANGE k 0 2 WITHSCORES");
    CHECK(run_with(client, {"get", "k"}, {.terminal = true})
              .out.ends_with("never expires, used 7s ago\n\n"
                             "SCORE  MEMBER\n -inf  low\n  1.5  mid\n 3e20  high\n"));
    CHECK(run_with(client, {"get", "k"})
              .out.ends_with("value\t-inf\tlow\nvalue\t1.5\tmid\n"
                             "value\t3e20\thigh\n"));
}

TEST_CASE("a set is scanned") {
    FakeClient client = cache_with("set", "hashtable");
    client.on("SCARD", [](const FakeClient::Args&) { return Reply::make_integer(1); });
    client.on("SSCAN", [](const FakeClient::Args&) {
        return Reply::make_array({Reply::make_string("0"), strings({"one"})});
    });
    CHECK(run_with(client, {"get", "k"}, {.terminal = true})
              .out.ends_with("never expires, used 7s ago\n\none\n"));
    CHECK(client.lines().back() == "SSCAN k 0 COUNT 1");
    CHECK(client.count("SMEMBERS") == 0);
}

TEST_CASE("a stream comes entry by entry, the next page behind the last id") {
    FakeClient client = cache_with("stream", "stream", {.size_bytes = 400'000});
    client.on("XLEN", [](const FakeClient::Args&) { return Reply::make_integer(2); });
    client.on("XRANGE", [](const FakeClient::Args& args) {
        const bool first = args[2] == "-";
        return Reply::make_array({Reply::make_array(
            {Reply::make_string(first ? "1-0" : "2-0"),
             first ? strings({"event", "login", "user", "7"}) : strings({"event", "logout"})})});
    });
    CHECK(
        run_with(client, {"get", "k", "--json"})
            .out.ends_with("  \"value\": [\n"
                           R"(    {"id": "1-0", "fields": [{"field": "event", "value": "login"}, )"
                           R"({"field": "user", "value": "7"}]},)"
                           "\n"
                           R"(    {"id": "2-0", "fields": [{"field": "event", "value": "logout"}]})"
                           "\n  ]\n}\n"));
    CHECK(client.lines().back() == "XRANGE k (1-0 + COUNT 1");
    CHECK(run_with(client, {"get", "k"}, {.terminal = true})
              .out.ends_with("never expires, used 7s ago\n\n"
                             "ID   FIELD  VALUE\n"
                             "1-0  event  login\n     user   7\n2-0  event  logout\n"));
}

TEST_CASE("of a hash that is larger than a slice, lengths come before values") {
    FakeClient client = cache_with("hash", "hashtable", {.size_bytes = 100'000'000});
    client.info.name = "redis";
    client.info.version = "7.4.1";
    client.on("HLEN", [](const FakeClient::Args&) { return Reply::make_integer(2'000); });
    client.on("HSCAN", [](const FakeClient::Args&) {
        return Reply::make_array({Reply::make_string("0"), strings({"small", "large", "gone"})});
    });
    client.on("HSTRLEN", [](const FakeClient::Args& args) {
        return Reply::make_integer(args[2] == "large" ? 100'000'000 : 3);
    });
    client.on("HMGET", [](const FakeClient::Args&) {
        return Reply::make_array({Reply::make_string("abc"), Reply{}});
    });
    client.on("HPTTL", [](const FakeClient::Args&) {
        return Reply::make_array({Reply::make_integer(60'000), Reply::make_integer(-1)});
    });
    const RunResult run = run_with(client, {"get", "k", "--json"});
    CHECK(run.out.ends_with(
        "\"truncated\": true,\n"
        "  \"value\": [\n"
        "    {\"field\": \"small\", \"ttl_ms\": 60000, \"value\": \"abc\"},\n"
        "    {\"field\": \"large\", \"value\": null, \"unread_bytes\": 100000000}\n"
        "  ]\n}\n"));
    CHECK(client.count("HSCAN k 0 COUNT 5 NOVALUES") == 1);
    CHECK(client.count("HMGET k small gone") == 1);
    CHECK(run_with(client, {"get", "k"}, {.terminal = true})
              .out.ends_with("FIELD    TTL  VALUE\n"
                             "small     1m  abc\n"
                             "large  never  (95.4 MiB, not read)\n"));

    client.info.version = "7.0.15";
    client.on("HRANDFIELD", [](const FakeClient::Args&) { return strings({"small", "large"}); });
    client.on("HMGET", [](const FakeClient::Args&) { return strings({"abc"}); });
    CHECK(run_with(client, {"get", "k"}).out.ends_with("value\tsmall\tabc\nvalue\tlarge\t?\n"));
    CHECK(client.count("HRANDFIELD k 100") == 1);
    CHECK(client.count("HSCAN") == 2);
    CHECK(client.count("HPTTL") == 2);
}

TEST_CASE("elements that are larger than a slice are read only where that is asked for") {
    FakeClient client = cache_with("list", "quicklist", {.size_bytes = 30'000'000});
    client.on("LLEN", [](const FakeClient::Args&) { return Reply::make_integer(3); });
    client.on("LRANGE", [](const FakeClient::Args&) { return strings({"m"}); });
    const RunResult run = run_with(client, {"get", "k"});
    CHECK(run.out.ends_with("length\t3\ntruncated\ttrue\n"));
    CHECK(run.err ==
          "cachectl: the elements take 9.5 MiB each and are not read; --max-value 0 reads them\n");
    CHECK(client.count("LRANGE") == 0);
    CHECK(run_with(client, {"get", "k", "--max-value", "0"})
              .out.ends_with("value\tm\nvalue\tm\nvalue\tm\n"));
    CHECK(client.count("LRANGE k 2 2") == 1);
}
