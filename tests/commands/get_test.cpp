#include <doctest/doctest.h>

#include "support/fake_value.hpp"

using namespace cachectl::test;
using cachectl::Reply;

namespace {

FakeClient cache_with_string(std::string value) {
    FakeClient client = cache_with("string", "raw", {.value = value, .ttl_ms = 60'000});
    client.on("STRLEN", [value](const FakeClient::Args&) {
        return Reply::make_integer(static_cast<std::int64_t>(value.size()));
    });
    client.on("GETRANGE", [value](const FakeClient::Args& args) {
        const std::size_t first = std::stoul(args[2]);
        return Reply::make_string(value.substr(first, std::stoul(args[3]) + 1 - first));
    });
    return client;
}

}  // namespace

TEST_CASE("get on a terminal: the facts, then the value, escaped but with its lines") {
    FakeClient client = cache_with_string("{\n  \"a\": 1\x1b\n}");
    const RunResult run = run_with(client, {"get", "k"}, {.terminal = true});
    CHECK(run.code == 0);
    CHECK(run.out ==
          "k   string, 13 B (64 B in memory, raw), expires in 1m, used 7s ago\n"
          "\n"
          "{\n  \"a\": 1\\x1b\n}\n");
    CHECK(client.lines() == std::vector<std::string>{"TYPE k", "PTTL k", "OBJECT ENCODING k",
                                                     "MEMORY USAGE k", "OBJECT IDLETIME k",
                                                     "STRLEN k", "GETRANGE k 0 65535"});
}

TEST_CASE("get into a pipe: tab-separated lines, the value as it is") {
    FakeClient client = cache_with_string("v\x1b\xff");
    CHECK(run_with(client, {"get", "k"}).out ==
          "key\tk\ntype\tstring\nttl_ms\t60000\nencoding\traw\nsize_bytes\t64\nidle_s\t7\n"
          "length\t3\ntruncated\tfalse\nvalue\tv\x1b\xff\n");
}

TEST_CASE("get as JSON has the contract's fields") {
    FakeClient client = cache_with_string("v\xff");
    CHECK(run_with(client, {"get", "k", "--json"}).out ==
          "{\n"
          "  \"key\": \"k\",\n"
          "  \"type\": \"string\",\n"
          "  \"ttl_ms\": 60000,\n"
          "  \"encoding\": \"raw\",\n"
          "  \"size_bytes\": 64,\n"
          "  \"idle_s\": 7,\n"
          "  \"length\": 2,\n"
          "  \"truncated\": false,\n"
          "  \"value\": \"v\uFFFD\",\n"
          "  \"value_base64\": \"dv8=\",\n"
          "  \"encoding_of_value\": \"binary\"\n"
          "}\n");
}

TEST_CASE("a key that is not there is the answer no") {
    FakeClient client;
    const RunResult run = run_with(client, {"get", "gone\x1b"});
    CHECK(run.code == 1);
    CHECK(run.out.empty());
    CHECK(run.err == "cachectl: error: no such key: gone\\x1b\n");
    CHECK(client.count("GETRANGE") == 0);
}

TEST_CASE("of a long string only the beginning is read, and stderr says so") {
    FakeClient client = cache_with_string(std::string(5000, 'x'));
    const RunResult run = run_with(client, {"get", "k"});
    CHECK(run.out.ends_with("truncated\ttrue\nvalue\t" + std::string(4096, 'x') + "\n"));
    CHECK(run.err == "cachectl: the first 4.0 KiB of 4.9 KiB are shown; --max-value 0 shows all\n");
    CHECK(run_with(client, {"get", "k", "--max-value", "2"}).out.ends_with("value\txx\n"));
    CHECK(client.lines().back() == "GETRANGE k 0 1");
    const RunResult all = run_with(client, {"get", "k", "--max-value", "0"});
    CHECK(client.lines().back() == "GETRANGE k 0 262143");
    CHECK(all.out.ends_with("truncated\tfalse\nvalue\t" + std::string(5000, 'x') + "\n"));
    CHECK(all.err.empty());
}

TEST_CASE("a cut does not halve a character") {
    FakeClient client = cache_with_string("ab\u00e9\u20acz");  // 1 1 2 3 1 bytes
    const auto value = [&](const char* size) {
        const std::string out = run_with(client, {"get", "k", "--max-value", size}).out;
        return out.substr(out.find("value\t") + 6);
    };
    CHECK(value("2") == "ab\n");
    CHECK(value("3") == "ab\n");
    CHECK(value("4") == "ab\u00e9\n");
    CHECK(value("6") == "ab\u00e9\n");
    CHECK(value("7") == "ab\u00e9\u20ac\n");
    CHECK(value("8") == "ab\u00e9\u20acz\n");
}

TEST_CASE("--raw is the bytes of the whole string and nothing else") {
    const std::string value = std::string("\0\xff\n", 3) + std::string(5000, 'x');
    FakeClient client = cache_with_string(value);
    const RunResult run = run_with(client, {"get", "k", "--raw"});
    CHECK(run.code == 0);
    CHECK(run.out == value);
    CHECK(run.err.empty());
    CHECK(run_with(client, {"get", "k", "--raw", "--max-value", "2"}).out ==
          std::string("\0\xff", 2));
    CHECK(run_with(client, {"get", "k", "--raw", "--max-value", "3"}, {.terminal = true}).out ==
          "\\x00\\xff\n\n");
    CHECK(run_with(client, {"get", "k", "--raw", "--json"}).code == 2);
}

TEST_CASE("--raw of a collection is an error that names the way") {
    FakeClient client = cache_with("set", "intset");
    client.on("SCARD", [](const FakeClient::Args&) { return Reply::make_integer(0); });
    const RunResult run = run_with(client, {"get", "k", "--raw"});
    CHECK(run.code == 2);
    CHECK(run.err ==
          "cachectl: error: --raw is for strings; this key holds a set\n"
          "cachectl: --json tells all kinds of values exactly; --raw --field NAME and --raw "
          "--index N "
          "are the bytes of one element\n");
}

TEST_CASE("a module's value is null, with a note") {
    FakeClient client = cache_with("ReJSON-RL", "raw");
    const RunResult run = run_with(client, {"get", "k", "--json"});
    CHECK(run.code == 0);
    CHECK(run.out.ends_with("\"length\": null,\n  \"truncated\": false,\n  \"value\": null\n}\n"));
    CHECK(run.err == "cachectl: the value of a ReJSON-RL, a module's type, cannot be shown\n");
    CHECK(client.lines().size() == 5);
}

TEST_CASE("what the user may not ask is unknown, what they may not read is refused") {
    FakeClient client = cache_with_string("v");
    const auto no = [](const FakeClient::Args& args) {
        return Reply::make_error("NOPERM User bob has no permissions to run the '" + args[0] +
                                 "' command");
    };
    client.on("OBJECT", no);
    client.on("MEMORY", no);
    CHECK(run_with(client, {"get", "k"})
              .out.find("encoding\t?\nsize_bytes\t?\nidle_s\t?\nlength\t1\n") != std::string::npos);
    client.on("GETRANGE", no);
    const RunResult run = run_with(client, {"get", "k"});
    CHECK(run.code == 4);
    CHECK(run.out.empty());
    CHECK(run.err.ends_with("cachectl: the user lacks the ACL rule +GETRANGE\n"));
}

TEST_CASE("a key that changes its type under us is an unknown outcome") {
    FakeClient client = cache_with_string("v");
    client.on("GETRANGE", [](const FakeClient::Args&) {
        return Reply::make_error("WRONGTYPE Operation against a key holding the wrong kind");
    });
    const RunResult run = run_with(client, {"get", "k"});
    CHECK(run.code == 5);
    CHECK(run.err.starts_with("cachectl: error: the key changed its type while it was read\n"));
}

TEST_CASE("a string that is longer than a slice comes in slices of one version of it") {
    const std::string value = std::string(300'000, 'a') + std::string(100'000, 'b');
    FakeClient client = cache_with_string(value);
    client.on("WATCH", [](const FakeClient::Args&) { return Reply::make_status("OK"); });
    client.on("EXEC", [](const FakeClient::Args&) {
        return Reply::make_array({Reply::make_integer(400'000)});
    });
    CHECK(run_with(client, {"get", "k", "--raw"}).out == value);
    auto lines = client.lines();
    lines.erase(lines.begin(), lines.begin() + 5);
    CHECK(lines == std::vector<std::string>{"STRLEN k", "GETRANGE k 0 262143", "WATCH k",
                                            "STRLEN k", "GETRANGE k 0 262143",
                                            "GETRANGE k 262144 399999", "MULTI", "STRLEN k",
                                            "EXEC"});

    client.on("EXEC", [n = 0](const FakeClient::Args&) mutable {
        return ++n == 1 ? Reply{} : Reply::make_array({Reply::make_integer(400'000)});
    });
    const RunResult again = run_with(client, {"get", "k", "--max-value", "0"});
    CHECK(again.code == 0);
    CHECK(again.out.ends_with("value\t" + value + "\n"));

    client.on("EXEC", [](const FakeClient::Args&) { return Reply{}; });
    CHECK(run_with(client, {"get", "k", "--max-value", "0"}).code == 5);
    const RunResult raw = run_with(client, {"get", "k", "--raw"});
    CHECK(raw.code == 5);
    CHECK(raw.err ==
          "cachectl: error: the value was rewritten while it was read\n"
          "cachectl: what was written may not be one version of it; try once more\n");
}

TEST_CASE("a string whose slices come over several connections is one that nobody has watched") {
    FakeClient client = cache_with_string(std::string(400'000, 'a'));
    client.on("WATCH", [](const FakeClient::Args&) { return Reply::make_status("OK"); });
    client.on("EXEC", [](const FakeClient::Args&) {
        return Reply::make_array({Reply::make_integer(400'000)});
    });
    const FakeClient::Handler slice = client.handler("GETRANGE");
    int lost = 0;
    client.on("GETRANGE", [&](const FakeClient::Args& args) {
        client.connection += args[2] != "0" && lost-- > 0 ? 1 : 0;
        return slice(args);
    });
    lost = 1;
    const RunResult raw = run_with(client, {"get", "k", "--raw"});
    CHECK(raw.code == 5);
    CHECK(raw.err ==
          "cachectl: error: the value moved to another node while it was read, or the connection "
          "to its node was lost\n"
          "cachectl: what was written may not be one version of it; try once more\n");
    lost = 1;
    const RunResult again = run_with(client, {"get", "k", "--max-value", "0"});
    CHECK(again.code == 0);
    CHECK(again.out.ends_with("value\t" + std::string(400'000, 'a') + "\n"));
    lost = 3;
    CHECK(run_with(client, {"get", "k", "--max-value", "0"}).code == 5);

    client.answer("WATCH", Reply::make_error("NOPERM no right to 'watch'"));
    lost = 1;
    CHECK(run_with(client, {"get", "k", "--raw"}).code == 0);  // the length alone tells
}

TEST_CASE("a server near its limit is asked for smaller slices") {
    FakeClient client = cache_with_string(std::string(40'000, 'x'));
    client.info.info = cachectl::InfoFields("used_memory:1000000\r\nmaxmemory:1000000\r\n");
    client.on("EXEC", [](const FakeClient::Args&) {
        return Reply::make_array({Reply::make_integer(40'000)});
    });
    CHECK(run_with(client, {"get", "k", "--raw"}).out.size() == 40'000);
    CHECK(client.count("GETRANGE k 32768 39999") == 1);
}

TEST_CASE("a key that goes away while it is looked at is not an empty one") {
    for (const char* type : {"string", "list", "hash", "set", "zset", "stream"}) {
        CAPTURE(type);
        FakeClient client = cache_with(type, "raw");
        for (const char* length : {"STRLEN", "LLEN", "HLEN", "SCARD", "ZCARD", "XLEN"}) {
            client.on(length, [](const FakeClient::Args&) { return Reply::make_integer(0); });
        }
        client.on("GETRANGE", [](const FakeClient::Args&) { return Reply::make_string(""); });
        client.on("EXISTS", [](const FakeClient::Args&) { return Reply::make_integer(1); });
        CHECK(run_with(client, {"get", "k", "--json"}).code == 0);  // an empty string, or stream
        client.on("EXISTS", [](const FakeClient::Args&) { return Reply::make_integer(0); });
        const RunResult run = run_with(client, {"get", "k", "--json"});
        CHECK(run.code == 1);
        CHECK(run.out.empty());
    }
}
