// A small keyspace on a server, or on three masters of a cluster, that clients reach through relays
// which cut connections (cut_relay.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/cut_relay.hpp"
#include "support/fault_stage.hpp"
#include "support/resp_client.hpp"

namespace cachectl::test {

class CutCache {
public:
    using Words = std::vector<std::string>;

    CutCache() = default;
    CutCache(const CutCache&) = delete;
    CutCache& operator=(const CutCache&) = delete;
    virtual ~CutCache() = default;

    /// "server", "cluster", for the names of failed runs.
    [[nodiscard]] virtual std::string name() const = 0;
    /// The words, with those that lead to the first relay.
    [[nodiscard]] Words with_address(Words words) const;

    /// Empties it, and writes seventeen keys of several types, ten of which are "course:…".
    void fill();
    [[nodiscard]] Keyspace keyspace();

    /// One for each master.
    [[nodiscard]] std::size_t relays() const { return m_relays.size(); }
    [[nodiscard]] CutRelay& relay(std::size_t index) { return *m_relays[index]; }
    /// All pass everything on until the next call, but for what one of them is to do.
    void arm_all();
    /// Waits until what all of them have passed on is done.
    void settle_all();

protected:
    /// Before the server is there, whose address it may have to know.
    CutRelay& add_relay(Wire wire = Wire::resp);
    void add_master(RespClient client) { m_masters.push_back(std::move(client)); }
    void set_options(Words options) { m_options = std::move(options); }

private:
    /// In a cluster the masters have equal ranges of slots.
    RespClient& master_of(const std::string& key);

    std::vector<RespClient> m_masters;
    std::vector<std::unique_ptr<CutRelay>> m_relays;
    Words m_options;
};

std::unique_ptr<CutCache> cut_server();
std::unique_ptr<CutCache> cut_tls_server();
/// Three masters without replicas, which announce the relays' ports.
std::unique_ptr<CutCache> cut_cluster();
std::unique_ptr<CutCache> cut_tls_cluster();

}  // namespace cachectl::test
