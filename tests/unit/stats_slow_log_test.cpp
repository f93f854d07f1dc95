#include "stats/slow_log.hpp"

#include <doctest/doctest.h>

#include "support/fake_client.hpp"

using namespace cachectl;
using cachectl::test::FakeClient;

namespace {

Reply text(const std::string& bytes) { return Reply::make_string(bytes); }
Reply number(std::int64_t n) { return Reply::make_integer(n); }

Reply entry(std::int64_t id, std::int64_t usec, const std::string& command = "KEYS",
            const std::string& argument = "*") {
    return Reply::make_array({number(id), number(1'700'000'000), number(usec),
                              Reply::make_array({text(command), text(argument)}),
                              text("10.0.3.7:38468"), text("cron")});
}

}  // namespace

TEST_CASE("an entry has its time, command and client") {
    const auto commands = parse_slow_log(Reply::make_array({entry(7, 1'900'000)}));
    REQUIRE(commands.size() == 1);
    CHECK(commands[0].id == 7);
    CHECK(commands[0].at.count() == 1'700'000'000);
    CHECK(commands[0].took.count() == 1'900'000);
    CHECK(commands[0].shape == "KEYS *");
    CHECK(commands[0].command == "keys");
    CHECK(commands[0].address == "10.0.3.7:38468");
    CHECK(commands[0].client == "cron");
}

TEST_CASE("what is no entry is left out, and what is too large is bounded") {
    const Reply odd = Reply::make_array(
        {number(1), Reply::make_array({}), Reply::make_error("ERR"),
         Reply::make_array({text("1"), number(1), number(1), Reply::make_array({})}),
         Reply::make_array({number(1), number(1), number(1), text("not a list")}),
         Reply::make_array({number(2), number(-5), number(-9), Reply::make_array({})}),
         Reply::make_array({number(3), number(1), number(std::numeric_limits<std::int64_t>::max()),
                            Reply::make_array({number(4)}), text(std::string(100'000, 'a')),
                            text(std::string(100'000, 'n'))})});
    const auto commands = parse_slow_log(odd);
    REQUIRE(commands.size() == 2);
    CHECK(commands[0].took.count() == 0);
    CHECK(commands[0].shape == "?");
    CHECK(commands[1].took <= std::chrono::hours(24));
    CHECK(commands[1].address.size() <= 128);
    CHECK(commands[1].client.size() <= 128);
    CHECK(parse_slow_log(Reply::make_error("NOPERM")).empty());
    CHECK(parse_slow_log(Reply()).empty());
}

TEST_CASE("only what is new is read again, and no more than there is") {
    FakeClient client;
    std::int64_t newest = 20;
    client.on("SLOWLOG", [&](const FakeClient::Args& args) {
        std::vector<Reply> entries;
        for (std::int64_t id = newest; id >= 0 && newest - id < std::stoll(args.at(2)); --id) {
            entries.push_back(entry(id, 10'000));
        }
        return Reply::make_array(entries);
    });
    Reader reader(client);
    Lacking lacking;
    SlowLogs logs(client, reader, lacking);
    CHECK(logs.read_new().size() == 21);
    CHECK(client.lines() == std::vector<std::string>{"SLOWLOG GET 8", "SLOWLOG GET 128"});
    CHECK(logs.read_new().empty());
    CHECK(client.lines().back() == "SLOWLOG GET 1");
    newest = 23;
    const auto fresh = logs.read_new();
    REQUIRE(fresh.size() == 3);
    CHECK(fresh.front().id == 23);
    CHECK(client.lines().back() == "SLOWLOG GET 3");
    newest = 2;  // another process
    CHECK(logs.read_new().size() == 3);
    CHECK(lacking.take().empty());
}

TEST_CASE("no reply is larger than a slice, however long the arguments are") {
    FakeClient client;
    client.info.info = InfoFields("used_memory:1000\nmaxmemory:1000\n");  // a full cache
    client.on("SLOWLOG", [&](const FakeClient::Args& args) {
        std::vector<Reply> entries;
        for (int i = 0; i < std::stoi(args.at(2)); ++i) {
            entries.push_back(entry(1'000 - i, 1, std::string(4'000, 'x')));
        }
        return Reply::make_array(entries);
    });
    Reader reader(client);
    Lacking lacking;
    SlowLogs logs(client, reader, lacking);
    CHECK_FALSE(logs.read_new().empty());
    CHECK(client.lines().front() == "SLOWLOG GET 2");
    CHECK(client.lines().size() == 1);
}

TEST_CASE("a missing right is told once") {
    FakeClient client;
    client.on("SLOWLOG", [](const FakeClient::Args&) {
        return Reply::make_error(
            "NOPERM User bob has no permissions to run the 'slowlog|get' command");
    });
    Reader reader(client);
    Lacking lacking;
    SlowLogs logs(client, reader, lacking);
    CHECK(logs.read_new().empty());
    CHECK(logs.read_new().empty());
    CHECK(client.lines().front() == "SLOWLOG GET 8");
    const auto warnings = lacking.take();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("+slowlog|get") != std::string::npos);
}
