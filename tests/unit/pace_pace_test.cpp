// The pace on a model of a server that does one thing at a time at the end of a link.
#include "pace/pace.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "pace/cost.hpp"
#include "support/fake_client.hpp"
#include "support/model_server.hpp"

using namespace cachectl;
using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

using std::chrono::microseconds;

/// As many walks as there may be slices on their way, until `keys` have been walked. The server
/// takes `slowness` times what the reference server takes.
struct Load {
    Load(ModelServer& model, Pace& a_pace, double a_slowness = 1)
        : server(model), pace(a_pace), slowness(a_slowness) {}

    void submit() {
        pace.submit_elastic(alive, [this](double room) -> Pace::Sent {
            if (walked >= wanted) {
                return {};
            }
            const auto count = std::min<unsigned>(
                pace.max_keys(), static_cast<unsigned>(std::max(10.0, scan_count(room))));
            walked += count;
            const double cost = scan_cost(count);
            server.send({"WORK", std::to_string(static_cast<long>(cost * slowness))},
                        [this](const Reply&) { submit(); });
            return {cost, count};
        });
    }
    /// How long it takes.
    std::chrono::duration<double> walk(std::uint64_t keys) {
        wanted = keys;
        const SteadyTime begin = server.now();
        for (std::size_t i = 0; i < 64; ++i) {
            submit();
        }
        server.run_until([&] {
            return pace.stopped() || (walked >= wanted && pace.idle() && server.pending() == 0);
        });
        return server.now() - begin;
    }

    ModelServer& server;
    Pace& pace;
    double slowness;
    std::uint64_t wanted = 0;
    std::uint64_t walked = 0;
    std::shared_ptr<void> alive = std::make_shared<char>();
};

Cost unlinking(double cost) { return VerbCost{Verb::unlink, 1, cost}; }

double share(const ModelServer& server, std::chrono::duration<double> time) {
    return std::chrono::duration<double>(server.worked) / time;
}

}  // namespace

TEST_CASE("shares of the server's time, and slices that others can wait for") {
    for (const microseconds round_trip : {50us, 20'000us}) {
        CAPTURE(round_trip.count());
        {
            ModelServer server(round_trip);
            Pace pace(server, {.level = PaceLevel::gentle});
            Load load(server, pace);
            const auto time = load.walk(200'000);
            CHECK(share(server, time) > 0.05);
            CHECK(share(server, time) < 0.12);
            CHECK(server.longest_burst() < 500us);
        }
        {
            ModelServer server(round_trip);
            Pace pace(server, {.level = PaceLevel::normal});
            Load load(server, pace);
            const auto time = load.walk(1'000'000);
            CHECK(share(server, time) > 0.35);
            CHECK(share(server, time) < 0.6);
            CHECK(server.longest_burst() < 500us);
            CHECK(time < 1.5s);
        }
        {
            ModelServer server(round_trip);
            Pace pace(server, {.level = PaceLevel::full});
            Load load(server, pace);
            const auto time = load.walk(1'000'000);
            CHECK(share(server, time) > (round_trip < 1ms ? 0.95 : 0.7));
            CHECK(time < 0.7s);
        }
    }
}

TEST_CASE("at full pace over a long link the slices do not come in one burst") {
    ModelServer server(20'000us);
    Pace pace(server, {.level = PaceLevel::full});
    CHECK(pace.slices_in_flight() > 20);
    Load load(server, pace);
    load.walk(1'000'000);
    CHECK(server.longest_queue < 6ms);
}

TEST_CASE("a slower server gets smaller slices, and its share holds") {
    ModelServer server(50us);
    Pace pace(server, {.level = PaceLevel::normal});
    Load load(server, pace, 2.0);
    const auto time = load.walk(300'000);
    CHECK(share(server, time) > 0.35);
    CHECK(share(server, time) < 0.6);
    std::vector<ModelServer::Busy> late(server.bursts.end() - 100, server.bursts.end());
    for (const auto& burst : late) {
        CHECK(burst.to - burst.from < 350us);
    }
}

TEST_CASE("a busy client machine is not taken for a slow server") {
    for (const bool busy_from_the_start : {false, true}) {
        CAPTURE(busy_from_the_start);
        ModelServer server(50us);
        if (busy_from_the_start) {
            server.turn = 8ms;
        }
        Pace pace(server, {});
        server.turn = 8ms;
        std::vector<std::string> notes;
        pace.on_note = [&](const std::string& note) { notes.push_back(note); };
        Load load(server, pace);
        const auto time = load.walk(200'000);
        CHECK(time < 1.2s);  // in each turn what may be on its way at once: three slices or four
        CHECK(server.longest_queue < 1300us);
        CHECK(notes.empty());
    }
}

TEST_CASE("a server that has to wait for a CPU tells what it has really spent") {
    ModelServer server(50us);
    server.tell_figures();
    server.waits = 1ms;
    Pace pace(server, {});
    Load load(server, pace);
    load.walk(50'000);  // until it has told
    const microseconds before = server.worked;
    const auto time = load.walk(200'000);
    const std::chrono::duration<double> worked = server.worked - before;
    CHECK(worked / time > 0.12);  // of a server that can work for a fifth of the time
    CHECK(time < 600ms);
}

TEST_CASE("while a server is held up, no more than about a millisecond's work queues up") {
    ModelServer server(50us);
    Pace pace(server, {});
    Load load(server, pace);
    load.walk(20'000);
    server.send({"WORK", "400000"}, [](const Reply&) {});
    server.longest_queue = {};
    load.walk(40'000);
    CHECK(server.longest_queue < 401'300us);
}

TEST_CASE("keys a second, of those walked") {
    ModelServer server(50us);
    Pace pace(server, {.level = PaceLevel::full, .max_rate = 5'000});
    CHECK(pace.max_keys() == 500);
    Load load(server, pace);
    const auto time = load.walk(50'000);
    CHECK(time > 9.5s);
    CHECK(time < 11s);
}

TEST_CASE("keys a second, of those changed: walking is not counted") {
    ModelServer server(50us);
    Pace pace(server, {.level = PaceLevel::full, .max_rate = 1'000, .rate_of = RateOf::changed});
    CHECK(pace.max_keys() == 1000);
    CHECK(pace.max_changes() == 100);
    const auto owner = std::make_shared<char>();
    int sent = 0;
    for (int i = 0; i < 20; ++i) {
        pace.submit(
            owner, unlinking(50),
            [&] {
                ++sent;
                server.send({"WORK", "50"}, [](const Reply&) {});
            },
            100);
    }
    const SteadyTime begin = server.now();
    server.run_until([&] { return pace.idle() && server.pending() == 0; });
    CHECK(sent == 20);
    CHECK(server.now() - begin > 1s);
    CHECK(server.now() - begin < 2500ms);
}

TEST_CASE("what is to be sent at once leaves before the next SCAN, in its order") {
    ModelServer server(50us);
    Pace pace(server, {});
    const auto owner = std::make_shared<char>();
    std::string order;
    const auto work = [&](const char* name) {
        return [&order, &server, name] {
            order += name;
            server.send({"WORK", "100"}, [](const Reply&) {});
        };
    };
    pace.submit(owner, unlinking(100), work("a"));  // leaves now; the others wait for their turn
    pace.submit_elastic(owner, [&](double) -> Pace::Sent {
        order += "S";
        server.send({"WORK", "100"}, [](const Reply&) {});
        return {100, 200};
    });
    pace.submit(owner, unlinking(100), work("b"));
    pace.submit(owner, unlinking(100), work("c"));
    CHECK(order == "a");
    server.run_until([&] { return pace.idle() && server.pending() == 0; });
    CHECK(order == "abcS");
}

TEST_CASE("whoever is no more is not called back") {
    ModelServer server(50us);
    Pace pace(server, {});
    const auto owner = std::make_shared<char>();
    auto gone = std::make_shared<char>();
    pace.submit(owner, unlinking(100), [&] { server.send({"WORK", "100"}, [](const Reply&) {}); });
    pace.submit(gone, unlinking(100), [] { CHECK(false); });
    pace.submit_elastic(gone, [](double) -> Pace::Sent {
        CHECK(false);
        return {};
    });
    gone.reset();
    server.run_until([&] { return pace.idle() && server.pending() == 0; });
    CHECK(pace.idle());
}

TEST_CASE("nothing leaves while it is held") {
    ModelServer server(50us);
    Pace pace(server, {});
    const auto owner = std::make_shared<char>();
    bool sent = false;
    {
        const Pace::Hold hold(pace);
        pace.submit(owner, unlinking(1), [&] { sent = true; });
        server.run_until([] { return false; });
        CHECK_FALSE(sent);
    }
    CHECK(sent);
}

TEST_CASE("--max-latency: a pause while the server is too slow, and a note") {
    ModelServer server(50us);
    Pace pace(server, {.latency = {20ms}});
    std::vector<std::string> notes;
    pace.on_note = [&](const std::string& note) { notes.push_back(note); };
    Load load(server, pace);
    load.walk(5'000);
    server.slower = 100ms;
    server.after(5s, [&] { server.slower = 0us; });
    const auto time = load.walk(20'000);
    CHECK(time > 5s);
    CHECK(time < 7s);
    CHECK_FALSE(pace.stopped());
    REQUIRE(notes.size() == 1);
    CHECK(notes[0] == "the server's replies are more than 20ms late: pausing");
}

TEST_CASE("--max-pause: after so long it stops, and says how to go on") {
    ModelServer server(50us);
    Pace pace(server, {.latency = {20ms, 3s}});
    Load load(server, pace);
    server.slower = 100ms;
    const auto time = load.walk(100'000);
    REQUIRE(pace.stopped());
    CHECK(pace.stopped()->code() == ExitCode::partial);
    CHECK(std::string(pace.stopped()->what()) ==
          "the server's replies have been more than 20ms late for 3s");
    CHECK(pace.idle());
    CHECK(time > 3s);
    CHECK(time < 5s);
}

TEST_CASE("--max-pause: a server that hangs is given up when it has hung for so long") {
    for (const auto max_pause : {3s, 30s}) {
        ModelServer server(50us);
        Pace pace(server, {.latency = {20ms, max_pause}});
        std::vector<std::string> notes;
        pace.on_note = [&](const std::string& note) { notes.push_back(note); };
        Load load(server, pace);
        load.walk(5'000);
        CHECK(notes.empty());
        server.slower = 7s;
        server.after(10ms, [&] { server.slower = 0us; });
        const auto time = load.walk(20'000);
        CHECK(notes.size() == 1);
        CHECK(pace.stopped().has_value() == (max_pause == 3s));
        CHECK(time > (max_pause == 3s ? 3s : 7s));
        CHECK(time < (max_pause == 3s ? 4s : 40s));
    }
}

TEST_CASE("a server that becomes slow for good: longer pauses, and one note") {
    ModelServer server(50us);
    Pace pace(server, {});
    std::vector<std::string> notes;
    pace.on_note = [&](const std::string& note) { notes.push_back(note); };
    Load load(server, pace);
    load.walk(50'000);
    CHECK(notes.empty());
    server.slower = 60ms;
    load.walk(100'000);
    REQUIRE(notes.size() == 1);
    CHECK(notes[0] == "the server's replies come late: longer pauses");
}

TEST_CASE(
    "when the server is well again, the pauses are as long as before, though it tells nothing") {
    ModelServer server(50us);
    Pace pace(server, {});
    Load load(server, pace);
    load.walk(50'000);
    server.slower = 60ms;
    load.walk(100'000);
    server.slower = 0us;
    load.walk(3'000'000);
    server.worked = 0us;
    CHECK(share(server, load.walk(4'000'000)) > 0.4);
}

TEST_CASE("what could not be sent says nothing of the server") {
    ModelServer server(50us);
    Pace pace(server, {});
    server.down = true;
    pace.submit(std::make_shared<char>(), unlinking(1), [] {});  // nobody asks for it any more
    const auto owner = std::make_shared<char>();
    for (int i = 0; i < 200; ++i) {
        pace.submit(owner, unlinking(100'000), [&] {
            server.send({"WORK", "1"}, [](const Reply&) {});
        });
    }
    server.run_until([&] { return pace.idle(); });
    REQUIRE(pace.idle());
    CHECK(pace.round_trip() == 50us);
    server.down = false;
    Load load(server, pace);
    CHECK(share(server, load.walk(100'000)) < 0.6);
    CHECK(server.longest_burst() < 500us);
}

TEST_CASE("those who send as they read are held up as well, but not at full pace") {
    for (const PaceLevel level : {PaceLevel::normal, PaceLevel::full}) {
        ModelServer server(50us);
        Pace pace(server, {.level = level});
        const SteadyTime begin = server.now();
        for (int i = 0; i < 20'000; ++i) {
            pace.wait_for(VerbCost{Verb::set, 1, 2}, 1);
            server.send({"WORK", "2"}, [](const Reply&) {});
        }
        const std::chrono::duration<double> waited = server.now() - begin;
        if (level == PaceLevel::full) {
            CHECK(waited.count() == 0);
        } else {
            CHECK(waited > 60ms);
            CHECK(waited < 120ms);
            CHECK(server.longest_burst() < 500us);
        }
    }
}

TEST_CASE("a server whose answers are there before the next thing is sent is looked at too") {
    FakeClient client;
    client.info.info = InfoFields("evicted_keys:0\n");
    Pace pace(client, {});
    for (int i = 0; i < 20'000; ++i) {
        pace.wait_for(VerbCost{Verb::set, 1, 100}, 1);
        (void)client.call({"SET", "k", "v"});
    }
    CHECK(client.count("INFO") > 0);
}
