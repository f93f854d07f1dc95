#include "redis/cluster/slot_map.hpp"

#include <algorithm>

#include "util/error.hpp"

namespace cachectl {

namespace {

[[noreturn]] void reject(const AskedNode& asked, const std::string& why) {
    throw Error(ExitCode::unreachable,
                asked.address.name() + " answers CLUSTER SLOTS with what is no slot map: " + why);
}

class Parser {
public:
    Parser(const AskedNode& asked, const NodeMap& node_map)
        : m_asked(asked), m_node_map(node_map) {}

    SlotMap parse(const Reply& reply) {
        if (!reply.is_array()) {
            reject(m_asked, "not a list");
        }
        SlotMap map;
        for (const Reply& entry : reply.elements) {
            add(map, entry);
        }
        return map;
    }

private:
    // [first, last, master, replica …]
    void add(SlotMap& map, const Reply& entry) const {
        if (!entry.is_array() || entry.elements.size() < 3) {
            reject(m_asked, "a range without node");
        }
        const SlotRange range{slot(entry.elements[0]), slot(entry.elements[1])};
        if (range.first > range.last) {
            reject(m_asked, "a range that ends before it begins");
        }
        SlotOwner& owner = owner_of(map, entry.elements[2]);
        owner.slots.push_back(range);
        for (std::size_t i = 3; i < entry.elements.size(); ++i) {
            // Masters are all that is needed: an entry that is of no use is left out.
            std::string why;
            const auto announced = address_in(entry.elements[i], why);
            if (!announced || announced->host == "?" || announced->port == 0) {
                continue;
            }
            const HostPort replica = resolve(*announced);
            const auto& known = owner.replicas;
            if (std::find(known.begin(), known.end(), replica) == known.end()) {
                owner.replicas.push_back(replica);
            }
        }
    }

    SlotOwner& owner_of(SlotMap& map, const Reply& node) const {
        const HostPort address = announced(node);
        const std::string id =
            node.elements.size() > 2 && node.elements[2].is_text() ? node.elements[2].text : "";
        const auto known =
            std::find_if(map.masters.begin(), map.masters.end(), [&](const SlotOwner& owner) {
                return id.empty() ? owner.announced == address : owner.id == id;
            });
        if (known != map.masters.end()) {
            return *known;
        }
        SlotOwner& owner = map.masters.emplace_back();
        owner.id = id;
        owner.announced = address;
        owner.address = !id.empty() && id == m_asked.id ? m_asked.address : resolve(address);
        return owner;
    }

    [[nodiscard]] std::uint16_t slot(const Reply& reply) const {
        if (!reply.is_integer() || reply.integer < 0 || reply.integer >= k_slots) {
            reject(m_asked, "a slot that is not within 0-16383");
        }
        return static_cast<std::uint16_t>(reply.integer);
    }

    [[nodiscard]] HostPort announced(const Reply& node) const {
        std::string why;
        auto address = address_in(node, why);
        if (!address) {
            reject(m_asked, why);
        }
        return std::move(*address);
    }

    // A node without an address of its own is listed as NULL or "", one that cannot be connected to
    // in the way the asked one was (with TLS, or without) by the port 0.
    /// Nothing, and the reason in `why`, for what is no address.
    [[nodiscard]] static std::optional<HostPort> address_in(const Reply& node, std::string& why) {
        if (!node.is_array() || node.elements.size() < 2) {
            why = "a node without address";
            return std::nullopt;
        }
        const Reply& host = node.elements[0];
        const Reply& port = node.elements[1];
        if (!(host.is_nil() || host.is_text()) || !is_node_host(host.text)) {
            why = "a host that cannot be one";
            return std::nullopt;
        }
        if (!port.is_integer() || port.integer < 0 || port.integer > 65535) {
            why = "a port that is not within 0-65535";
            return std::nullopt;
        }
        return HostPort{host.text, static_cast<std::uint16_t>(port.integer)};
    }

    [[nodiscard]] HostPort resolve(const HostPort& address) const {
        if (const auto mapped = m_node_map.find(address); mapped != m_node_map.end()) {
            return mapped->second;
        }
        if (address.host == "?") {
            throw Error(ExitCode::unreachable,
                        "the cluster does not tell the host of its master on port " +
                            std::to_string(address.port) + " ('?')",
                        "its nodes prefer host names, and this one has none: set "
                        "cluster-announce-hostname there, or give --node-map '" +
                            address.name() + "=HOST:PORT'");
        }
        if (address.port == 0) {
            throw_no_port(address);
        }
        if (address.host.empty()) {
            return {m_asked.address.host, address.port};
        }
        return address;
    }

    [[noreturn]] void throw_no_port(const HostPort& address) const {
        const std::string host = address.host.empty() ? "" : " at " + address.host;
        if (m_asked.uses_tls == UsesTls::no) {
            throw Error(ExitCode::unreachable,
                        "the cluster has a master" + host + " without a port for plain connections",
                        "connect with TLS to one of its nodes: --tls, or rediss:// in the URL");
        }
        throw Error(ExitCode::unreachable,
                    "the cluster has a master" + host + " that announces no port for TLS",
                    "which port a node announces is set there: tls-cluster yes, or "
                    "cluster-announce-tls-port");
    }

    const AskedNode& m_asked;
    const NodeMap& m_node_map;
};

}  // namespace

std::vector<SlotRange> SlotMap::uncovered() const {
    std::vector<bool> covered(k_slots);
    for (const SlotOwner& owner : masters) {
        for (const SlotRange& range : owner.slots) {
            std::fill(covered.begin() + range.first, covered.begin() + range.last + 1, true);
        }
    }
    return slot_ranges([&](std::uint16_t slot) { return !covered[slot]; });
}

SlotMap parse_slot_map(const Reply& reply, const AskedNode& asked, const NodeMap& node_map) {
    return Parser(asked, node_map).parse(reply);
}

}  // namespace cachectl
