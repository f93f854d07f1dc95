// Values of more parts than a server takes at once: built up aside, a slice at a time.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/key_writing.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Views = std::vector<std::string_view>;

Reply ones(std::size_t n) { return Reply::make_array(std::vector<Reply>(n, one())); }

/// A server that takes all, has no keys, and answers EXEC as often as it queued commands.
struct Stage {
    Stage() {
        for (const char* verb :
             {"HSET", "SADD", "ZADD", "UNLINK", "PEXPIRE", "PERSIST", "RENAMENX"}) {
            client.answer(verb, one());
        }
        for (const char* verb : {"HLEN", "SCARD", "ZCARD"}) {
            client.on(verb, [this](const auto&) { return Reply::make_integer(slices()); });
        }
        for (const char* verb : {"RPUSH", "LLEN"}) {
            client.on(verb, [this](const auto&) { return Reply::make_integer(pushed()); });
        }
        client.answer("EXISTS", zero());
        client.answer("PTTL", Reply::make_integer(1000));
        client.answer("WATCH", Reply::make_status("OK"));
        client.answer("MULTI", Reply::make_status("OK"));
        client.on("EXEC", [this](const auto&) {
            Reply reply = ones(queued());
            const Lines lines = client.lines();
            if (lines.size() > 2 && lines[lines.size() - 3].starts_with("RPUSH")) {
                reply.elements.at(1).integer = pushed();
            }
            return reply;
        });
    }
    /// Since the last MULTI: the fake has answered by then, but nothing has been sent behind EXEC.
    [[nodiscard]] std::size_t queued() const {
        const Lines lines = client.lines();
        const auto exec = std::find(lines.rbegin(), lines.rend(), "EXEC");
        const auto multi = std::find(exec, lines.rend(), "MULTI");
        return static_cast<std::size_t>(multi - exec) - 1;
    }
    /// Elements of the list that is being built.
    [[nodiscard]] std::int64_t pushed() const {
        std::int64_t elements = 0;
        for (const std::string& line : client.lines()) {
            if (line.starts_with("UNLINK")) {
                elements = 0;
            } else if (line.starts_with("RPUSH")) {
                elements += std::count(line.begin(), line.end(), ' ') - 1;
            }
        }
        return elements;
    }
    /// Of the value that is being built: each counts as one element.
    [[nodiscard]] std::int64_t slices() const {
        const Lines lines = client.lines();
        const auto last = std::find_if(lines.rbegin(), lines.rend(),
                                       [](const auto& line) { return line.starts_with("UNLINK"); });
        return std::count_if(lines.rbegin(), last, [](const auto& line) {
            return line.starts_with("RPUSH") || line.starts_with("SADD") ||
                   line.starts_with("HSET") || line.starts_with("ZADD");
        });
    }
    /// All commands by their names and numbers of arguments: "RPUSH 1000".
    [[nodiscard]] Lines shapes() const {
        Lines shapes;
        for (const std::string& line : client.lines()) {
            const auto words = std::count(line.begin(), line.end(), ' ');
            shapes.push_back(line.substr(0, line.find(' ')) +
                             (words > 4 ? ' ' + std::to_string(words - 1) : std::string()));
        }
        return shapes;
    }

    FakeClient client;
};

constexpr std::size_t k_many = 2002;
const Views k_long(k_many, "x");

Lines tail_from(const Lines& lines, const std::string& first) {
    const auto found = std::find(lines.begin(), lines.end(), first);
    return {found, lines.end()};
}

}  // namespace

TEST_CASE("a value of many parts is built up aside in slices and takes its place if that is free") {
    Stage stage;
    Writing writing(stage.client);
    writing.write("h", EncodeAs::hash, k_long, 60s);
    const WriteTally& tally = writing.settle().tally();
    CHECK(tally.written == 1);
    CHECK(tally.bytes == 1 + k_many);
    CHECK(stage.shapes() == Lines{"MULTI", "EXEC", "EXISTS", "MULTI", "UNLINK", "HSET 1000",
                                  "PEXPIRE", "EXEC", "HSET 1000", "HSET", "WATCH", "PTTL", "HLEN",
                                  "MULTI", "PEXPIRE", "RENAMENX", "UNLINK", "EXEC"});
}

TEST_CASE("a slice has no more bytes than others can wait for") {
    const std::string large(1000, 'x');
    for (const EncodeAs as : {EncodeAs::list, EncodeAs::zset}) {
        Stage stage;
        Writing writing(stage.client);
        writing.write("k", as, Views(3000, large));  // more than is kept: it is not copied
        CHECK(writing.writer().tally().written == 1);
        std::size_t parts = 0;
        for (const std::string& line : stage.client.lines()) {
            if (line.starts_with("RPUSH") || line.starts_with("ZADD")) {
                CHECK(line.size() < 270'000);
                parts += static_cast<std::size_t>(std::count(line.begin(), line.end(), ' ')) - 1;
            }
        }
        CHECK(parts == 3000);
    }
}

TEST_CASE("what is there is replaced when the new value is complete") {
    Stage stage;
    Writing writing(stage.client);
    writing.write("s", EncodeAs::set, k_long, {}, IfExists::overwrite);
    CHECK(writing.settle().tally().written == 1);
    CHECK(tail_from(stage.shapes(), "WATCH") ==
          Lines{"WATCH", "PTTL", "SCARD", "MULTI", "UNLINK", "RENAMENX", "PERSIST", "EXEC"});
    CHECK(stage.client.lines().at(stage.client.lines().size() - 4) == "UNLINK s");
}

TEST_CASE("what somebody else has made meanwhile stays") {
    Stage stage;
    stage.client.on("EXEC", [&stage, then = stage.client.handler("EXEC")](const auto& args) {
        return stage.client.count("RENAMENX") == 0 ? then(args)
                                                   : Reply::make_array({one(), zero(), zero()});
    });
    Writing writing(stage.client);
    writing.write("l", EncodeAs::list, k_long, 60s);
    const WriteTally& tally = writing.settle().tally();
    CHECK(tally.written == 0);
    CHECK(tally.skipped == 1);
}

TEST_CASE("what is there is not built up again to be skipped, or because it has time left") {
    Stage stage;
    stage.client.answer("EXISTS", one());
    Writing writing(stage.client);
    writing.write("l", EncodeAs::list, k_long, 60s);
    writing.write("m", EncodeAs::list, k_long, 60s, IfExists::refresh);  // below: 0
    CHECK(writing.settle().tally().skipped == 2);
    CHECK(stage.client.count("RPUSH") == 0);
}

TEST_CASE("what is to be refreshed is looked at again before it is replaced") {
    for (const bool still : {true, false}) {
        Stage stage;
        stage.client.on("PTTL", [&, still](const FakeClient::Args& args) {
            const bool is_aside = args.at(1) != "l";
            const bool has_time = stage.client.count("WATCH") != 0 && !still;
            return Reply::make_integer(is_aside ? 1000 : has_time ? 500 : 0);
        });
        Writing writing(stage.client);
        writing.write("l", EncodeAs::list, k_long, 60s, IfExists::refresh);
        const WriteTally& tally = writing.settle().tally();
        CHECK(tally.written == (still ? 1 : 0));
        CHECK(tally.replaced == (still ? 1 : 0));
        CHECK(tally.skipped == (still ? 0 : 1));
        const std::string last = stage.client.lines().back();
        CHECK(last.substr(0, 6) == (still ? "EXEC" : "UNLINK"));  // what was built goes
    }
}

TEST_CASE("no other transaction comes between a watch and its EXEC") {
    Stage stage;
    Writing writing(stage.client);
    writing.write("small1", EncodeAs::list, {"x"}, 60s);
    writing.write("l", EncodeAs::list, k_long, 60s, IfExists::overwrite);
    writing.write("small2", EncodeAs::list, {"x"}, 60s);
    writing.write("m", EncodeAs::list, k_long, 60s, IfExists::overwrite);
    writing.write("small3", EncodeAs::list, {"x"}, 60s, IfExists::overwrite);
    CHECK(writing.settle().tally().written == 5);
    const Lines lines = stage.shapes();
    for (auto at = lines.begin(); at != lines.end(); ++at) {
        if (*at == "WATCH") {
            CHECK(Lines(at, at + 8) ==
                  Lines{"WATCH", "PTTL", "LLEN", "MULTI", "UNLINK", "RENAMENX", "PEXPIRE", "EXEC"});
        }
    }
    CHECK(stage.client.count("WATCH") == 2);
}

TEST_CASE("a later row of the same key waits for the slices") {
    Stage stage;
    Writing writing(stage.client);
    writing.write("l", EncodeAs::list, k_long, 60s, IfExists::overwrite);
    writing.write("l", EncodeAs::list, {"last"}, 60s, IfExists::overwrite);
    CHECK(writing.settle().tally().written == 2);
    const Lines lines = stage.client.lines();
    CHECK(lines.at(lines.size() - 3) == "RPUSH l last");
}

TEST_CASE("what was built goes when the rest is refused, and nothing was written") {
    Stage stage;
    stage.client.on("RPUSH", [n = 0](const auto&) mutable {
        return ++n == 2 ? Reply::make_error("OOM command not allowed") : one();
    });
    Writing writing(stage.client);
    writing.write("l", EncodeAs::list, k_long, 60s, IfExists::overwrite);
    CHECK(writing.settle().tally().failed == 1);
    CHECK(writing.settle().out_of_memory());
    CHECK(stage.client.count("RENAMENX") == 0);
    CHECK(stage.client.lines().back().starts_with("UNLINK l:{l}:cachectl:"));
}

TEST_CASE("a value that the server cannot take is one key's fault") {
    Stage stage;
    stage.client.on("ZADD", [n = 0](const auto&) mutable {
        return ++n == 2 ? Reply::make_error("ERR value is not a valid float") : one();
    });
    Writing writing(stage.client);
    writing.write("z", EncodeAs::zset, k_long);
    writing.write("l", EncodeAs::list, k_long);
    const WriteTally& tally = writing.settle().tally();
    CHECK(tally.failed == 1);
    CHECK(tally.refused_keys == Lines{"z"});
    CHECK(tally.written == 1);
}

TEST_CASE("a connection that ends has written nothing before EXEC, and nobody knows after it") {
    Stage stage;
    stage.client.on("RPUSH", [n = 0](const auto&) mutable {
        return ++n == 2 ? broken(Reply::Type::lost) : one();
    });
    Writing writing(stage.client);
    writing.write("l", EncodeAs::list, k_long);
    CHECK(writing.settle().tally().not_attempted == 1);
    CHECK(writing.settle().stopped());

    Stage other;
    other.client.on("EXEC", [&other, then = other.client.handler("EXEC")](const auto& args) {
        return other.client.count("RENAMENX") == 0 ? then(args) : broken(Reply::Type::lost);
    });
    Writing last(other.client);
    last.write("l", EncodeAs::list, k_long);
    CHECK(last.settle().tally().unknown == 1);
    CHECK(last.settle().stopped());
}

TEST_CASE("a signal ends the building, and takes away what was built") {
    Stage stage;
    stage.client.on("RPUSH", [](const auto&) {
        set_stop_signal(2);
        return one();
    });
    Writing writing(stage.client);
    writing.write("l", EncodeAs::list, k_long, {}, IfExists::overwrite);
    const WriteTally tally = writing.settle().tally();
    set_stop_signal(0);
    CHECK(tally.not_attempted == 1);
    CHECK(stage.client.count("RPUSH") == 1);
    CHECK(stage.client.count("RENAMENX") == 0);
    CHECK(stage.client.lines().back().starts_with("UNLINK l:{l}:cachectl:"));
}

TEST_CASE("a signal while a busy server is waited for ends that, too") {
    Stage stage;
    stage.client.on("WATCH", [](const auto&) {
        set_stop_signal(2);
        return Reply::make_error("BUSY Redis is busy running a script");
    });
    Writing writing(stage.client);
    writing.write("l", EncodeAs::list, k_long, {}, IfExists::overwrite);
    const WriteTally tally = writing.settle().tally();
    const bool interrupted = writing.writer().interrupted();
    set_stop_signal(0);
    CHECK(interrupted);
    CHECK(tally.not_attempted == 1);
    CHECK(tally.failed == 0);
    CHECK_FALSE(writing.writer().stopped());
}

TEST_CASE("a server that is busy when the first transaction is tried is waited for") {
    Stage stage;
    stage.client.on("MULTI", [n = 0](const auto&) mutable {
        return ++n == 1 ? Reply::make_error("BUSY Redis is busy running a script")
                        : Reply::make_status("OK");
    });
    Writing writing(stage.client);
    writing.write("l", EncodeAs::list, {"x"});
    CHECK_FALSE(writing.settle().stopped());
    CHECK(writing.writer().tally().written == 1);
}
