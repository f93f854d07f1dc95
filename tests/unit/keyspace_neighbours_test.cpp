#include "keyspace/neighbours.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "support/fake_client.hpp"

using namespace cachectl;
using cachectl::test::FakeClient;

namespace {

std::vector<std::string> found(FakeClient& client, std::initializer_list<std::string_view> keys) {
    NeighbourCounter counter(client);
    for (const std::string_view key : keys) {
        counter.meet(key);
        counter.count(key);
    }
    client.drain();
    std::vector<std::string> texts;
    for (const NeighbourCount& row : counter.rows()) {
        texts.push_back(describe(row));
    }
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Sidekiq is recognised by its set of queues, which is asked for once") {
    FakeClient client;
    client.keys["queues"] = {.type = "set", .value = {}, .ttl_ms = {}};
    CHECK(found(client, {"queue:default", "queue:low", "course:1", "retry"}) ==
          Texts{"3 keys of Sidekiq (queue:*, retry)"});
    CHECK(client.lines() == std::vector<std::string>{"TYPE queues"});
}

TEST_CASE("queue:* without the mark, or with another thing of its name, is nobody's") {
    FakeClient client;
    CHECK(found(client, {"queue:default", "retry"}).empty());
    client.keys["queues"] = {.type = "string", .value = {}, .ttl_ms = {}};
    CHECK(found(client, {"queue:default", "queues"}).empty());
}

TEST_CASE("a mark that may not be looked at is taken to be there") {
    FakeClient client;
    client.on("TYPE", [](const auto&) { return Reply::make_error("NOPERM no such right"); });
    CHECK(found(client, {"queue:default"}) == Texts{"1 key of Sidekiq (queue:*)"});
}

TEST_CASE("a name that is sure makes the likely ones count, and asks nothing") {
    FakeClient client;
    CHECK(found(client, {"bull:mail:meta", "bull:mail:1", "bull:mail:2"}) ==
          Texts{"3 keys of BullMQ (bull:*:*)"});
    CHECK(client.lines().empty());
    CHECK(found(client, {"bull:market:2024"}).empty());
}

TEST_CASE("of many patterns three are told, and the largest neighbour comes first") {
    FakeClient client;
    CHECK(found(client, {"PHPREDIS_SESSION:a", "asynq:queues", "asynq:servers", "asynq:workers",
                         "asynq:{q}:pending"}) ==
          Texts{"4 keys of Asynq (asynq:queues, asynq:{*}:*, asynq:servers, …)",
                "1 key of PHP (PHPREDIS_SESSION:*)"});
}

TEST_CASE("counts of several databases are merged by name") {
    const auto merged = merge({{"RQ", "jobs", 2, {"rq:queues"}}, {"PHP", "sessions", 1, {"P:*"}}},
                              {{"RQ", "jobs", 3, {"rq:*"}}, {"arq", "jobs", 9, {"arq:queue"}}});
    REQUIRE(merged.size() == 3);
    CHECK(describe(merged[0]) == "9 keys of arq (arq:queue)");
    CHECK(describe(merged[1]) == "5 keys of RQ (rq:*)");
    CHECK(describe(merged[2]) == "1 key of PHP (P:*)");
}
