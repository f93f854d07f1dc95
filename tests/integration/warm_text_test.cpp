// CSV, TSV and JSON as programs write them: what becomes of their rows in a real server.
#include <doctest/doctest.h>

#include "support/text.hpp"
#include "support/warm_runs.hpp"

using namespace cachectl::test;
using Words = std::vector<std::string>;

namespace {

/// Warms a file of this text in a server of its own.
class Loader {
public:
    explicit Loader(std::string name = "in") : m_name(std::move(name)) {}

    /// The value of --collect, or the exit code and the first line of the error.
    std::string collected(const std::string& text, Words more = {}) {
        const Words words = {"--collect", "all", "--if-exists", "overwrite"};
        more.insert(more.begin(), words.begin(), words.end());
        const ProcessResult result = run(text, std::move(more));
        if (result.exit_code == 0) {
            return m_server.client().text({"GET", "all"});
        }
        return std::to_string(result.exit_code) + ": " + error_in(result.err);
    }
    /// The exit code, then the keys and their values.
    std::string keyed(const std::string& text, Words more) {
        RespClient client = m_server.client();
        client.text({"FLUSHALL"});
        const ProcessResult result = run(text, std::move(more));
        std::string keys = std::to_string(result.exit_code) + ":";
        Words names = client.list({"KEYS", "*"});
        std::sort(names.begin(), names.end());
        for (const std::string& name : names) {
            keys += " " + name + "=" + client.text({"GET", name});
        }
        return keys;
    }
    ProcessResult run(const std::string& text, Words more) {
        const Words words = {m_dir.file(m_name, text), "--ttl", "1h"};
        more.insert(more.begin(), words.begin(), words.end());
        return warm(m_server, more);
    }

private:
    static std::string error_in(const std::string& err) {
        const std::string mark = "error: ";
        const std::size_t begin = err.find(mark);
        if (begin == std::string::npos) {
            return err;
        }
        std::string line = err.substr(begin + mark.size());
        line.resize(std::min(line.find('\n'), line.size()));
        const std::size_t folder = line.find("/");
        return folder == std::string::npos ? line : line.substr(line.find("/in") + 1);
    }

    std::string m_name;
    RedisServer m_server;
    TempDir m_dir;
};

}  // namespace

TEST_CASE("rows are split at what separates them, not at what stands in them") {
    Loader load;
    CHECK(load.collected("Last, first, middle\tid\nNoir, Zoe, M\t1\n") ==
          R"([{"Last, first, middle":"Noir, Zoe, M","id":"1"}])");
    CHECK(load.collected("id;name;price,eur\n1;a;2,50\n2;b;3,75\n") ==
          R"([{"id":"1","name":"a","price,eur":"2,50"},{"id":"2","name":"b","price,eur":"3,75"}])");
    CHECK(load.collected("sep=;\r\nid;n\r\n1;a\r\n") == R"([{"id":"1","n":"a"}])");
    CHECK(load.collected("a:b,c\n1:2,3\n", {"--delimiter", ":"}) == R"([{"a":"1","b,c":"2,3"}])");
}

TEST_CASE("TSV has no quotes; mysql --batch and COPY escape in it") {
    Loader load;
    CHECK(load.collected("id\tt\n1\t\"Heroes\n2\tabc\n3\tend\"\n") ==
          R"([{"id":"1","t":"\"Heroes"},{"id":"2","t":"abc"},{"id":"3","t":"end\""}])");
    CHECK(load.collected("id\tt\n1\tNULL\n2\ta\\tb\\nc \\\\ d\n") ==
          R"([{"id":"1","t":null},{"id":"2","t":"a\tb\nc \\ d"}])");
    CHECK(load.collected("id\tt\n1\t\\N\n2\tNULL\n3\t\n") ==
          R"([{"id":"1","t":null},{"id":"2","t":"NULL"},{"id":"3","t":""}])");
    CHECK(load.collected("id\tp\n1\tC:\\new\n2\tC:\\Users\n") ==
          R"([{"id":"1","p":"C:\\new"},{"id":"2","p":"C:\\Users"}])");
    const ProcessResult dry = load.run("id\tt\n1\tNULL\n", {"--key", "k:{id}", "--dry-run"});
    CHECK(has(dry.out, "read as TSV as mysql --batch writes it"));
}

TEST_CASE("a file that was cut in the middle of a row is bad input") {
    Loader load;
    CHECK(load.collected("id,n,m\n1,a,b\n2,c", {"--max-errors", "9"}) ==
          "6: in:3: the input ends in the middle of a row: was it cut?; nothing was written");
    CHECK(load.collected("id,n\n1,\"a\n2,b\n", {"--max-errors", "9"}) ==
          "6: in:2: the quote that opens here is never closed; nothing was written");
}

TEST_CASE("headers that programs write, and none") {
    Loader load;
    CHECK(load.collected(",id,n\n0,1,a\n", {"--columns", "id,n"}) == R"([{"id":"1","n":"a"}])");
    CHECK(load.collected("\n\nid,n,\n1,a,\n") == R"([{"id":"1","n":"a"}])");
    CHECK(load.collected("a,b\r1,2\r\"x\",3\r") == R"([{"a":"1","b":"2"},{"a":"x","b":"3"}])");
    CHECK(load.collected("1,a\n2,b\n", {"--header", "id,n"}) ==
          R"([{"id":"1","n":"a"},{"id":"2","n":"b"}])");
    CHECK(load.collected("id,on,x,n\n1,t,1.50,NA\n",
                         {"--types", "id:int,on:bool,x:number", "--null", "NA"}) ==
          R"([{"id":1,"on":true,"x":1.50,"n":null}])");
    CHECK(load.collected("id\nx\n", {"--types", "id:int", "--format", "csv"}) ==
          "6: in:2: column 'id': 'x' is no int; nothing was written");
}

TEST_CASE("one record is what two records are") {
    Loader load;
    const std::string one = "{\"id\":1,\"t\":\"x\"}\n";
    const std::string two = one + "{\"id\":2,\"t\":\"y\"}\n";
    CHECK(load.collected(one) == R"([{"id":1,"t":"x"}])");
    CHECK(load.collected(two) == R"([{"id":1,"t":"x"},{"id":2,"t":"y"}])");
    CHECK(load.collected(one, {"--where", "id = 1"}) == R"([{"id":1,"t":"x"}])");
    CHECK(load.keyed(one, {"--value", "{t}"}) == "2:");
    CHECK(load.keyed(two, {"--value", "{t}"}) == "2:");
    CHECK(load.keyed(one, {"--where", "id = 1"}) == load.keyed(two, {"--where", "id = 1"}));
    // Larger than what is looked at to tell what the file is.
    const std::string large = "{\"id\":3,\"t\":\"" + std::string(1'100'000, 'x') + "\"}\n";
    CHECK(load.keyed(large + one, {"--key", "k:{id}", "--value", "{id}"}) == "0: k:1=1 k:3=3");
    CHECK(load.keyed(large + one, {}) == "2:");
}

TEST_CASE("rows within another object are refused with the remedy, which reads them") {
    Loader load;
    const std::string rows = R"([{"id":1},{"id":2}])";
    const std::string wrapped = "{\"meta\":{\"n\":2},\"data\":" + rows + "}";
    const ProcessResult refused = load.run(wrapped, {"--collect", "all"});
    CHECK(refused.exit_code == 6);
    CHECK(has(refused.err,
              "--rows '/data' reads them; if the object is itself a record, say "
              "--format ndjson"));
    CHECK(load.collected(wrapped, {"--rows", "/data"}) == rows);
    CHECK(load.keyed(wrapped, {}) == "6:");
}

TEST_CASE("templates and conditions reach into nested values") {
    Loader load;
    const std::string rows =
        "{\"user\":{\"id\":7,\"tags\":[\"a\"]}}\n{\"user\":{\"id\":8,\"tags\":[\"b\"]}}\n";
    CHECK(load.keyed(rows, {"--key", "u:{user.id}", "--value", "{user.tags.0}"}) ==
          "0: u:7=a u:8=b");
    CHECK(load.keyed(rows, {"--key", "u:{user.id}", "--value", "{user.id}", "--where",
                            "user.id > 7"}) == "0: u:8=8");
    CHECK(load.keyed(rows, {"--key", "u:{user.name}"}) == "6:");
}

TEST_CASE("a record without a column that is asked for is a bad row, whoever asks") {
    Loader load;
    const std::string rows = "{\"id\":1,\"n\":1}\n{\"id\":2}\n{\"id\":3,\"n\":3}\n";
    const Words goes_on = {"--max-errors", "1", "--key", "k:{id}", "--as", "string"};
    const auto with = [&](Words more) {
        more.insert(more.begin(), goes_on.begin(), goes_on.end());
        return load.keyed(rows, more);
    };
    CHECK(with({"--columns", "n"}) == "0: k:1=1 k:3=3");
    CHECK(with({"--value", "{n}"}) == "0: k:1=1 k:3=3");
    CHECK(with({"--columns", "id", "--where", "n > 1"}) == "0: k:3=3");
    CHECK(with({"--columns", "id", "--where", "n is null"}) == "0:");
    CHECK(load.keyed(rows, {"--key", "k:{n}", "--value", "{id}", "--max-errors", "1"}) ==
          "0: k:1=1 k:3=3");
    CHECK(load.keyed(rows, {"--key", "k:{id}", "--where", "n > 1"}) == "6:");
}
