// The keys of single slots, each slot's at once (CLUSTER GETKEYSINSLOT), at the pace of the nodes
// that hold them.
#pragma once

#include <string>
#include <vector>

#include "pace/paces.hpp"
#include "redis/client.hpp"

namespace cachectl {

class SlotLister {
public:
    SlotLister(Client& cluster, Paces& paces) : m_cluster(cluster), m_paces(paces) {}

    /// The server does not know the command, or the user may not use it.
    [[nodiscard]] bool is_refused() const { return m_refused; }
    /// Slots that have turned out to have more keys than a server should list at once.
    [[nodiscard]] const SlotSet& large() const { return m_large; }

    /// Waits until the pace of each of the masters lets something leave, so that what is asked next
    /// need not wait for long. Not when it has stopped, nor for a signal.
    void await_turn();

    /// The first of these slots: as many as one node may be asked for at once.
    [[nodiscard]] SlotSet some_of(const SlotSet& slots, Client& node) const;

    struct Part {
        Client& node;
        SlotSet slots;                  // what to list; then, what has been listed
        std::vector<std::string> keys;  // of those slots
    };
    /// Asks all of the nodes at once. What is lost, refused or large is not listed; nor is what
    /// is still to come when a pace has stopped, or a signal comes.
    void list(std::vector<Part>& parts);

private:
    [[nodiscard]] double keys_expected() const;

    Client& m_cluster;
    Paces& m_paces;
    SlotSet m_large;
    bool m_refused = false;
    std::uint64_t m_slots_listed = 0;
    std::uint64_t m_keys_listed = 0;
};

}  // namespace cachectl
