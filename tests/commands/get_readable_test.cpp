// get: values that a person can read, several keys, and chosen elements.
#include <doctest/doctest.h>

#include "support/compressed.hpp"
#include "support/fake_value.hpp"

using namespace cachectl::test;
using cachectl::gzipped;
using cachectl::Reply;

namespace {

/// A server whose strings are those of client.keys.
FakeClient cache_of_strings(const std::map<std::string, std::string>& values) {
    FakeClient client;
    for (const auto& [key, value] : values) {
        client.keys[key] = {.value = value, .ttl_ms = 296'000};
    }
    client.on("OBJECT", [](const FakeClient::Args& args) {
        return args[1] == "ENCODING" ? Reply::make_string("raw") : Reply::make_integer(3);
    });
    client.on("STRLEN", [values](const FakeClient::Args& args) {
        return Reply::make_integer(static_cast<std::int64_t>(values.at(args[1]).size()));
    });
    client.on("GETRANGE", [values](const FakeClient::Args& args) {
        const std::size_t first = std::stoul(args[2]);
        return Reply::make_string(
            values.at(args[1]).substr(first, std::stoul(args[3]) + 1 - first));
    });
    return client;
}

std::string shown(const std::string& value) {
    FakeClient client = cache_of_strings({{"k", value}});
    const RunResult run = run_with(client, {"get", "k"}, {.terminal = true});
    CHECK(run.code == 0);
    CHECK(run.err.empty());
    return run.out.substr(run.out.find("\n\n") + 2);
}

FakeClient cache_with_list() {
    FakeClient client = cache_with("list", "listpack");
    client.on("LLEN", [](const FakeClient::Args&) { return Reply::make_integer(20); });
    client.on("LRANGE", [](const FakeClient::Args& args) {
        std::vector<std::string> members;
        for (int i = std::stoi(args[2]); i <= std::stoi(args[3]); ++i) {
            members.push_back("m" + std::to_string(i));
        }
        return strings(members);
    });
    return client;
}

}  // namespace

TEST_CASE("JSON is laid out, and the last line says so") {
    CHECK(shown(R"({"code":"office","rows":[{"id":1},{"id":2}]})") ==
          "{\n  \"code\": \"office\",\n  \"rows\": [{\"id\": 1}, {\"id\": 2}]\n}\n"
          "JSON; --raw prints the 44 bytes as they are\n");
    CHECK(shown("{\"a\": [" + std::string(500, '[') + std::string(500, ']') + "]}")
              .ends_with("JSON, shown shortened; --raw prints the 1,009 bytes as they are\n"));
}

TEST_CASE("what is packed is unpacked, and what is encoded decoded") {
    CHECK(shown(gzipped("{\"a\":1}"))
              .starts_with("{\n  \"a\": 1\n}\nJSON unpacked from gzip, 7 B; --raw prints the "));
    CHECK(shown(gzipped("some text")).starts_with("some text\ntext unpacked from gzip, 9 B; "));
    CHECK(shown("a:1:{s:1:\"x\";b:1;}") ==
          "{\n  \"x\": true\n}\nPHP serialized data; --raw prints the 18 bytes as they are\n");
    CHECK(shown("\x81\xa1x\xc3") ==
          "{\n  \"x\": true\n}\nmsgpack; --raw prints the 4 bytes as they are\n");
    CHECK(shown("\x80\x04\x8c\x04"
                "evil\x8c\x01x\x93.") ==
          "[\n  \"evil\",\n  \"x\"\n]\nPython pickle, protocol 4: the texts and numbers found in "
          "it; it was not run;\n--raw prints the 13 bytes as they are\n");
    CHECK(shown("just text") == "just text\n");
}

TEST_CASE("a bomb is shown by its beginning") {
    const std::string out = shown(gzipped(std::string(100 << 20, 'a')).substr(0, 60'000));
    CHECK(out.starts_with(std::string(4096, 'a') + "\ntext unpacked from gzip, more than 1.0 MiB"));
    CHECK(out.size() < 4'300);
}

TEST_CASE("as JSON a value is as it is, and decoded besides") {
    FakeClient client = cache_of_strings({{"k", gzipped("{\"a\":[1,1.50]}")}});
    CHECK(run_with(client, {"get", "k", "-o", "ndjson"})
              .out.ends_with("\"encoding_of_value\":\"gzip+json\",\"decoded\":{\"a\":[1,1.50]},"
                             "\"decoded_truncated\":false}\n"));
}

TEST_CASE("several keys: one below the other, an array, a line each") {
    FakeClient client = cache_of_strings({{"a", "1"}, {"b", "2"}});
    const RunResult table = run_with(client, {"get", "a", "b"}, {.terminal = true});
    CHECK(table.out ==
          "a   string, 1 B (64 B in memory, raw), expires in 4m 56s, used 3s ago\n\n1\n\n"
          "b   string, 1 B (64 B in memory, raw), expires in 4m 56s, used 3s ago\n\n2\n");
    const RunResult json = run_with(client, {"get", "a", "b", "--json"});
    CHECK(json.out.starts_with("[\n  {\"key\": \"a\", "));
    CHECK(json.out.find("},\n  {\"key\": \"b\", ") != std::string::npos);
    CHECK(json.out.ends_with("}\n]\n"));
    const RunResult lines = run_with(client, {"get", "a", "b", "-o", "ndjson"});
    CHECK(std::count(lines.out.begin(), lines.out.end(), '\n') == 2);
    CHECK(run_with(client, {"get", "a", "b", "--raw"}).code == 2);
}

TEST_CASE("of several keys those that are there are shown, and the answer is no") {
    FakeClient client = cache_of_strings({{"a", "1"}, {"b", "2"}});
    const RunResult run = run_with(client, {"get", "x", "a", "y", "b"});
    CHECK(run.code == 1);
    CHECK(run.out.starts_with("key\ta\n"));
    CHECK(run.out.find("value\t1\n\nkey\tb\n") != std::string::npos);
    CHECK(run.err == "cachectl: error: no such key: x; no such key: y\n");
}

TEST_CASE("a failure after the first key ends the list as partial, and JSON stays whole") {
    FakeClient client = cache_of_strings({{"a", "1"}, {"b", "2"}});
    client.on("TYPE", [](const FakeClient::Args& args) {
        return args[1] == "a" ? Reply::make_string("string")
                              : Reply::make_error("NOPERM no permissions to access a key");
    });
    const RunResult run = run_with(client, {"get", "a", "b", "--json"});
    CHECK(run.code == 5);
    CHECK(run.out.ends_with("}\n]\n"));
    CHECK(run_with(client, {"get", "b", "a"}).code == 4);
}

TEST_CASE("--index chooses elements, from both ends") {
    FakeClient client = cache_with_list();
    CHECK(run_with(client, {"get", "k", "--index", "3"}, {.terminal = true})
              .out.ends_with("\n\nINDEX  ELEMENT\n    3  m3\n"));
    CHECK(client.lines().back() == "LRANGE k 3 3");
    run_with(client, {"get", "k", "--index", "-2..-1"});
    CHECK(client.lines().back() == "LRANGE k 18 19");
    run_with(client, {"get", "k", "--index", "15.."});
    CHECK(client.lines().back() == "LRANGE k 15 19");
    CHECK(run_with(client, {"get", "k", "--index", "5", "--raw"}).out == "m5");
    const RunResult json = run_with(client, {"get", "k", "--index", "..1", "--json"});
    CHECK(json.out.find("\"first_index\": 0,\n  \"value\": [\n    \"m0\",\n    \"m1\"\n  ]") !=
          std::string::npos);
    const RunResult none = run_with(client, {"get", "k", "--index", "20"});
    CHECK(none.code == 1);
    CHECK(none.err == "cachectl: error: no such element of k: it has 20 elements\n");
    CHECK(run_with(client, {"get", "k", "--index", "0..9", "--limit", "2"}).err ==
          "cachectl: 2 of 10 elements are shown; --limit all shows all\n");
    CHECK(run_with(client, {"get", "k", "--index", "x"}).code == 2);
    CHECK(run_with(client, {"get", "k", "--index", ".."}).code == 2);
    CHECK(run_with(client, {"get", "k", "--field", "x"}).err ==
          "cachectl: error: --field is for hashes; this key holds a list\n");
}

TEST_CASE("--field reads these fields and no others") {
    FakeClient client = cache_with("hash", "hashtable", {.size_bytes = 100'000'000});
    client.on("HLEN", [](const FakeClient::Args&) { return Reply::make_integer(1'000'000); });
    client.on("HSTRLEN", [](const FakeClient::Args& args) {
        return Reply::make_integer(args[2] == "name" ? 5 : 0);
    });
    client.on("HMGET", [](const FakeClient::Args& args) {
        std::vector<Reply> values;
        for (std::size_t i = 2; i < args.size(); ++i) {
            values.push_back(args[i] == "name" ? Reply::make_string("value") : Reply{});
        }
        return Reply::make_array(std::move(values));
    });
    const RunResult run = run_with(client, {"get", "k", "--field", "name"});
    CHECK(run.code == 0);
    CHECK(run.out.ends_with("truncated\tfalse\nvalue\tname\tvalue\n"));
    CHECK(client.count("HSCAN") + client.count("HRANDFIELD") == 0);
    CHECK(run_with(client, {"get", "k", "--field", "name", "--raw"}).out == "value");
    const RunResult gone = run_with(client, {"get", "k", "--field", "name", "--field", "none"});
    CHECK(gone.code == 1);
    CHECK(gone.out.ends_with("value\tname\tvalue\n"));
    CHECK(gone.err == "cachectl: error: no such field of k: none\n");
}

TEST_CASE("elements are decoded for a person, and not for a script") {
    FakeClient client = cache_with("list", "listpack");
    const std::string packed = gzipped("{\"z\":1}");
    client.on("LLEN", [](const FakeClient::Args&) { return Reply::make_integer(3); });
    client.on("LRANGE", [&](const FakeClient::Args&) {
        return strings({"{\"a\":[1,2]}", "plain \x1b[2J", packed});
    });
    CHECK(run_with(client, {"get", "k"}, {.terminal = true})
              .out.ends_with("\n\nINDEX  ELEMENT\n"
                             "    0  {\"a\": [1, 2]}\n"
                             "    1  plain \\x1b[2J\n"
                             "    2  {\"z\": 1}\n"
                             "JSON in 1 element, JSON unpacked from gzip in 1 element; --json has "
                             "the bytes\nas they are\n"));
    CHECK(
        run_with(client, {"get", "k"})
            .out.ends_with("value\t{\"a\":[1,2]}\nvalue\tplain \x1b[2J\nvalue\t" + packed + "\n"));
}
