// Which servers there are, and which of them has which keys.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/slot.hpp"
#include "util/error.hpp"

namespace cachectl {

class Client;

/// A server that holds keys: of a cluster one of its masters.
struct ServerNode {
    std::string name;  // "10.0.0.5:6379"; empty for a single server, which needs no telling apart
    Client* client;
};

/// Slots of a cluster whose keys are out of reach.
struct SlotGap {
    std::vector<SlotRange> slots;
    Error why;                       // names them
    const Client* master = nullptr;  // of nodes(), that is out of reach; nothing: there is none
};

class Topology {
public:
    virtual ~Topology() = default;

    /// Whom to send commands that are about a server and not about a key (SCAN, INFO, DBSIZE,
    /// FLUSHDB …): a single server itself, of a cluster each master by itself. A master that is
    /// out of reach, or not connected to yet, is there too; it answers `unsent`, with the reason.
    [[nodiscard]] virtual std::vector<ServerNode> nodes() = 0;

    /// How many these are, of a cluster; 0 for a single server.
    [[nodiscard]] virtual std::size_t masters() = 0;

    enum class WaitFor {
        all,     // each is connected, or out of reach
        prompt,  // a master that takes much longer than the first goes on connecting meanwhile
    };
    /// Connects to all of nodes() at once, with the slot map read anew if it is thought old.
    virtual void connect_all(WaitFor /*wait*/ = WaitFor::all) {}

    /// The one of nodes() that has the key, as far as is known; the client itself if none is known.
    [[nodiscard]] virtual Client& home_of(std::string_view key) = 0;

    /// The hash slot that the key lives in: keys of one command must share it. 0 for every key
    /// where there are no slots.
    [[nodiscard]] virtual std::uint16_t slot(std::string_view /*key*/) const { return 0; }

    /// Slots of a cluster that no master serves, or one that does not answer.
    [[nodiscard]] virtual std::vector<SlotGap> gaps() { return {}; }

    /// How long to wait for a node that has died, or for the one that takes its place.
    [[nodiscard]] virtual std::chrono::milliseconds failover_patience() const {
        return std::chrono::seconds(30);
    }

    /// Where Sentinels know the server: the one that they name as its name's master by now, if that
    /// is another one. Throws Error if none of them answers.
    [[nodiscard]] virtual std::optional<std::string> successor() { return std::nullopt; }
};

}  // namespace cachectl
