#include "change/big_keys.hpp"

#include <doctest/doctest.h>

#include "change/key_changer.hpp"
#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;

namespace {

void take_unlink_away(FakeClient& client) {
    client.on("UNLINK", [](const FakeClient::Args&) {
        return Reply::make_error("ERR unknown command 'UNLINK'");
    });
}

/// Deletes all keys of the client, gently. Returns how long the fake server was given for it.
SteadyTime::duration delete_all(FakeClient& client) {
    std::vector<std::string> names;
    for (const auto& [name, key] : client.keys) {
        names.push_back(name);
    }
    Paces paces(client, {.level = PaceLevel::gentle});
    KeyChanger changer(client, paces, {.allow_del = AllowDel::yes});
    const SteadyTime before = client.now();
    for (const std::string& name : names) {
        changer.change(name);
    }
    changer.finish();
    CHECK_FALSE(changer.stopped());
    CHECK(changer.tally().changed == names.size());
    CHECK(client.keys.empty());
    return client.now() - before;
}

void add_keys(FakeClient& client, int count, const FakeKey& key) {
    for (int i = 0; i < count; ++i) {
        client.keys["k:" + std::to_string(10'000 + i)] = key;
    }
}

}  // namespace

TEST_CASE("weighing and deleting are paid for like all else") {
    FakeClient unlinking, weighing;
    for (FakeClient* client : {&unlinking, &weighing}) {
        add_keys(*client, 50'000, {});
    }
    take_unlink_away(weighing);
    // 0.9 us a key for UNLINK and for DEL, 1.2 for MEMORY USAGE, 0.8 for TYPE.
    CHECK(delete_all(weighing) > 2 * delete_all(unlinking));
}

TEST_CASE("what DEL has to free is paid for as well") {
    FakeClient small, large;
    add_keys(small, 10'000, {.type = "hash", .size_bytes = 100});
    add_keys(large, 10'000, {.type = "hash", .size_bytes = 50'000});
    for (FakeClient* client : {&small, &large}) {
        take_unlink_away(*client);
    }
    // 2.9 us a key, and for the large ones 117 us more.
    CHECK(delete_all(large) > 20 * delete_all(small));
}

TEST_CASE("one DEL frees no more than the server may be held for") {
    FakeClient client;
    add_keys(client, 10, {.type = "hash", .size_bytes = 100 * 1024});
    take_unlink_away(client);
    delete_all(client);
    CHECK(client.count("DEL") == 3);
    CHECK(client.count("DEL k:10000 k:10001 k:10002 k:10003") == 1);
}

TEST_CASE("DEL is not sent for a string that is as dear to free as it is for UNLINK") {
    FakeClient client;
    add_keys(client, 1, {.type = "string", .size_bytes = 90'000'000});
    take_unlink_away(client);
    Paces paces(client, {});
    KeyChanger changer(client, paces, {.allow_del = AllowDel::yes});
    changer.change("k:10000");
    changer.finish();
    CHECK(changer.tally().too_large == 1);
    CHECK(client.keys.size() == 1);
}

namespace {

/// Of the keys' sizes that one UNLINK freed, the largest sum.
std::int64_t most_freed_at_once(FakeClient& client) {
    auto most = std::make_shared<std::int64_t>(0);
    client.on("UNLINK", [&client, most](const FakeClient::Args& args) {
        std::int64_t bytes = 0, removed = 0;
        for (std::size_t i = 1; i < args.size(); ++i) {
            bytes += client.keys.at(args[i]).size_bytes;
            removed += static_cast<std::int64_t>(client.keys.erase(args[i]));
        }
        *most = std::max(*most, bytes);
        return Reply::make_integer(removed);
    });
    delete_all(client);
    return *most;
}

}  // namespace

TEST_CASE("UNLINK frees strings at once, so a batch is cut by what they take") {
    FakeClient client;
    add_keys(client, 300, {.size_bytes = 2 << 20});
    CHECK(most_freed_at_once(client) <= 5 * (2 << 20));
    CHECK(client.count("UNLINK") == 75);
}

TEST_CASE("large keys among small ones are found by the first batch that shows one") {
    FakeClient client;
    for (int i = 0; i < 1'000; ++i) {
        client.keys["k:" + std::to_string(10'000 + i)] = {.size_bytes = i % 2 == 0 ? 8 << 20 : 64};
    }
    CHECK(most_freed_at_once(client) <= 10 << 20);
}

TEST_CASE("of small keys a few in a hundred are weighed") {
    FakeClient client;
    add_keys(client, 10'000, {});
    delete_all(client);
    CHECK(client.count("MEMORY USAGE") == 400);
    CHECK(client.count("UNLINK") == 100);
}

TEST_CASE("behind a large key sixteen batches are weighed whole, and then a few keys again") {
    FakeClient client;
    add_keys(client, 40'000, {});
    Paces paces(client, {.level = PaceLevel::full});
    KeyChanger changer(client, paces, {});
    client.keys["large"] = {.size_bytes = 20 << 20};
    changer.change("large");
    for (int i = 0; i < 40'000; ++i) {
        changer.change("k:" + std::to_string(10'000 + i));
        if (i % 1'000 == 0) {
            client.drain();
        }
    }
    changer.finish();
    CHECK(client.keys.empty());
    CHECK(client.count("MEMORY USAGE") > 16 * 400);
    CHECK(client.count("MEMORY USAGE") < 17 * 500);
}

TEST_CASE("where sizes are not told, the time that UNLINK takes cuts the batches") {
    FakeClient client;
    add_keys(client, 500, {});
    client.on("MEMORY", [](const FakeClient::Args&) {
        return Reply::make_error("ERR unknown command 'MEMORY'");
    });
    delete_all(client);
    CHECK(client.count("MEMORY USAGE") <= 20);  // of the batches that were on their way
    CHECK(client.count("UNLINK") >= 7);         // of 10 keys at first
    CHECK(client.count("UNLINK") <= 50);
}

TEST_CASE("a busy server is waited for with the weighing too") {
    FakeClient client;
    add_keys(client, 10, {});
    take_unlink_away(client);
    int refusals = 3;
    client.on("MEMORY", [&](const FakeClient::Args&) {
        return refusals-- > 0 ? Reply::make_error("BUSY Redis is busy running a script")
                              : Reply::make_integer(64);
    });
    delete_all(client);
    CHECK(client.count("DEL") == 1);
}

TEST_CASE("a server that stays busy ends it after some seconds") {
    FakeClient client;
    add_keys(client, 10, {});
    take_unlink_away(client);
    client.on("MEMORY", [](const FakeClient::Args&) {
        return Reply::make_error("BUSY Redis is busy running a script");
    });
    Paces paces(client, {});
    KeyChanger changer(client, paces, {.allow_del = AllowDel::yes});
    const SteadyTime before = client.now();
    changer.change("k:10000");
    changer.finish();
    REQUIRE(changer.stopped());
    CHECK(changer.stopped()->what() ==
          std::string("cannot tell which keys are too large for DEL: BUSY Redis is busy running a "
                      "script"));
    CHECK(client.now() - before >= std::chrono::seconds(5));
    CHECK(changer.tally().failed == 1);
    CHECK(client.count("DEL") == 0);
}

TEST_CASE("--max-rate counts a key that is weighed and deleted once") {
    FakeClient client;
    add_keys(client, 1'000, {});
    take_unlink_away(client);
    Paces paces(client, {.max_rate = 100, .rate_of = RateOf::changed});
    KeyChanger changer(client, paces, {.allow_del = AllowDel::yes});
    const SteadyTime before = client.now();
    for (int i = 0; i < 1'000; ++i) {
        changer.change("k:" + std::to_string(10'000 + i));
    }
    changer.finish();
    CHECK(changer.tally().changed == 1'000);
    CHECK(client.now() - before > std::chrono::milliseconds(9'800));
    CHECK(client.now() - before < std::chrono::milliseconds(10'300));
}
