#include "stats/client_list.hpp"

#include <algorithm>
#include <charconv>

#include "redis/reply_slice.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_longest_text = 128;
constexpr std::uint64_t k_line_bytes = 512;  // of one client, generously
constexpr int k_most_requests = 200;
constexpr const char* k_attempted = "list the clients";

std::int64_t integer(std::string_view text, std::int64_t otherwise = 0) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc() ? value : otherwise;
}

void take_field(ListedClient& client, std::string_view name, std::string_view value) {
    const auto text = [&] { return std::string(value.substr(0, k_longest_text)); };
    if (name == "id") {
        client.id = integer(value, -1);
    } else if (name == "addr") {
        client.address = text();
    } else if (name == "name") {
        client.name = text();
    } else if (name == "user") {
        client.user = text();
    } else if (name == "lib-name") {
        client.library = text();
    } else if (name == "cmd") {
        client.last_command = value == "NULL" ? "" : text();
    } else if (name == "age") {
        client.age_s = integer(value);
    } else if (name == "idle") {
        client.idle_s = integer(value);
    } else if (name == "qbuf") {
        client.input_bytes = integer(value);
    } else if (name == "omem") {
        client.output_bytes = integer(value);
    } else if (name == "tot-mem") {
        client.memory_bytes = integer(value);
    } else if (name == "flags") {
        client.blocked = value.find('b') != value.npos;
        client.of_server = value.find_first_of("SM") != value.npos;
    }
}

std::string_view take_until(std::string_view& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

std::uint64_t clients_in_a_slice(const ServerInfo& server) {
    return std::max<std::uint64_t>(1, reply_slice(server) / k_line_bytes);
}

bool fits(const ServerInfo& server) {
    const auto connected = server.info.integer("connected_clients");
    return connected && *connected >= 0 &&
           static_cast<std::uint64_t>(*connected) <= clients_in_a_slice(server);
}

/// One server whose clients are asked for by their ids.
class ByIds {
public:
    ByIds(const ServerNode& node, Reader& reader) : m_node(node), m_reader(reader) {}

    /// Down from `newest`, until as many are found as INFO counts.
    bool read(std::int64_t newest, std::uint64_t connected, std::vector<ListedClient>& into) {
        const auto step = static_cast<std::int64_t>(clients_in_a_slice(m_node.client->server()));
        std::uint64_t found = 0;
        for (int i = 0; i < k_most_requests && newest > 0 && found < connected; ++i) {
            std::vector<std::string> command = {"CLIENT", "LIST", "ID"};
            for (std::int64_t id = newest; id > 0 && id > newest - step; --id) {
                command.push_back(std::to_string(id));
            }
            const Reply reply = m_reader.ask({&m_node, 1}, [&](std::size_t) { return command; })[0];
            if (!reply.is_text()) {
                return false;
            }
            for (ListedClient& client : parse_client_list(reply.text)) {
                ++found;
                into.push_back(std::move(client));
            }
            newest -= step;
        }
        return found >= connected;
    }

private:
    const ServerNode& m_node;
    Reader& m_reader;
};

}  // namespace

std::string_view host_of(std::string_view address) {
    return address.substr(0, std::min(address.rfind(':'), address.size()));
}

std::vector<ListedClient> parse_client_list(std::string_view text) {
    std::vector<ListedClient> clients;
    while (!text.empty()) {
        std::string_view line = take_until(text, '\n');
        ListedClient client;
        while (!line.empty()) {
            std::string_view value = take_until(line, ' ');
            const std::string_view name = take_until(value, '=');
            take_field(client, name, value);
        }
        if (client.id >= 0) {
            clients.push_back(std::move(client));
        }
    }
    return clients;
}

ClientList read_clients(Client& client, Reader& reader, Lacking& lacking) {
    const std::vector<ServerNode> nodes = client.nodes();
    const auto server = [&](std::size_t i) -> const ServerInfo& {
        return nodes[i].client->server();
    };
    const std::vector<Reply> ids = reader.ask(nodes, [](std::size_t) {
        return std::vector<std::string>{"CLIENT", "ID"};
    });
    const std::vector<Reply> lists = reader.ask(nodes, [&](std::size_t i) {
        return fits(server(i)) ? std::vector<std::string>{"CLIENT", "LIST"}
                               : std::vector<std::string>();
    });
    ClientList all;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto connected = static_cast<std::uint64_t>(
            std::max<std::int64_t>(0, server(i).info.integer("connected_clients").value_or(0)));
        all.connected += connected;
        std::vector<ListedClient> clients;
        if (lists[i].is_text()) {
            clients = parse_client_list(lists[i].text);
        } else if (lists[i].is_error()) {
            lacking.note(lists[i], k_attempted, server(i));
            all.whole = false;
        } else if (ids[i].is_integer()) {
            all.whole &= ByIds(nodes[i], reader).read(ids[i].integer, connected, clients);
        } else {
            lacking.note(ids[i], k_attempted, server(i));
            all.whole = false;
        }
        for (ListedClient& one : clients) {
            one.node = nodes[i].name;
            one.own = ids[i].is_integer() && one.id == ids[i].integer;
            all.clients.push_back(std::move(one));
        }
    }
    return all;
}

std::vector<ListedClient> read_clients_if_few(Client& client, Reader& reader) {
    const std::vector<ServerNode> nodes = client.nodes();
    const bool few = std::all_of(nodes.begin(), nodes.end(), [](const ServerNode& node) {
        return fits(node.client->server());
    });
    if (!few) {
        return {};
    }
    Lacking lacking;
    return read_clients(client, reader, lacking).clients;
}

}  // namespace cachectl
