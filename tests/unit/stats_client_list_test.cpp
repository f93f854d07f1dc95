#include "stats/client_list.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "support/fake_client.hpp"

using namespace cachectl;
using cachectl::test::FakeClient;

namespace {

std::string line_of(int id) {
    return "id=" + std::to_string(id) + " addr=10.0.0.1:" + std::to_string(id) +
           " name= user=default cmd=get\n";
}

}  // namespace

TEST_CASE("a client has its address, name, user and buffers") {
    const auto clients = parse_client_list(
        "id=3 addr=10.0.3.7:38468 laddr=10.0.0.5:6379 fd=8 name=cron-legacy age=12 idle=4 flags=b "
        "db=0 sub=0 qbuf=26 qbuf-free=20448 obl=0 oll=0 omem=100 tot-mem=22298 events=r "
        "cmd=client|list user=batch redir=-1 resp=2 lib-name=redis-py lib-ver=5.0\n");
    REQUIRE(clients.size() == 1);
    CHECK(clients[0].id == 3);
    CHECK(clients[0].address == "10.0.3.7:38468");
    CHECK(clients[0].name == "cron-legacy");
    CHECK(clients[0].user == "batch");
    CHECK(clients[0].library == "redis-py");
    CHECK(clients[0].last_command == "client|list");
    CHECK(clients[0].age_s == 12);
    CHECK(clients[0].idle_s == 4);
    CHECK(clients[0].input_bytes == 26);
    CHECK(clients[0].output_bytes == 100);
    CHECK(clients[0].memory_bytes == 22298);
    CHECK(clients[0].blocked);
    CHECK_FALSE(clients[0].of_server);
    CHECK(host_of(clients[0].address) == "10.0.3.7");
    CHECK(host_of("[::1]:6379") == "[::1]");
    CHECK(host_of("") == "");
}

TEST_CASE("lines that are of no client are left out, and long ones bounded") {
    CHECK(parse_client_list("").empty());
    CHECK(parse_client_list("\n\n = == id\nid=\nid=x\n").size() <= 2);
    const auto clients = parse_client_list("id=1 name=" + std::string(100'000, 'n') +
                                           " age=99999999999999999999 cmd=NULL flags=");
    REQUIRE(clients.size() == 1);
    CHECK(clients[0].name.size() == 128);
    CHECK(clients[0].age_s == 0);
    CHECK(clients[0].last_command.empty());
}

TEST_CASE("our own connection is marked") {
    FakeClient client;
    client.info.info = InfoFields("connected_clients:2\nused_memory:1\nmaxmemory:0\n");
    client.on("CLIENT", [](const FakeClient::Args& args) {
        return args.at(1) == "ID" ? Reply::make_integer(2)
                                  : Reply::make_string(line_of(1) + line_of(2));
    });
    Reader reader(client);
    Lacking lacking;
    const ClientList list = read_clients(client, reader, lacking);
    REQUIRE(list.clients.size() == 2);
    CHECK_FALSE(list.clients[0].own);
    CHECK(list.clients[1].own);
    CHECK(list.whole);
    CHECK(list.connected == 2);
}

TEST_CASE("more clients than a reply may hold are asked for by their ids, the newest first") {
    FakeClient client;
    client.info.info = InfoFields("connected_clients:90\nused_memory:1000\nmaxmemory:1000\n");
    std::size_t most_asked = 0;
    client.on("CLIENT", [&](const FakeClient::Args& args) {
        if (args.at(1) == "ID") {
            return Reply::make_integer(1'000);
        }
        REQUIRE(args.at(2) == "ID");
        most_asked = std::max(most_asked, args.size() - 3);
        std::string lines;
        for (std::size_t i = 3; i < args.size(); ++i) {
            if (std::stoi(args[i]) > 910) {
                lines += line_of(std::stoi(args[i]));
            }
        }
        return Reply::make_string(lines);
    });
    Reader reader(client);
    Lacking lacking;
    const ClientList list = read_clients(client, reader, lacking);
    CHECK(list.clients.size() == 90);
    CHECK(list.whole);
    CHECK(most_asked == 32);  // of a slice of 16 KiB
    CHECK(client.count("CLIENT LIST") == 3);
    CHECK(read_clients_if_few(client, reader).empty());
    CHECK(client.count("CLIENT LIST") == 3);
}

TEST_CASE("clients that cannot be found do not keep us for ever") {
    FakeClient client;
    client.info.info = InfoFields("connected_clients:9000\nused_memory:1000\nmaxmemory:1000\n");
    client.on("CLIENT", [&](const FakeClient::Args& args) {
        return args.at(1) == "ID" ? Reply::make_integer(100'000'000) : Reply::make_string("");
    });
    Reader reader(client);
    Lacking lacking;
    CHECK_FALSE(read_clients(client, reader, lacking).whole);
    CHECK(client.count("CLIENT LIST") == 200);
}
