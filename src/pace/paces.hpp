// A pace for each server: every master of a cluster gives its own share of its own time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pace/pace.hpp"
#include "redis/client.hpp"

namespace cachectl {

/// For a single server it is one Pace.
class Paces {
public:
    /// Asks each of the client's servers for its round trip. --max-rate is divided among them.
    Paces(Client& client, PaceOptions options);

    /// For what is sent to the client as a whole: the keys of a list, wherever they are.
    [[nodiscard]] Pace& common() { return *m_entries.front().pace; }
    /// `server`: one of the client's nodes(), the client itself included.
    [[nodiscard]] Pace& of(Client& server);
    /// Of the server that has the key, as far as is known.
    [[nodiscard]] Pace& for_key(std::string_view key) { return of(m_client.home_of(key)); }

    /// None of them has anything that waits to be sent.
    [[nodiscard]] bool idle() const;

    /// Of any of them; see Pace::stopped().
    [[nodiscard]] const std::optional<Error>& stopped() const;

    /// See Pace::on_note; each sentence comes once, whichever servers it is about.
    void on_note(std::function<void(const std::string&)> listener);

    /// See Pace::Hold.
    class Hold {
    public:
        explicit Hold(Paces& paces);

    private:
        std::vector<std::unique_ptr<Pace::Hold>> m_holds;
    };

private:
    struct Entry {
        Client* server;
        std::unique_ptr<Pace> pace;
    };

    Pace& add(Client& server, const PaceOptions& options,
              std::optional<std::chrono::microseconds> round_trip);

    Client& m_client;
    PaceOptions m_share;
    std::vector<Entry> m_entries;  // first that of the client itself
    std::function<void(const std::string&)> m_listener;
    std::vector<std::string> m_noted;
};

}  // namespace cachectl
