#include "warm/verifier.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

/// A writer and a verifier as warm has them.
class Run {
public:
    explicit Run(FakeClient& client, double share = 1)
        : m_writer(client), m_verifier(client, share, nullptr, 1) {
        m_writer.on_outcome([this](Outcome outcome) { m_verifier.take(outcome); });
        m_writer.before_rewriting([this] { m_verifier.settle_but_last(); });
    }

    void set(std::string_view key, std::string_view text,
             std::optional<std::chrono::milliseconds> ttl = 1h,
             IfExists if_exists = IfExists::skip) {
        Encoded value;
        value.as = EncodeAs::string;
        value.parts = {text};
        const KeyWrite write{.key = key, .value = value, .ttl = ttl, .if_exists = if_exists};
        m_verifier.expect(write);
        m_writer.write(write);
        m_verifier.sent();
    }
    const VerifyTally& settle() {
        m_writer.settle();
        m_verifier.settle();
        return m_verifier.tally();
    }

private:
    KeyWriter m_writer;
    Verifier m_verifier;
};

}  // namespace

TEST_CASE("what was written is read back, what was there is not") {
    FakeClient client;
    client.keys["there"] = {.value = "old"};
    Run run(client);
    run.set("a", "x");
    run.set("there", "y");
    run.set("b", "z", std::nullopt);
    const VerifyTally& tally = run.settle();
    CHECK(client.lines() == Lines{"GET a", "PTTL a",  // may we?
                                  "SET a x PX 3600000 NX", "SET there y PX 3600000 NX",
                                  "SET b z NX", "GET a", "PTTL a", "GET b", "PTTL b"});
    CHECK(tally.verified == 2);
    CHECK(tally.passed());
}

TEST_CASE(
    "another value, another type and another time to live are mismatches, with what differs") {
    FakeClient client;
    const auto meddle = [&client](const FakeClient::Args& args) {
        FakeKey& key = client.keys[args[1]];
        key = {.value = args[2], .ttl_ms = 3'600'000};
        if (args[1] == "value") {
            key.value = "X!";
        }
        if (args[1] == "persistent") {
            key.ttl_ms.reset();
        }
        if (args[1] == "longer") {
            key.ttl_ms = 3'600'001;
        }
        return Reply::make_status("OK");
    };
    client.on("SET", meddle);
    client.on("GET", [&client](const FakeClient::Args& args) {
        if (args[1] == "type") {
            return Reply::make_error("WRONGTYPE Operation against a key");
        }
        return Reply::make_string(client.keys[args[1]].value);
    });
    Run run(client);
    for (const char* key : {"value", "persistent", "longer", "type"}) {
        run.set(key, "x");
    }
    run.set("expiring", "x", std::nullopt);
    run.set("fine", "x");
    const VerifyTally& tally = run.settle();
    CHECK(tally.verified == 1);
    CHECK(tally.mismatched == 5);
    CHECK_FALSE(tally.passed());
    const std::string other = "; another client may have written it";
    CHECK(tally.differences ==
          Lines{"'value' is not what was written: it differs from byte 1 on, and has 2 of them "
                "instead of 1" +
                    other,
                "'persistent' is not what was written: it never expires, and should in 1h" + other,
                "'longer' is not what was written: it expires in 3600001 ms instead of 3600000 ms" +
                    other,
                "'type' is not what was written: it is of another type" + other,
                "'expiring' is not what was written: it expires in 1h, and should not" + other});
}

TEST_CASE("a key that is gone is told apart, and one whose time was over is no fault") {
    FakeClient client;
    client.on("GET", [](const auto&) { return Reply(); });
    client.on("PTTL", [](const auto&) { return Reply::make_integer(-2); });
    Run evicted(client);
    evicted.set("a", "x");
    const VerifyTally& gone = evicted.settle();
    CHECK(gone.gone == 1);
    CHECK_FALSE(gone.passed());
    CHECK(gone.differences == Lines{"'a' is gone: it was evicted or deleted"});

    Run expired(client);
    expired.set("b", "x", 0ms);
    const VerifyTally& over = expired.settle();
    CHECK(over.expired == 1);
    CHECK(over.gone == 0);
    CHECK(over.passed());
}

TEST_CASE("a key that the dump overwrites later is read before that") {
    FakeClient client;
    Run run(client);
    run.set("a", "x", 1h, IfExists::overwrite);
    run.set("a", "y", 1h, IfExists::overwrite);
    const VerifyTally& tally = run.settle();
    CHECK(client.lines() == Lines{"GET a", "PTTL a",  // may we?
                                  "SET a x PX 3600000", "GET a", "PTTL a", "SET a y PX 3600000",
                                  "GET a", "PTTL a"});
    CHECK(tally.verified == 2);
    CHECK(tally.passed());
}

namespace {

/// Answers the GET of that number, counted from 1, with BUSY.
void make_busy_at(FakeClient& client, std::size_t number) {
    client.on("GET", [&client, number](const FakeClient::Args& args) {
        if (client.count("GET") == number) {
            return Reply::make_error("BUSY Redis is busy running a script");
        }
        const auto found = client.keys.find(args[1]);
        return found == client.keys.end() ? Reply() : Reply::make_string(found->second.value);
    });
}

}  // namespace

TEST_CASE("a key is read back before it is written again, also where the server is busy between") {
    FakeClient client;
    make_busy_at(client, 2);
    Run run(client);
    run.set("a", "x", 1h, IfExists::skip);
    run.set("a", "y", 1h, IfExists::overwrite);
    const VerifyTally& tally = run.settle();
    CHECK(client.lines() == Lines{"GET a", "PTTL a",                           // may we?
                                  "SET a x PX 3600000 NX", "GET a", "PTTL a",  // BUSY
                                  "GET a", "PTTL a", "SET a y PX 3600000", "GET a", "PTTL a"});
    CHECK(tally.verified == 2);
    CHECK(tally.passed());
}

TEST_CASE("a key that is to be read again is not overwritten before that") {
    FakeClient client;
    make_busy_at(client, 2);
    Run run(client);
    run.set("a", "x", 1h, IfExists::overwrite);
    client.run_until([&client] { return client.count("PTTL") == 2; });
    run.set("a", "y", 1h, IfExists::overwrite);
    const VerifyTally& tally = run.settle();
    CHECK(client.lines() == Lines{"GET a", "PTTL a",                        // may we?
                                  "SET a x PX 3600000", "GET a", "PTTL a",  // BUSY
                                  "GET a", "PTTL a", "SET a y PX 3600000", "GET a", "PTTL a"});
    CHECK(tally.verified == 2);
    CHECK(tally.passed());
}

TEST_CASE("a value that was overwritten while the server was busy is not missed") {
    for (const double share : {1.0, 0.999}) {
        FakeClient client;
        make_busy_at(client, 2);
        Run run(client, share);
        run.set("a", "x", 1h, IfExists::overwrite);
        run.set("a", "y", 1h, IfExists::overwrite);  // before it is known that the server is busy
        const VerifyTally& tally = run.settle();
        CHECK(tally.verified == 1);
        CHECK(tally.mismatched == 0);
        CHECK(client.lines().back() == "PTTL a");
        CHECK(client.count("GET a") == 3);
        CHECK(tally.passed());
    }
}

TEST_CASE(
    "of the rows of a key that were refused while the server was busy, the last is read back") {
    for (const std::size_t busy : {1U, 2U}) {  // the first row alone, or both
        FakeClient client;
        client.on("SET", [&client, busy](const FakeClient::Args& args) {
            if (client.count("SET") <= busy) {
                return Reply::make_error("BUSY Redis is busy running a script");
            }
            client.keys[args[1]] = {.value = args[2], .ttl_ms = 3'600'000};
            return Reply::make_status("OK");
        });
        Run run(client);
        run.set("a", "x", 1h, IfExists::overwrite);
        run.set("a", "y", 1h, IfExists::overwrite);
        const VerifyTally& tally = run.settle();
        CHECK(client.keys.at("a").value == "y");
        CHECK(tally.verified == 1);
        CHECK(tally.mismatched == 0);
        CHECK(tally.passed());
    }
}

TEST_CASE("a server that would not say is no success") {
    FakeClient client;
    client.on("GET", [](const FakeClient::Args& args) {
        if (args[1] != "mine") {
            return Reply::make_string("x");
        }
        return Reply::make_error("NOPERM No permissions to access a key");
    });
    Run run(client);
    run.set("a", "x");
    run.set("mine", "x");
    const VerifyTally& tally = run.settle();
    CHECK(tally.verified == 1);
    CHECK(tally.unread == 1);
    CHECK(tally.refusal == "NOPERM No permissions to access a key");
    CHECK_FALSE(tally.passed());
}

TEST_CASE("a user who may not read is told so before the first key") {
    for (const char* command : {"GET", "PTTL"}) {
        FakeClient client;
        client.on(command, [](const auto&) {
            return Reply::make_error("NOPERM User bob has no permissions to run the 'x' command");
        });
        Run run(client);
        CHECK_THROWS_AS(run.set("a", "x"), Error);
        CHECK(client.count("SET") == 0);
    }
}

TEST_CASE("what was never written is not read back") {
    FakeClient client;
    client.on("SET", [](const auto&) { return Reply::make_error("OOM command not allowed"); });
    Run run(client);
    run.set("a", "x");
    run.set("b", "x", 1h, IfExists::overwrite);
    const VerifyTally& tally = run.settle();
    CHECK(client.count("PTTL a") == 1);  // to see whether we may
    CHECK(tally.verified + tally.mismatched + tally.gone + tally.unread == 0);
}

TEST_CASE("a share of the keys is about that share") {
    FakeClient client;
    Run run(client, 0.1);
    for (int i = 0; i < 10'000; ++i) {
        run.set("k" + std::to_string(i), "x");
    }
    const VerifyTally& tally = run.settle();
    CHECK(tally.verified > 900);
    CHECK(tally.verified < 1100);
    CHECK(client.count("GET") == tally.verified + 1);
}

TEST_CASE("what is held to be compared is bounded") {
    FakeClient client;
    Run run(client);
    const std::string large(250'000, 'x');
    for (int i = 0; i < 20; ++i) {
        run.set("k" + std::to_string(i), large);
    }
    // The last few are still pending, all before them have been compared.
    CHECK(client.count("PTTL") >= 15);
    CHECK(run.settle().verified == 20);
}
