// Commands that change keys, on their way to the server and back: what became of each key is
// known in the end, or known to be unknown.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/client.hpp"
#include "safety/weigh.hpp"
#include "util/error.hpp"
#include "walk/paces.hpp"

namespace cachectl {

/// A command on one or more keys whose reply is how many of them it changed.
struct KeyCommand {
    std::string_view verb;  // "UNLINK", "PEXPIRE", "PERSIST": text that outlives the command
    std::vector<std::string> keys;
    std::string argument;  // behind the keys; empty: none
    double more_cost = 0;  // for the server, besides what the verb costs it for each key
};

struct ChangeTally {
    std::uint64_t changed = 0;
    std::uint64_t vanished = 0;       // gone when the command came
    std::uint64_t failed = 0;         // the server said no
    std::uint64_t unknown = 0;        // sent, and no reply
    std::uint64_t not_attempted = 0;  // handed to us, but never sent
    /// Some keys were sent twice because the first reply was lost: `changed` may be too low.
    bool changed_is_lower_bound = false;
    std::vector<std::string> refused_keys;  // the first few of the failed ones
    std::string refusal;                    // what the server said of the first of them
    std::uint64_t too_large = 0;            // for DEL; some of the failed ones
    std::vector<std::string> large_keys;    // the first few of those
};

enum class AllowDel { no, yes };
enum class RetryUnknown { no, yes };

struct KeyChangerOptions {
    std::string attempted = "delete keys";  // completes "cannot …"
    AllowDel allow_del = AllowDel::no;      // where UNLINK is unknown or not permitted
    RetryUnknown retry_unknown = RetryUnknown::no;
};

/// Sends as the pace allows; the replies come while the client runs. It stops, and sends no more,
/// at the first error that is not about single keys, and when a reply is lost: a command that may
/// have been executed is sent again only with RetryUnknown::yes.
class KeyChanger {
public:
    static constexpr std::size_t k_batch_bytes = 64 * 1024;
    static constexpr std::size_t k_refused_keys_kept = 5;

    KeyChanger(Client& client, Paces& paces, KeyChangerOptions options);

    /// Deletes the key, in one UNLINK with others of its slot: send_batch() sends those that still
    /// wait.
    void unlink(std::string key);
    void send_batch();
    void send(KeyCommand command);

    /// Nothing more is sent; the first reason counts.
    void stop(Error reason);
    [[nodiscard]] const std::optional<Error>& stopped() const { return m_stopped; }

    /// The connection has failed under a command, and nobody has called resume() since.
    [[nodiscard]] bool connection_lost() const { return m_connection_lost; }
    /// The connection is a new one: what never left, and what may be repeated, is sent again.
    void resume();
    /// Connects anew and resumes, or stops. Not from within a reply.
    void reconnect();

    /// Waits for the replies that are due.
    void finish();

    /// Final after finish().
    [[nodiscard]] ChangeTally tally() const;

    std::function<void()> on_stop;
    /// The server has done a command: none of its keys is as it was.
    std::function<void(const KeyCommand&)> on_done;

private:
    struct Flight {
        KeyCommand command;
        std::chrono::milliseconds waited{};  // for a BUSY server
    };

    void transmit_waiting(std::list<KeyCommand>::iterator waiting);
    void transmit(const std::shared_ptr<Flight>& flight);
    void send_weighing(KeyCommand command);
    void weigh(const std::shared_ptr<Flight>& flight);
    void take_weighed(const std::shared_ptr<Flight>& flight, WeighedKeys weighed);
    void delete_weighed(WeighedKeys weighed);
    void take_reply(const std::shared_ptr<Flight>& flight, Reply reply);
    void take_error(const std::shared_ptr<Flight>& flight, const Reply& reply);
    /// Whether it is to be sent again after a while; then that will happen.
    bool waits_out(const std::shared_ptr<Flight>& flight, const Reply& reply);
    void without_unlink(KeyCommand command, const Reply& reply);
    void use_del();
    void send_one_by_one(KeyCommand command);
    void refuse_keys(KeyCommand command, const Reply& reply);
    void wait();

    Client& m_client;
    Paces& m_paces;
    KeyChangerOptions m_options;
    std::list<KeyCommand> m_waiting;  // for their pace's leave
    KeyCommand m_batch;
    std::size_t m_batch_bytes = 0;
    std::size_t m_outstanding = 0;  // sent, or waiting to be sent again
    bool m_use_del = false;
    bool m_connection_lost = false;
    std::vector<KeyCommand> m_lost;
    std::vector<KeyCommand> m_unsent;
    std::optional<Error> m_stopped;
    ChangeTally m_tally;
    std::shared_ptr<void> m_asking = std::make_shared<char>();  // for those in m_waiting
};

}  // namespace cachectl
