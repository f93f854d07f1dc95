// How many keys a deletion may take: by the guards, by --limit and by the answer to the question.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/change_runs.hpp"
#include "support/fake_client.hpp"
#include "support/json.hpp"
#include "support/replies.hpp"

using namespace cachectl;
using namespace cachectl::test;

TEST_CASE("--expect and --max-keys hold against keys that come after the count") {
    for (const std::vector<std::string>& guard :
         {std::vector<std::string>{"--expect", "1..10"}, {"--max-keys", "10"}}) {
        CAPTURE(guard[0]);
        FakeClient client;
        int walks = 0;
        client.on("SCAN", [&](const FakeClient::Args&) {
            std::vector<Reply> names;
            for (int i = 0; i < (walks == 0 ? 9 : 15); ++i) {
                names.push_back(Reply::make_string("k:" + std::to_string(i)));
            }
            ++walks;
            return Reply::make_array(
                {Reply::make_string("0"), Reply::make_array(std::move(names))});
        });
        client.on("UNLINK", [](const FakeClient::Args& args) {
            return Reply::make_integer(static_cast<std::int64_t>(args.size()) - 1);
        });
        const RunResult run =
            run_with(client, {"invalidate", "k:*", "--yes", "-o", "ndjson", guard[0], guard[1]});
        CHECK(run.code == 8);
        CHECK(walks == 2);
        const auto summary = nlohmann::json::parse(run.out);
        CHECK(summary["deleted"] <= 10);
        CHECK(summary["complete"] == false);
        CHECK(run.err.find("more keys match than the 10 that were allowed") != std::string::npos);
    }
}

TEST_CASE("where a walk begins anew, what was deleted before counts in --limit") {
    FakeClient client;
    std::vector<std::string> names;
    for (int i = 0; i < 20; ++i) {
        names.push_back("k:" + std::to_string(10 + i));
        client.keys[names.back()] = {};
    }
    client.same_server_after_reconnect = false;
    int scans = 0;
    client.on("SCAN", [&](const FakeClient::Args& args) {
        if (++scans == 3) {
            return broken_reply(Reply::Type::lost, "connection closed by the server");
        }
        const std::size_t page = std::stoul(args[1]);
        Reply keys = Reply::make_array({});
        for (std::size_t i = page * 4; i < page * 4 + 4; ++i) {
            if (client.keys.contains(names[i])) {
                keys.elements.push_back(Reply::make_string(names[i]));
            }
        }
        return Reply::make_array({Reply::make_string(std::to_string((page + 1) % 5)), keys});
    });
    const RunResult run = run_with(client, {"invalidate", "k:*", "--limit", "10", "--yes"});
    CHECK(run.code == 0);
    CHECK(client.reconnect_calls == 1);
    CHECK(without_time(run.out).starts_with("deleted 10 of 10 keys"));
    CHECK(client.keys.size() == 10);
}

TEST_CASE("what was confirmed is about what is deleted, whatever comes while the question stands") {
    for (const int come : {10, 11}) {
        CAPTURE(come);
        FakeClient client;
        for (int i = 0; i < 40; ++i) {
            client.keys["k:" + std::to_string(i)] = {};
        }
        RunOptions options{.terminal = true, .answers = {"y"}};
        options.on_question = [&] {
            for (int i = 0; i < come; ++i) {
                client.keys["k:new" + std::to_string(i)] = {};
            }
        };
        const RunResult run = run_with(client, {"invalidate", "k:*"}, options);
        CHECK(run.code == (come == 10 ? 0 : 8));
        CHECK(client.keys.empty() == (come == 10));
        if (come != 10) {
            CHECK(run.err.find("more keys match than the 50 that were allowed") !=
                  std::string::npos);
        }
    }
}
