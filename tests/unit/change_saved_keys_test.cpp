#include "change/saved_keys.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = FakeClient::Args;
using Names = std::vector<std::string>;

namespace {

/// What is read of the keys; `answers` win over those of a server that has them all.
SavedKeys read(const Names& keys, SavedFacts::Use use,
               const std::map<std::string, Reply>& answers = {}) {
    FakeClient client;
    for (const char* name : {"PTTL", "OBJECT", "DUMP"}) {
        client.on(name, [&answers](const Args& args) {
            const std::string& key = args.back();
            for (const std::string& asked : {args[0] + " " + key, args[0]}) {
                if (const auto found = answers.find(asked); found != answers.end()) {
                    return found->second;
                }
            }
            return args[0] == "DUMP" ? Reply::make_string("dumped " + key)
                                     : Reply::make_integer(args[0] == "PTTL" ? -1 : 7);
        });
    }
    const SavedFacts facts{.use = use, .server_now = [] { return WallTime{}; }};
    SavedKeys saved;
    read_saved_keys(client, keys, facts, [&](SavedKeys read) { saved = std::move(read); });
    client.drain();
    return saved;
}

Names names(const SavedKeys& saved) {
    Names found;
    for (const SavedKey& key : saved.keys) {
        found.push_back(key.name);
    }
    return found;
}

using enum SavedFacts::Use;

}  // namespace

TEST_CASE("what is kept of a key's use goes by the policy") {
    const SavedKeys without = read({"a"}, none);
    REQUIRE(without.keys.size() == 1);
    CHECK_FALSE(without.keys[0].idle);
    const SavedKeys by_idle = read({"a"}, idle);
    CHECK(by_idle.keys.at(0).idle == std::chrono::seconds(7));
    CHECK_FALSE(by_idle.keys.at(0).frequency);
    const SavedKeys by_frequency = read({"a"}, frequency);
    CHECK(by_frequency.keys.at(0).frequency == 7);
    CHECK(by_frequency.keys.at(0).dumped == "dumped a");
}

TEST_CASE("a use that is not told is left out") {
    for (const Reply& odd : {Reply::make_error("ERR An LFU maxmemory policy is not selected"),
                             Reply{}, Reply::make_integer(-1), Reply::make_string("7")}) {
        const SavedKeys saved = read({"a"}, idle, {{"OBJECT", odd}});
        REQUIRE(saved.keys.size() == 1);
        CHECK_FALSE(saved.keys[0].idle);
        CHECK_FALSE(saved.refused);
    }
}

TEST_CASE("a connection that is lost at the use is lost for all keys") {
    Reply lost;
    lost.type = Reply::Type::lost;
    const SavedKeys saved = read({"a", "b"}, frequency, {{"OBJECT b", lost}});
    REQUIRE(saved.refused);
    CHECK(saved.keys.empty());
    CHECK(saved.vanished.empty());
}

TEST_CASE("keys that go while they are read, and keys that the user may not read") {
    const Reply denied = Reply::make_error("NOPERM No permissions to access a key");
    const SavedKeys saved = read({"a", "gone", "soon", "mine", "yours"}, idle,
                                 {{"PTTL gone", Reply::make_integer(-2)},
                                  {"DUMP gone", Reply{}},
                                  {"DUMP soon", Reply{}},
                                  {"PTTL mine", denied},
                                  {"DUMP mine", denied},
                                  {"DUMP yours", Reply::make_error("NOPERM another key")}});
    CHECK(names(saved) == Names{"a"});
    CHECK(saved.vanished == Names{"gone", "soon"});
    CHECK(saved.denied == Names{"mine", "yours"});
    CHECK(saved.denial == "NOPERM No permissions to access a key");
    CHECK_FALSE(saved.refused);
}

TEST_CASE("what the server refuses is refused for all keys, for the first reason") {
    const SavedKeys saved = read(
        {"a", "b"}, none,
        {{"DUMP a", Reply::make_error("ERR first")}, {"DUMP b", Reply::make_error("ERR second")}});
    REQUIRE(saved.refused);
    CHECK(saved.refused->text == "ERR first");
    CHECK(saved.keys.empty());
}

TEST_CASE("the questions are those of the facts that are kept") {
    using Words = std::vector<std::string_view>;
    CHECK(use_question({.use = idle}, "k") == Words{"OBJECT", "IDLETIME", "k"});
    CHECK(use_question({.use = frequency}, "k") == Words{"OBJECT", "FREQ", "k"});
    CHECK(use_question({.use = none}, "k").empty());
    CHECK(expiry_question({.tells_expire_time = true}, "k") == Words{"PEXPIRETIME", "k"});
    CHECK(expiry_question({}, "k") == Words{"PTTL", "k"});
}
