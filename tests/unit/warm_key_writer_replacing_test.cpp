// IfExists::refresh and update: what is looked at, and what is written when somebody else writes
// at the same time.
#include <doctest/doctest.h>

#include "support/fake_client.hpp"
#include "warm/key_writer.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

/// Strings with a TTL of an hour; what expires within a minute is refreshed.
class Writing {
public:
    explicit Writing(FakeClient& client) : m_writer(client) {
        client.on("WATCH", [](const auto&) { return Reply::make_status("OK"); });
        client.on("GETRANGE", [&client](const FakeClient::Args& args) {
            const auto found = client.keys.find(args[1]);
            return Reply::make_string(found == client.keys.end() ? "" : found->second.value);
        });
    }

    void write(std::string_view key, std::string_view text, IfExists if_exists,
               bool is_protected = false) {
        Encoded value;
        value.parts = {text};
        m_writer.write({.key = key,
                        .value = value,
                        .ttl = 1h,
                        .if_exists = if_exists,
                        .refresh_below = 60s,
                        .is_protected = is_protected});
    }
    const WriteTally& settle() {
        m_writer.settle();
        return m_writer.tally();
    }
    KeyWriter& writer() { return m_writer; }

private:
    KeyWriter m_writer;
};

/// The first EXEC is the probe's. `then` answers the others.
void on_exec(FakeClient& client, std::function<Reply()> then) {
    client.on("EXEC", [then = std::move(then), first = true](const auto&) mutable {
        return std::exchange(first, false) ? Reply::make_array({}) : then();
    });
}

Reply done(std::size_t commands) {
    return Reply::make_array(std::vector<Reply>(commands, Reply::make_status("OK")));
}

}  // namespace

TEST_CASE("what expires soon is watched, looked at again and written") {
    FakeClient client;
    client.keys["a"] = {.value = "old", .ttl_ms = 59'000};
    client.keys["b"] = {.value = "old", .ttl_ms = 61'000};
    client.keys["c"] = {.value = "old"};
    on_exec(client, [] { return done(1); });
    Writing writing(client);
    for (const char* key : {"a", "b", "c", "d"}) {
        writing.write(key, "new", IfExists::refresh);
    }
    const WriteTally& tally = writing.settle();
    CHECK(client.lines() == Lines{"MULTI", "EXEC", "PTTL a", "PTTL b", "PTTL c", "PTTL d",
                                  "WATCH a", "PTTL a", "SET d new PX 3600000 NX", "MULTI",
                                  "SET a new PX 3600000", "EXEC"});
    CHECK(tally.written == 2);
    CHECK(tally.replaced == 1);
    CHECK(tally.skipped == 2);
}

TEST_CASE("what another client has written since the look stays") {
    FakeClient client;
    client.keys["a"] = client.keys["b"] = {.value = "old", .ttl_ms = 1'000};
    client.on("SET", [](const auto&) { return Reply::make_status("QUEUED"); });
    bool touched = false;
    on_exec(client, [&] {
        if (std::exchange(touched, true)) {
            return done(1);
        }
        client.keys["a"] = {.value = "theirs", .ttl_ms = 600'000};
        return Reply{};
    });
    Writing writing(client);
    writing.write("a", "new", IfExists::refresh);
    writing.write("b", "new", IfExists::refresh);
    const WriteTally& tally = writing.settle();
    CHECK(tally.replaced == 1);
    CHECK(tally.skipped == 1);
    CHECK(client.count("SET a") == 1);
    CHECK(client.count("SET b") == 1);
}

TEST_CASE("where most keys are refreshed they are watched at once, and not looked at before") {
    FakeClient client;
    std::size_t queued = 0;
    client.on("SET", [&queued](const auto&) {
        ++queued;
        return Reply::make_status("QUEUED");
    });
    const auto exec = [&] { return done(std::exchange(queued, 0)); };
    on_exec(client, exec);
    Writing writing(client);
    for (int i = 0; i < 40; ++i) {
        client.keys["k" + std::to_string(i)] = {.value = "old", .ttl_ms = 1'000};
        writing.write("k" + std::to_string(i), "new", IfExists::refresh);
    }
    CHECK(writing.settle().replaced == 40);

    client.keys["a"] = {.value = "old", .ttl_ms = 1'000};
    client.keys["b"] = {.value = "old", .ttl_ms = 600'000};
    client.keys["d"] = {.value = "old", .ttl_ms = 1'000};
    bool touched = false;
    client.on("EXEC", [&](const auto&) {
        if (client.count("WATCH b") == 0 || std::exchange(touched, true)) {
            return exec();
        }
        client.keys["c"] = client.keys["d"] = {.value = "theirs", .ttl_ms = 600'000};
        queued = 0;
        return Reply{};
    });
    const std::size_t before = client.lines().size();
    for (const char* key : {"a", "b", "c", "d"}) {
        writing.write(key, "new", IfExists::refresh);
    }
    const WriteTally& tally = writing.settle();
    Lines lines = client.lines();
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(before));
    CHECK(lines == Lines{"WATCH a", "PTTL a", "MULTI", "SET a new PX 3600000", "EXEC",
                         "WATCH b c d", "PTTL b", "PTTL c", "PTTL d", "MULTI",
                         "SET c new PX 3600000", "SET d new PX 3600000", "EXEC", "WATCH c",
                         "PTTL c", "MULTI", "EXEC", "WATCH d", "PTTL d"});
    CHECK(tally.written == 41);
    CHECK(tally.replaced == 41);
    CHECK(tally.skipped == 3);

    // Where most keys have time left, they are looked at first again.
    for (int i = 0; i < 80; ++i) {
        writing.write("b", "new", IfExists::refresh);
    }
    writing.settle();
    CHECK(client.lines().back() == "PTTL b");
}

TEST_CASE("a key that others write all the time is left to them") {
    FakeClient client;
    client.keys["a"] = {.value = "old", .ttl_ms = 1'000};
    client.on("SET", [](const auto&) { return Reply::make_status("QUEUED"); });
    on_exec(client, [] { return Reply{}; });
    Writing writing(client);
    writing.write("a", "new", IfExists::refresh);
    CHECK(writing.settle().skipped == 1);
    CHECK(client.count("WATCH a") == 8);
}

TEST_CASE("a value that is there is left as it is, with its time to live") {
    FakeClient client;
    client.keys["a"] = {.value = "new", .ttl_ms = 5};
    client.keys["b"] = {.value = "newer", .ttl_ms = 5};
    client.keys["e"] = {.value = ""};
    Writing writing(client);
    std::vector<Outcome> outcomes;
    writing.writer().on_outcome([&](Outcome outcome) { outcomes.push_back(outcome); });
    for (const char* key : {"a", "b", "c", "e"}) {
        writing.write(key, "new", IfExists::update);
    }
    const WriteTally& tally = writing.settle();
    CHECK(client.lines() == Lines{"GETRANGE a 0 3", "GETRANGE b 0 3", "GETRANGE c 0 3",
                                  "GETRANGE e 0 3", "SET b new PX 3600000",
                                  "SET c new PX 3600000 NX", "SET e new PX 3600000 NX",
                                  "GETRANGE e 0 3", "SET e new PX 3600000"});
    CHECK(tally.unchanged == 1);
    CHECK(tally.written == 3);
    CHECK(tally.replaced == 2);
    CHECK(client.keys["a"].ttl_ms == 5);
    CHECK(client.keys["b"].value == "new");
    CHECK(outcomes ==
          std::vector{Outcome::unchanged, Outcome::written, Outcome::written, Outcome::written});
}

TEST_CASE("rows of the same key follow each other, and each sees what the one before has written") {
    FakeClient client;
    client.keys["a"] = {.value = "1"};
    on_exec(client, [] { return done(1); });
    Writing writing(client);
    for (const char* value : {"2", "1", "1"}) {
        writing.write("a", value, IfExists::update);
    }
    const WriteTally& tally = writing.settle();
    CHECK(client.keys["a"].value == "1");
    CHECK(tally.replaced == 2);
    CHECK(tally.unchanged == 1);

    writing.write("n", "1", IfExists::refresh);
    writing.write("n", "2", IfExists::refresh);
    writing.settle();
    CHECK(client.keys["n"].value == "1");
    CHECK(tally.skipped == 1);
}

TEST_CASE("a protected key is never looked at, nor overwritten") {
    FakeClient client;
    client.keys["a"] = {.value = "old", .ttl_ms = 1};
    on_exec(client, [] { return done(1); });
    Writing writing(client);
    writing.write("a", "new", IfExists::refresh, true);
    CHECK(writing.settle().protected_keys == 1);
    CHECK(client.keys["a"].value == "old");
}

TEST_CASE("where WATCH is refused nothing is overwritten") {
    FakeClient client;
    client.keys["a"] = client.keys["b"] = {.value = "old", .ttl_ms = 1};
    Writing writing(client);
    client.on("WATCH", [](const auto&) {
        return Reply::make_error("NOPERM this user has no permissions to run the 'watch' command");
    });
    on_exec(client, [] { return done(1); });
    writing.write("a", "new", IfExists::refresh);
    writing.write("b", "new", IfExists::refresh);
    const WriteTally& tally = writing.settle();
    CHECK(client.count("SET") == 0);
    CHECK(tally.failed + tally.not_attempted == 2);
    REQUIRE(writing.writer().stopped());
    CHECK(std::string(writing.writer().stopped()->hint()).find("+watch") != std::string::npos);
}

TEST_CASE("a transaction whose reply is lost leaves its keys unknown") {
    FakeClient client;
    client.keys["a"] = client.keys["b"] = {.value = "old", .ttl_ms = 1};
    on_exec(client, [] {
        return Reply{Reply::Type::lost, 0, "connection closed by the server", {}};
    });
    Writing writing(client);
    writing.write("a", "new", IfExists::refresh);
    writing.write("b", "new", IfExists::refresh);
    const WriteTally& tally = writing.settle();
    CHECK(tally.written == 0);
    CHECK(tally.unknown + tally.not_attempted == 2);
    CHECK(tally.unknown >= 1);
    CHECK(writing.writer().stopped());
}
