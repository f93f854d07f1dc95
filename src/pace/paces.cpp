#include "pace/paces.hpp"

#include <algorithm>

namespace cachectl {

Paces::Paces(Client& client, PaceOptions options) : m_client(client), m_share(options) {
    add(client, options, std::nullopt);
    client.connect_all(Client::WaitFor::prompt);
    const std::vector<ServerNode> nodes = client.nodes();
    if (options.max_rate && !nodes.empty()) {
        m_share.max_rate = std::max<std::uint64_t>(1, *options.max_rate / nodes.size());
    }
    for (const ServerNode& node : nodes) {
        // One that takes long to connect to gets its pace when it is there.
        if (node.client == &client || node.client->connecting()) {
            continue;
        }
        add(*node.client, m_share, std::nullopt);
    }
}

Pace& Paces::add(Client& server, const PaceOptions& options,
                 std::optional<std::chrono::microseconds> round_trip) {
    m_entries.push_back({&server, std::make_unique<Pace>(server, options, round_trip)});
    Entry& entry = m_entries.back();
    entry.pace->on_note = [this](const std::string& sentence) {
        if (std::find(m_noted.begin(), m_noted.end(), sentence) != m_noted.end()) {
            return;
        }
        m_noted.push_back(sentence);
        if (m_listener) {
            m_listener(sentence);
        }
    };
    return *entry.pace;
}

Pace& Paces::of(Client& server) {
    for (const Entry& entry : m_entries) {
        if (entry.server == &server) {
            return *entry.pace;
        }
    }
    // One that has joined the cluster, or taken a master's place, or was late. It cannot be asked
    // in the midst of a reply, and is hardly farther away than the others.
    return add(server, m_share, m_entries.back().pace->round_trip());
}

bool Paces::idle() const {
    return std::all_of(m_entries.begin(), m_entries.end(),
                       [](const Entry& entry) { return entry.pace->idle(); });
}

const std::optional<Error>& Paces::stopped() const {
    for (const Entry& entry : m_entries) {
        if (entry.pace->stopped()) {
            return entry.pace->stopped();
        }
    }
    return m_entries.front().pace->stopped();
}

void Paces::on_note(std::function<void(const std::string&)> listener) {
    m_listener = std::move(listener);
}

Paces::Hold::Hold(Paces& paces) {
    for (const Entry& entry : paces.m_entries) {
        m_holds.push_back(std::make_unique<Pace::Hold>(*entry.pace));
    }
}

}  // namespace cachectl
