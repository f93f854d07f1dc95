// --members-of: the keys that sets list, and with --and-set what becomes of the sets.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/change_runs.hpp"
#include "support/fake_client.hpp"

using namespace cachectl::test;
using cachectl::Reply;
using Json = nlohmann::json;

namespace {

using Members = std::map<std::string, std::string>;  // with their scores; "": of a set

/// A server whose keys are strings, and sets that list them. The sets outlive no last member.
struct TaggedCache {
    FakeClient client;
    std::map<std::string, Members> sets;
    std::map<std::string, std::int64_t> ttls;  // of sets that have one, in milliseconds

    TaggedCache() {
        for (const char* key : {"a", "b", "c", "keep:d"}) {
            client.keys[key] = {};
        }
        sets["tag:1"] = {{"a", ""}, {"b", ""}, {"keep:d", ""}};
        sets["tag:2"] = {{"b", ""}, {"c", ""}};
        sets["ranked"] = {{"a", "1.5"}, {"c", "2"}};
        client.on("SSCAN", [this](const auto& args) { return scan(args, ""); });
        client.on("ZSCAN", [this](const auto& args) { return scan(args, "score"); });
        client.on("SREM", [this](const auto& args) { return take_out(args); });
        client.on("ZREM", [this](const auto& args) { return take_out(args); });
        client.on("SADD", [this](const auto& args) {
            for (std::size_t i = 2; i < args.size(); ++i) {
                sets[args[1]][args[i]] = "";
            }
            return Reply::make_integer(1);
        });
        client.on("ZADD", [this](const auto& args) {
            sets[args[1]][args.at(4)] = args.at(3);
            return Reply::make_integer(1);
        });
        client.on("EXISTS", [this](const auto& args) { return exists(args[1]); });
        client.on("UNLINK", [this](const auto& args) {
            std::int64_t gone = 0;
            for (std::size_t i = 1; i < args.size(); ++i) {
                gone += static_cast<std::int64_t>(client.keys.erase(args[i]) + sets.erase(args[i]));
            }
            return Reply::make_integer(gone);
        });
        client.on("PTTL", [this](const auto& args) {
            const auto ttl = ttls.find(args[1]);
            return exists(args[1]).integer == 0
                       ? Reply::make_integer(-2)
                       : Reply::make_integer(ttl == ttls.end() ? -1 : ttl->second);
        });
    }

    Reply exists(const std::string& key) const {
        return Reply::make_integer(client.keys.contains(key) || sets.contains(key) ? 1 : 0);
    }

    /// Two members a page.
    Reply scan(const FakeClient::Args& args, const std::string& kind) const {
        if (client.keys.contains(args[1])) {
            return Reply::make_error("WRONGTYPE Operation against a key");
        }
        const auto found = sets.find(args[1]);
        const Members none;
        const Members& members = found == sets.end() ? none : found->second;
        const bool scored = !members.empty() && !members.begin()->second.empty();
        if (!members.empty() && scored == kind.empty()) {
            return Reply::make_error("WRONGTYPE Operation against a key");
        }
        // The cursor is the last name of the page before, so that removing does no harm.
        std::vector<Reply> page;
        std::string next = "0";
        for (const auto& [name, score] : members) {
            if (args[2] != "0" && name <= args[2]) {
                continue;
            }
            if (page.size() >= (scored ? 4U : 2U)) {
                next = page[page.size() - (scored ? 2 : 1)].text;
                break;
            }
            page.push_back(Reply::make_string(name));
            if (scored) {
                page.push_back(Reply::make_string(score));
            }
        }
        return Reply::make_array({Reply::make_string(next), Reply::make_array(std::move(page))});
    }

    Reply take_out(const FakeClient::Args& args) {
        for (std::size_t i = 2; i < args.size(); ++i) {
            sets[args[1]].erase(args[i]);
        }
        if (sets[args[1]].empty()) {
            sets.erase(args[1]);
        }
        return Reply::make_integer(1);
    }

    RunResult run(std::vector<std::string> words, RunOptions options = {}) {
        return run_with(client, std::move(words), std::move(options));
    }
};

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the members of several sets are a union, each key once") {
    TaggedCache cache;
    const RunResult run =
        cache.run({"keys", "--members-of", "tag:1", "--members-of", "tag:2", "--json"});
    CHECK(run.code == 0);
    std::vector<std::string> keys;
    for (const Json& row : Json::parse(run.out)) {
        keys.push_back(row["key"]);
    }
    std::sort(keys.begin(), keys.end());
    CHECK(keys == std::vector<std::string>{"a", "b", "c", "keep:d"});
    CHECK(cache.client.count("SCAN ") == 0);
}

TEST_CASE("patterns and filters choose among the members") {
    TaggedCache cache;
    CHECK(cache.run({"keys", "--members-of", "tag:1", "--exclude", "keep:*"}).out == "a\nb\n");
    CHECK(cache.run({"keys", "keep:*", "--members-of", "tag:1"}).out == "keep:d\n");
    CHECK(cache.run({"keys", "--members-of", "ranked", "--type", "string"}).out == "a\nc\n");
}

TEST_CASE("a set that is missing is told; what is no set is an error, before anything is sent") {
    TaggedCache cache;
    const RunResult missing = cache.run({"invalidate", "--members-of", "tag:none", "--yes"});
    CHECK(missing.code == 0);
    CHECK(says(missing.err, "'tag:none' does not exist: it lists no keys"));
    const RunResult wrong =
        cache.run({"invalidate", "--members-of", "tag:1", "--members-of", "c", "--yes"});
    CHECK(wrong.code == 6);
    CHECK(says(wrong.err, "'c' is of the type string, not a set or sorted set"));
    CHECK(cache.client.keys.size() == 4);
}

TEST_CASE("--and-set: the set goes last, and only with all of its members") {
    TaggedCache cache;
    CHECK(says(cache.run({"invalidate", "--members-of", "ranked", "--and-set", "--yes"}).out,
               "the set 'ranked' is gone too"));
    CHECK_FALSE(cache.sets.contains("ranked"));

    const RunResult some = cache.run({"invalidate", "--members-of", "tag:1", "--exclude", "keep:*",
                                      "--and-set", "--yes", "-o", "ndjson"});
    CHECK(some.code == 0);
    CHECK(Json::parse(some.out)["sets"] ==
          Json::parse(R"([{"set":"tag:1","gone":false,"members_left":1}])"));
    CHECK(cache.sets["tag:1"] == Members{{"keep:d", ""}});
}

TEST_CASE("--and-set leaves the set as it is where a key was protected or refused") {
    TaggedCache cache;
    const Members before = cache.sets["tag:1"];
    CHECK(says(cache
                   .run({"invalidate", "--members-of", "tag:1", "--protect", "keep:*", "--and-set",
                         "--yes"})
                   .out,
               "the set 'tag:1' stays: keys that it lists are protected"));
    CHECK(cache.sets["tag:1"] == before);
    CHECK(says(cache
                   .run({"invalidate", "--members-of", "tag:2", "--protect", "tag:*", "--and-set",
                         "--yes"})
                   .out,
               "the set 'tag:2' stays: it is protected"));
    cache.client.on("UNLINK", [](const auto&) {
        return Reply::make_error("NOPERM No permissions to access a key");
    });
    const RunResult refused =
        cache.run({"invalidate", "--members-of", "tag:1", "--and-set", "--yes"});
    CHECK(refused.code == 4);
    CHECK(says(refused.out, "the set 'tag:1' stays: not all keys that it lists could be deleted"));
    CHECK(cache.sets["tag:1"] == before);
}

TEST_CASE("a key that is listed while the others are deleted stays listed") {
    TaggedCache cache;
    cache.client.on("UNLINK", [&](const auto& args) {
        for (std::size_t i = 1; i < args.size(); ++i) {
            cache.client.keys.erase(args[i]);
        }
        cache.client.keys["new"] = {};
        cache.sets["tag:2"]["new"] = "";
        return Reply::make_integer(static_cast<std::int64_t>(args.size() - 1));
    });
    const RunResult run = cache.run({"invalidate", "--members-of", "tag:2", "--and-set", "--yes"});
    CHECK(run.code == 0);
    CHECK(says(run.out, "the set 'tag:2' stays, with 1 key that exists"));
    CHECK(cache.sets["tag:2"] == Members{{"new", ""}});
}

TEST_CASE("a key that is written again as its member is taken out is put back into the set") {
    for (const char* set : {"tag:2", "ranked"}) {
        TaggedCache cache;
        const Members before = cache.sets[set];
        const auto write_c = [&cache](const FakeClient::Args& args) {
            // Written, and listed while the member is still there, which changes nothing.
            cache.client.keys["c"] = {};
            return cache.take_out(args);
        };
        cache.client.on("SREM", write_c);
        cache.client.on("ZREM", write_c);
        const RunResult run = cache.run({"invalidate", "--members-of", set, "--and-set", "--yes"});
        CHECK(run.code == 0);
        CHECK(says(run.out, "stays, with 1 key that exists"));
        CHECK(cache.sets[set] == Members{{"c", before.at("c")}});
    }
}

TEST_CASE("a set that was emptied and is made anew keeps its time to live") {
    using Lines = std::vector<std::string>;
    for (const bool takes_transactions : {true, false}) {
        TaggedCache cache;
        cache.sets["tag"] = {{"c", ""}};
        cache.ttls["tag"] = 600'000;
        cache.client.on("SREM", [&cache](const FakeClient::Args& args) {
            cache.client.keys["c"] = {};
            return cache.take_out(args);
        });
        std::string ttl;
        cache.client.on("PEXPIRE", [&ttl](const FakeClient::Args& args) {
            ttl = args.at(2);
            return Reply::make_integer(1);
        });
        cache.client.on("MULTI", [](const auto&) { return Reply::make_status("OK"); });
        if (takes_transactions) {
            cache.client.on("EXEC", [](const auto&) {
                return Reply::make_array({Reply::make_integer(1), Reply::make_integer(1)});
            });
        }
        CHECK(cache.run({"invalidate", "--members-of", "tag", "--and-set", "--yes"}).code == 0);
        CHECK(cache.sets["tag"] == Members{{"c", ""}});
        REQUIRE(!ttl.empty());
        CHECK(std::stoll(ttl) <= 600'000);
        CHECK(std::stoll(ttl) > 540'000);
        Lines verbs;
        for (const std::string& line : cache.client.lines()) {
            verbs.push_back(line.substr(0, line.find(' ')));
        }
        const auto from = std::find(verbs.begin(), verbs.end(), "MULTI");
        const Lines anew(from, std::find(from, verbs.end(), "SSCAN"));
        Lines expected = {"MULTI", "SADD", "PEXPIRE", "EXEC"};
        if (!takes_transactions) {
            expected.insert(expected.end(), {"SADD", "PEXPIRE"});
        }
        REQUIRE(anew.size() >= expected.size());
        CHECK(Lines(anew.begin(), anew.begin() + static_cast<std::ptrdiff_t>(expected.size())) ==
              expected);
    }
}

TEST_CASE("a set whose time was over while it was emptied is not made anew") {
    TaggedCache cache;
    cache.sets["tag"] = {{"c", ""}};
    cache.client.on("PTTL", [&cache](const FakeClient::Args& args) {
        cache.sets.erase(args[1]);
        cache.client.keys["c"] = {};
        return Reply::make_integer(-2);
    });
    const RunResult run = cache.run({"invalidate", "--members-of", "tag", "--and-set", "--yes"});
    CHECK(run.code == 0);
    CHECK(says(run.out, "the set 'tag' is gone too"));
    CHECK_FALSE(cache.sets.contains("tag"));
}

TEST_CASE("what --members-of and --and-set do not go with") {
    TaggedCache cache;
    CHECK(cache.run({"keys", "--members-of", "tag:1", "--keys-from", "-"}).code == 2);
    CHECK(cache.run({"invalidate", "a", "--and-set", "--yes"}).code == 2);
}

TEST_CASE("the question says that the set goes too, and a dry run that it would") {
    TaggedCache cache;
    const RunResult run = cache.run({"invalidate", "--members-of", "tag:1", "--and-set"},
                                    {.terminal = true, .answers = {"n"}});
    CHECK(run.code == 8);
    REQUIRE(run.questions.size() == 1);
    CHECK(says(run.questions[0], ": afterwards 'tag:1' too, when all that it lists is gone.\n"));
    CHECK(cache.sets["tag:1"].size() == 3);
    const RunResult dry =
        cache.run({"invalidate", "--members-of", "tag:1", "--and-set", "--dry-run"});
    CHECK(says(dry.out, "the set 'tag:1' would go too, if all of its keys do"));
}

TEST_CASE("a connection that is lost while a set is read is made anew, and no key comes twice") {
    TaggedCache cache;
    int scans = 0;
    cache.client.on("SSCAN", [&](const auto& args) {
        ++scans;
        // The first is the look at the set; the third is in the middle of it.
        return scans == 3 ? Reply{Reply::Type::lost, 0, "closed", {}} : cache.scan(args, "");
    });
    const RunResult run = cache.run({"keys", "--members-of", "tag:1"});
    CHECK(run.code == 0);
    CHECK(run.out == "a\nb\nkeep:d\n");
    CHECK(cache.client.reconnect_calls == 1);

    cache.client.on("SSCAN", [&](const auto&) {
        return Reply{Reply::Type::lost, 0, "closed", {}};
    });
    CHECK(cache.run({"invalidate", "--members-of", "tag:1", "--yes"}).code == 3);
    CHECK(cache.client.keys.size() == 4);
}

TEST_CASE("a cursor is gone on with in the process that gave it, and begun anew in another one") {
    for (const bool restarted : {false, true}) {
        for (const bool lost : {false, true}) {
            CAPTURE(restarted);
            CAPTURE(lost);
            TaggedCache cache;
            int scans = 0;
            cache.client.on("SSCAN", [&](const auto& args) {
                // The first is the look at the set; the third is in the middle of it.
                if (++scans == 3 && restarted) {
                    cache.client.info.run_id = "another";
                }
                return scans == 3 && lost ? Reply{Reply::Type::lost, 0, "closed", {}}
                                          : cache.scan(args, "");
            });
            const RunResult run = cache.run({"keys", "--members-of", "tag:1"});
            CHECK(run.code == 0);
            CHECK(run.out == "a\nb\nkeep:d\n");
            CHECK(cache.client.count("SSCAN tag:1 0 ") == (restarted ? 3 : 2));
        }
    }
}

TEST_CASE("a set that another lists, or that lists itself, goes when all have been read") {
    TaggedCache cache;
    cache.sets["all"] = {{"a", ""}, {"all", ""}, {"tag:2", ""}};
    const RunResult run = cache.run(
        {"invalidate", "--members-of", "all", "--members-of", "tag:2", "--yes", "-o", "ndjson"});
    CHECK(run.code == 0);
    CHECK(Json::parse(run.out)["deleted"] == 5);
    CHECK(cache.client.count("UNLINK a b c all tag:2") == 1);
}

TEST_CASE("a set that goes while it is read is told, and the keys that came are deleted") {
    const std::string gone = "the set 'tag:1' was gone before it had been read to its end";
    for (const bool reconnects : {false, true}) {
        TaggedCache cache;
        cache.sets["tag:0"] = {{"tag:2", ""}};  // which is not to go as long as not all is known
        int scans = 0;
        cache.client.on("SSCAN", [&](const auto& args) {
            scans += args[1] == "tag:1" ? 1 : 0;
            // The first is the look at it; the third is in the middle of it.
            if (scans != 3) {
                return cache.scan(args, "");
            }
            cache.sets.erase("tag:1");
            return reconnects ? Reply{Reply::Type::lost, 0, "closed", {}} : cache.scan(args, "");
        });
        const RunResult run =
            cache.run({"invalidate", "--members-of", "tag:0", "--members-of", "tag:1",
                       "--members-of", "tag:2", "--yes", "-o", "ndjson"});
        CHECK(run.code == 5);
        CHECK(says(run.err, gone));
        CHECK(Json::parse(run.out)["deleted"] == 3);
        CHECK(Json::parse(run.out)["complete"] == false);
        CHECK(cache.sets.contains("tag:2"));
        CHECK(cache.client.keys.size() == 1);
    }
    TaggedCache cache;
    int scans = 0;
    cache.client.on("SSCAN", [&](const auto& args) {
        return ++scans == 3 ? Reply::make_error("WRONGTYPE Operation against a key")
                            : cache.scan(args, "");
    });
    const RunResult list = cache.run({"keys", "--members-of", "tag:1"});
    CHECK(list.code == 5);
    CHECK(list.out == "a\nb\n");
    CHECK(says(list.err, "the set 'tag:1' became another kind of key before it had been read"));
}

TEST_CASE("a set that is gone when the keys are counted stops a change before it begins") {
    for (const char* guard : {"--max-keys=9", "*"}) {
        TaggedCache cache;
        int scans = 0;
        cache.client.on("SSCAN", [&](const auto& args) {
            if (++scans == 3) {
                cache.sets.erase("tag:1");
            }
            return cache.scan(args, "");
        });
        const RunResult run = cache.run(
            {"invalidate", "--members-of", "tag:1", guard, "--yes", "--all", "-o", "ndjson"});
        CHECK(run.code == 5);
        CHECK(Json::parse(run.out)["complete"] == false);
        CHECK(cache.client.keys.size() == 4);
    }
}

TEST_CASE("a last page without members is the end of a set that is there") {
    TaggedCache cache;
    int scans = 0;
    cache.client.on("SSCAN", [&](const auto& args) {
        return ++scans == 3 ? Reply::make_array({Reply::make_string("0"), Reply::make_array({})})
                            : cache.scan(args, "");
    });
    const RunResult list = cache.run({"keys", "--members-of", "tag:1"});
    CHECK(list.code == 0);
    CHECK(list.out == "a\nb\n");
}
