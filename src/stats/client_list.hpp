// CLIENT LIST: who is connected (https://redis.io/docs/latest/commands/client-list/).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "redis/reply.hpp"
#include "stats/reader.hpp"

namespace cachectl {

/// One connection of a server. Text is any bytes, of 128 at most.
struct ListedClient {
    std::string node;  // of a cluster
    std::int64_t id = -1;
    std::string address;  // "10.0.3.7:38468", a socket's path with ":0"
    std::string name;     // that it has given itself; empty: none
    std::string user;
    std::string library;       // "redis-py", where it says so
    std::string last_command;  // "client|list"
    std::int64_t age_s = 0, idle_s = 0;
    std::int64_t input_bytes = 0, output_bytes = 0;  // of its buffers
    std::int64_t memory_bytes = 0;                   // in all; 0 before Redis 7.0
    bool blocked = false;                            // waits in a blocking command
    bool of_server = false;                          // a replica or the master
    bool own = false;                                // this one, which asks
};

/// The host of an address, or the path of a socket.
std::string_view host_of(std::string_view address);

/// Lines that are not of a client are left out.
std::vector<ListedClient> parse_client_list(std::string_view text);

/// What was read of the clients of all servers.
struct ClientList {
    std::vector<ListedClient> clients;
    std::uint64_t connected = 0;  // that there were, as INFO counts them
    bool whole = true;            // false: there are more than were looked for
};

/// Asks each server. Where a reply would be larger than a slice, it is asked for the clients by
/// their ids, the newest first, some at a time, and not for ever.
ClientList read_clients(Client& client, Reader& reader, Lacking& lacking);

/// The same where only some names are missing: nothing if one reply would not hold the clients, or
/// the user may not see them.
std::vector<ListedClient> read_clients_if_few(Client& client, Reader& reader);

}  // namespace cachectl
