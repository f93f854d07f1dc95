#include "redis/wake.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl;
using namespace cachectl::test;

TEST_CASE("a connection that is there stays, and one that was closed is made anew") {
    FakeClient client;
    client.answer("PING", Reply::make_status("PONG"));
    CHECK(wake(client));
    CHECK(client.reconnect_calls == 0);
    client.answer("PING", Reply::make_unsent("connection closed"));
    CHECK(wake(client));
    CHECK(client.reconnect_calls == 1);
}

TEST_CASE("another process is told of, and one that is away shows with the next command") {
    FakeClient client;
    client.answer("PING", Reply::make_unsent("connection closed"));
    client.same_server_after_reconnect = false;
    CHECK_FALSE(wake(client));
    client.reconnects = false;
    CHECK(wake(client));
}
