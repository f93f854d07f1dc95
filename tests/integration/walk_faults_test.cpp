// What can happen to a walk on its way: lost connections, restarts, keys that go away, a reader
// that is too slow, a million keys.
#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <thread>

#include "support/fake_server.hpp"
#include "support/observed_run.hpp"
#include "support/redis_server.hpp"

using namespace cachectl::test;
using namespace std::chrono_literals;

namespace {

constexpr Millis k_bound = 30s;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string info_of(std::string_view run_id) {
    return resp::bulk("redis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\nrun_id:" +
                      std::string(run_id) + "\r\n");
}

/// Three pages of one key each, "a", "b" and "c"; `others` as in polite_redis().
Handler three_pages(const std::map<std::string, std::string>& others = {}) {
    return [polite = polite_redis(others)](const FakeServer::Command& command) {
        if (command.at(0) != "SCAN") {
            return polite(command);
        }
        if (command.at(1) == "0") {
            return resp::scan_page("1", {"a"});
        }
        if (command.at(1) == "1") {
            return resp::scan_page("2", {"b"});
        }
        return resp::scan_page("0", {"c"});
    };
}

ObservedRun keys_of(const FakeServer& server, std::vector<std::string> extra = {}) {
    std::vector<std::string> args{"keys", "-p", std::to_string(server.port())};
    args.insert(args.end(), extra.begin(), extra.end());
    ObservedRun run = observe_cachectl(std::move(args));
    CHECK(run.took < k_bound);
    return run;
}

std::vector<std::string> cursors(const FakeServer& server) {
    std::vector<std::string> result;
    for (const FakeServer::Command& command : server.commands()) {
        if (command.at(0) == "SCAN") {
            result.push_back(command.at(1));
        }
    }
    return result;
}

}  // namespace

TEST_CASE("after a reset the walk goes on where it was, on the same server") {
    FakeServer server({reset_at("SCAN", 1, three_pages()), answer(three_pages())});
    const ObservedRun run = keys_of(server);
    CHECK(run.exit_code == 0);
    CHECK(run.out == "a\nb\nc\n");
    CHECK(run.err.empty());
    CHECK(cursors(server) == std::vector<std::string>{"0", "1", "1", "2"});
}

TEST_CASE("after a reset that took the facts of a page, the page is fetched again") {
    const std::map<std::string, std::string> facts = {{"PTTL", resp::integer(-1)}};
    FakeServer server({reset_at("PTTL", 0, three_pages(facts)), answer(three_pages(facts))});
    const ObservedRun run = keys_of(server, {"--no-ttl"});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "a\nb\nc\n");
}

TEST_CASE("another run_id means another hash table: the walk begins anew and says so") {
    FakeServer server({reset_at("SCAN", 2, three_pages({{"INFO", info_of("one")}})),
                       answer(three_pages({{"INFO", info_of("two")}}))});
    const ObservedRun run = keys_of(server);
    CHECK(run.exit_code == 0);
    CHECK(run.out == "a\nb\nc\n");  // what was met before is remembered
    CHECK(run.err == "cachectl: the server was restarted on the way: the walk was begun anew\n");
    CHECK(cursors(server) == std::vector<std::string>{"0", "1", "2", "0", "1", "2"});
}

TEST_CASE("a server that restarts again and again is given up on") {
    std::vector<FakeServer::Script> lives;
    for (int i = 0; i < 40; ++i) {
        lives.push_back(reset_at("SCAN", 2, three_pages({{"INFO", info_of(std::to_string(i))}})));
    }
    FakeServer server(lives);
    const ObservedRun run = keys_of(server);
    CHECK(run.exit_code == 5);
    CHECK(has(run.err, "(the list is not complete)"));
    CHECK(server.connections() <= 6);
}

TEST_CASE("a page whose facts cannot be had is given up on, the last one too") {
    Handler handler = three_pages();
    SUBCASE("one of several") {}
    SUBCASE("the only one") { handler = polite_redis({{"SCAN", resp::scan_page("0", {"a"})}}); }
    FakeServer server([&](FakeServer::Connection& client) {
        while (auto command = client.read_command()) {
            if (command->at(0) == "MEMORY") {
                client.reset();
            } else {
                client.send(handler(*command));
            }
        }
    });
    const ObservedRun run = keys_of(server, {"--size-over", "1"});
    CHECK(run.exit_code == 5);
    CHECK(run.out.empty());
    CHECK(has(run.err, "(the list is not complete)"));
    CHECK(server.connections() <= 6);
}

TEST_CASE("a connection that lives for one page at a time still gets to the end") {
    FakeServer server([](FakeServer::Connection& client) {
        int pages = 0;
        while (auto command = client.read_command()) {
            if (command->at(0) != "SCAN") {
                client.send(polite_redis()(*command));
                continue;
            }
            const int at = std::stoi(command->at(1));
            if (pages++ == 1) {
                client.reset();
            } else {
                client.send(resp::scan_page(at == 7 ? "0" : std::to_string(at + 1),
                                            {"k" + std::to_string(at)}));
            }
        }
    });
    const ObservedRun run = keys_of(server);
    CHECK(run.exit_code == 0);
    CHECK(run.out == "k0\nk1\nk2\nk3\nk4\nk5\nk6\nk7\n");
    CHECK(server.connections() == 8);
}

TEST_CASE("a server that goes away for good leaves what was shown and exit code 5") {
    FakeServer server({reset_at("SCAN", 1, three_pages()),
                       [](FakeServer::Connection& client) { client.reset(); }});
    const ObservedRun run = keys_of(server);
    CHECK(run.exit_code == 5);
    CHECK(run.out == "a\n");
    CHECK(has(run.err, "127.0.0.1:" + std::to_string(server.port()) + ": "));
    CHECK(has(run.err, "(the list is not complete)"));
    CHECK(server.connections() <= 6);
}

TEST_CASE("a real server restarted in mid-walk: every key is listed") {
    constexpr int k_keys = 60'000;
    RedisServer server;
    RespClient redis = server.client();
    redis.pipeline(k_keys, [](std::size_t i) -> RespClient::Args {
        return {"SET", "key:" + std::to_string(i), ""};
    });
    redis.run({"SAVE"});
    // A pipe nobody reads from holds the walk up in its midst.
    Process process(cachectl_argv({"keys", "-s", server.socket_path()}));
    std::this_thread::sleep_for(500ms);
    REQUIRE(process.running());
    server.restart();
    const ObservedRun run = observe(process);
    CHECK(run.exit_code == 0);
    CHECK(has(run.err, "the server was restarted on the way"));
    std::set<std::string> seen;
    for (std::size_t at = 0, end; (end = run.out.find('\n', at)) != std::string::npos;
         at = end + 1) {
        seen.insert(run.out.substr(at, end - at));
    }
    CHECK(seen.size() == k_keys);
}

TEST_CASE("a real server that freezes in mid-walk is given up on") {
    RedisServer server;
    server.client().pipeline(60'000, [](std::size_t i) -> RespClient::Args {
        return {"SET", "key:" + std::to_string(i), ""};
    });
    Process process(cachectl_argv(
        {"keys", "-s", server.socket_path(), "--timeout", "300ms", "--connect-timeout", "300ms"}));
    std::this_thread::sleep_for(500ms);
    REQUIRE(process.running());
    server.freeze();
    const ObservedRun run = observe(process);
    server.thaw();
    CHECK(run.exit_code == 5);
    CHECK(run.out.size() > 1000);
    CHECK(run.out.back() == '\n');
    CHECK(has(run.err, "(the list is not complete)"));
    CHECK(run.took < k_bound);
}

TEST_CASE("keys that go away between the walk and the look are counted, not errors") {
    FakeServer server(answer(three_pages({{"PTTL", resp::integer(-2)}})));
    const ObservedRun run = keys_of(server, {"--no-ttl"});
    CHECK(run.exit_code == 0);
    CHECK(run.out.empty());
    CHECK(run.err == "cachectl: 3 keys were gone before we could look\n");
}

TEST_CASE("a reader that does not read stops the walk, not the memory's bounds") {
    const std::string padding(1000, 'x');
    FakeServer server([&](FakeServer::Connection& client) {
        int at = 0;
        int key = 0;
        while (auto command = client.read_command()) {
            std::vector<std::string> page;
            for (int i = 0; i < 100; ++i) {
                page.push_back(padding + std::to_string(++key));
            }
            client.send(command->at(0) == "SCAN" ? resp::scan_page(std::to_string(++at), page)
                                                 : polite_redis()(*command));
        }
    });
    Process process(cachectl_argv({"keys", "-p", std::to_string(server.port())}));
    std::this_thread::sleep_for(500ms);
    const std::size_t asked = server.count("SCAN");
    std::this_thread::sleep_for(300ms);
    CHECK(process.running());
    CHECK(asked >= 1);
    CHECK(asked <= 5);  // what a pipe, our buffer and one page ahead hold
    CHECK(server.count("SCAN") == asked);
}

TEST_CASE("a million keys: each listed once, in less than 32 MiB") {
    constexpr std::size_t k_keys = 1'000'000;
    RedisServer server({"--enable-debug-command", "yes"});
    server.client().run({"DEBUG", "POPULATE", std::to_string(k_keys)});
    const ObservedRun run = observe_cachectl({"keys", "-s", server.socket_path()});
    CHECK(run.exit_code == 0);
    CHECK(run.err.empty());
    if (!is_sanitized()) {
        CHECK(run.peak_kib > 1'000);
        CHECK(run.peak_kib < 32 * 1024);
    }
    std::vector<bool> seen(k_keys);
    std::size_t lines = 0;
    std::size_t wrong = 0;
    constexpr std::string_view k_prefix = "key:";
    for (std::size_t at = 0, end; (end = run.out.find('\n', at)) != std::string::npos;
         at = end + 1, ++lines) {
        const std::string_view line(run.out.data() + at, end - at);
        std::size_t number = k_keys;
        if (line.starts_with(k_prefix)) {
            std::from_chars(line.data() + k_prefix.size(), line.data() + line.size(), number);
        }
        if (number >= k_keys || seen[number]) {
            ++wrong;
        } else {
            seen[number] = true;
        }
    }
    CHECK(lines == k_keys);
    CHECK(wrong == 0);
}
