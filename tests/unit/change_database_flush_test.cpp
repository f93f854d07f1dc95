#include "change/database_flush.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "support/fake_cluster.hpp"
#include "support/replies.hpp"
#include "util/signals.hpp"

using namespace cachectl;
using namespace cachectl::test;
using Args = FakeClient::Args;

namespace {

/// Two masters with two keys each.
struct Flushing {
    Flushing() {
        for (const std::size_t index : {0U, 1U}) {
            cluster.node(index).answer("DBSIZE", Reply::make_integer(2));
            cluster.node(index).answer("FLUSHDB", Reply::make_status("OK"));
        }
    }
    FlushOutcome run() {
        DatabaseFlush flush(cluster, FlushScope::database, 0, without);
        const DatabaseSizes sizes = flush.look();
        keys = sizes.keys;
        return flush.run();
    }

    FakeCluster cluster{2};
    std::vector<SlotRange> without;
    std::uint64_t keys = 0;
};

bool says(const std::optional<Error>& error, const std::string& part) {
    return error && std::string(error->what()).find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Flushing, "every master is emptied, and once") {
    const FlushOutcome outcome = run();
    CHECK_FALSE(outcome.failure);
    CHECK(keys == 4);
    CHECK(outcome.tally.changed == 4);
    CHECK(cluster.node(0).count("FLUSHDB ASYNC") == 1);
    CHECK(cluster.node(1).count("FLUSHDB ASYNC") == 1);
}

TEST_CASE_FIXTURE(Flushing, "what one master refuses keeps no other from being emptied") {
    cluster.node(0).answer("FLUSHDB", Reply::make_error("ERR no"));
    const FlushOutcome outcome = run();
    CHECK(says(outcome.failure, "; flushed: b"));
    CHECK(outcome.failure->code() == ExitCode::partial);
    CHECK(outcome.tally.changed == 2);
    CHECK(outcome.tally.failed == 2);
}

TEST_CASE_FIXTURE(Flushing, "of two failures the first is told") {
    cluster.node(0).answer("FLUSHDB", broken_reply(Reply::Type::unsent));
    cluster.node(1).answer("FLUSHDB", Reply::make_error("ERR second"));
    const FlushOutcome outcome = run();
    CHECK(says(outcome.failure, "connection closed by the server"));
    CHECK_FALSE(says(outcome.failure, "second"));
    CHECK(outcome.tally.not_attempted == 2);
    CHECK(outcome.tally.failed == 2);
}

TEST_CASE_FIXTURE(Flushing, "an outcome that is not known is named with its master") {
    cluster.node(1).answer("FLUSHDB", broken_reply(Reply::Type::lost));
    CHECK(says(run().failure, "FLUSHDB was sent to b, but its outcome is unknown"));
    cluster.node(1).answer("FLUSHDB", Reply::make_integer(1));
    const FlushOutcome odd = run();
    CHECK(says(odd.failure, "a reply of the wrong kind"));
    CHECK(odd.tally.unknown == 2);
}

TEST_CASE_FIXTURE(Flushing, "a signal between two masters leaves the second as it is") {
    cluster.node(0).on("FLUSHDB", [](const Args&) {
        set_stop_signal(SIGINT);
        return Reply::make_status("OK");
    });
    const FlushOutcome outcome = run();
    set_stop_signal(0);
    CHECK(says(outcome.failure, "interrupted; flushed: a"));
    CHECK(outcome.tally.not_attempted == 2);
    CHECK(cluster.node(1).count("FLUSHDB") == 0);
}

TEST_CASE_FIXTURE(Flushing, "a busy master is not waited for once a signal has come") {
    cluster.node(0).on("FLUSHDB", [](const Args&) {
        set_stop_signal(SIGINT);
        return Reply::make_error("BUSY Redis is busy running a script");
    });
    const FlushOutcome outcome = run();
    set_stop_signal(0);
    CHECK(cluster.node(0).count("FLUSHDB") == 1);
    CHECK(outcome.tally.failed == 2);
}

TEST_CASE_FIXTURE(Flushing, "slots that move meanwhile may keep their keys") {
    cluster.node(0).on("FLUSHDB", [&](const Args&) {
        cluster.open(7, 0, 1);
        return Reply::make_status("OK");
    });
    const FlushOutcome outcome = run();
    CHECK(says(outcome.failure, "slots 7 were moved meanwhile"));
    CHECK(outcome.tally.changed == 4);
}

TEST_CASE_FIXTURE(Flushing, "a master that does not count is an error, unless it is left out") {
    cluster.node(1).answer("DBSIZE", Reply::make_status("many"));
    CHECK_THROWS_AS(run(), Error);
    without = {{8192, 16383}};
    cluster.node(1).answer("DBSIZE", Reply::make_error("ERR not today"));
    CHECK_THROWS_AS(run(), Error);  // it answers, so it is not out of reach
}

TEST_CASE_FIXTURE(Flushing, "whether slots move is asked of every master") {
    const DatabaseFlush flush(cluster, FlushScope::database, 0, {});
    CHECK_FALSE(flush.slots_move());
    cluster.open(7, 0, 1);
    CHECK(flush.slots_move());
    cluster.node(1).answer("CLUSTER", Reply::make_error("NOPERM no 'cluster' for you"));
    CHECK_THROWS_AS((void)flush.slots_move(), Error);
    FakeClient alone;
    CHECK_FALSE(DatabaseFlush(alone, FlushScope::database, 0, {}).slots_move());
}

TEST_CASE("databases whose keys are not told are left out of the count") {
    FakeClient client;
    client.answer("INFO",
                  Reply::make_string("db0:keys=4,expires=1\r\ndb1:expires=0\r\ndb2:keys=6\r\n"));
    DatabaseFlush flush(client, FlushScope::all_databases, 0, {});
    const DatabaseSizes sizes = flush.look();
    CHECK(sizes.keys == 10);
    REQUIRE(sizes.by_database.size() == 2);
    CHECK(sizes.by_database[0].first == "db2");
}

TEST_CASE("a server of another kind that takes no ASYNC is asked without it") {
    FakeClient client;
    client.info.name = "kvrocks";
    client.answer("DBSIZE", Reply::make_integer(3));
    client.on("FLUSHDB", [](const Args& args) {
        return args.size() == 1 ? Reply::make_status("OK")
                                : Reply::make_error("ERR wrong number of arguments");
    });
    DatabaseFlush flush(client, FlushScope::database, 0, {});
    flush.look();
    CHECK(flush.run().tally.changed == 3);
    client.on("FLUSHDB", [](const Args&) { return Reply::make_error("ERR not today"); });
    CHECK(flush.run().tally.failed == 3);
    client.info.name = "redis";
    client.answer("FLUSHDB", Reply::make_error("ERR wrong number of arguments"));
    const std::size_t before = client.count("FLUSHDB");
    CHECK(flush.run().tally.failed == 3);
    CHECK(client.count("FLUSHDB") == before + 1);
}
