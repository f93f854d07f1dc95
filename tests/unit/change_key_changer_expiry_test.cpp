// KeyChanger with a backup: which expiry of a key that is changed is in the file.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/replies.hpp"
#include "support/saving_stage.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = FakeClient::Args;

namespace {

using Stage = SavingStage;
using Content = std::map<std::string, std::string>;
using Ends = std::map<std::string, std::int64_t>;

}  // namespace

TEST_CASE("an expiry that was changed in between is what is saved in the end") {
    for (const bool removes : {true, false}) {
        CAPTURE(removes);
        Stage stage;
        stage.ttls = {{"a", 8'000}, {"b", 8'000}};
        stage.meanwhile([&, done = false]() mutable {
            if (!std::exchange(done, true)) {
                stage.ttls = {{"b", 60'000}, {"c", 90'000}};
            }
        });
        const std::vector<std::string> keys = {"a", "b", "c"};
        CHECK((removes ? stage.remove(keys) : stage.expire(keys)).changed == 3);
        CHECK(stage.ends() == Ends{{"a", 0}, {"b", 60'000}, {"c", 90'000}});
        CHECK(stage.content() == Content{{"a", "1"}, {"b", "2"}, {"c", "3"}});
    }
}

TEST_CASE_FIXTURE(Stage, "of a key that is met again what counts is what it was before") {
    ttls = {{"a", 90'000}};
    CHECK(expire({"a"}).changed == 1);
    CHECK(expire({"a"}).changed == 1);
    CHECK(ends() == Ends{{"a", 90'000}});
}

TEST_CASE_FIXTURE(Stage, "an expiry that a repeated command finds may be its own") {
    ttls = {{"a", 90'000}};
    client.on("EXEC", [exec = client.handler("EXEC"), lost = true](const Args& args) mutable {
        const Reply done = exec(args);
        return std::exchange(lost, false) ? broken_reply(Reply::Type::lost) : done;
    });
    KeyChangerOptions options;
    options.retry_unknown = RetryUnknown::yes;
    CHECK(expire({"a"}, options).changed == 1);
    CHECK(client.count("PEXPIRE a") == 2);
    CHECK(ends() == Ends{{"a", 90'000}});
}

TEST_CASE_FIXTURE(Stage,
                  "a key that is left alone at first is saved as it was when it is changed") {
    ttls = {{"a", 90'000}};
    refuses_expiry = true;
    int transactions = 0;
    meanwhile([&] {
        refuses_expiry = ++transactions == 1;
        ttls["a"] = transactions * 100'000;
    });
    KeyChangerOptions options;
    options.check = KeyCheck{};
    options.check->when = KeyCheck::When::in_doubt;
    options.check->decide = [](const KeyFacts& facts, const KeyCommand&) {
        return std::optional(KeyCommand{"PEXPIRE", {facts.key}, "5000", "LT"});
    };
    options.check->facts.ttl = true;
    CHECK(expire({"a"}, options).changed == 1);
    CHECK(transactions == 2);
    CHECK(ends() == Ends{{"a", 200'000}});
}
