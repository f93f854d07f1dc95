// The addresses by which a cluster's nodes know each other, as they come in CLUSTER SLOTS and in
// redirections: checked, and translated to those that work from here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "redis/reply.hpp"
#include "redis/uri.hpp"

namespace cachectl {

// As nodes announce it, an address may lack its host: an empty one is that of the node that was
// asked, and one whose host is "?" has none.

/// Whether it can be a host's name or address at all: no more than 255 letters, digits, dots,
/// colons, hyphens and underscores, or an IPv6 address' scope. An empty one and "?" are valid.
bool is_node_host(std::string_view host);

/// From HOST:PORT, where an IPv6 address may stand in brackets, as people write it, or without,
/// as nodes do. Nothing if the host or the port is not valid.
std::optional<HostPort> parse_node_address(std::string_view text);

/// Where a node that announces one address is to be found from here: --node-map.
using NodeMap = std::map<HostPort, HostPort>;

/// Adds "ANNOUNCED=REAL", both HOST:PORT. Throws Error(usage) that says what is wrong.
void add_to_node_map(NodeMap& map, std::string_view text);

/// --cluster: whether the server has to be, or must not be, a node of a cluster.
enum class UseCluster { automatic, on, off };

/// "MOVED 3999 10.0.0.5:6381" or "ASK …".
struct Redirection {
    enum class Kind { moved, ask };
    Kind kind;
    std::uint16_t slot;
    HostPort to;
};

/// Nothing for what is no redirection, and for one whose slot or address is not valid.
std::optional<Redirection> parse_redirection(const Reply& reply);

}  // namespace cachectl
