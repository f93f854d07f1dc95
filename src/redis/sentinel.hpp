// Asks Sentinels where the master of a name is now, and where its replicas are:
// https://redis.io/docs/latest/develop/reference/sentinel-clients/
// They are believed no further than that: who is given an address has to ask the server itself
// for its role.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "redis/connect.hpp"
#include "redis/connection.hpp"
#include "redis/loop.hpp"
#include "redis/reply.hpp"
#include "redis/sentinel_answers.hpp"
#include "redis/tls.hpp"
#include "redis/uri.hpp"

namespace cachectl {

class Sentinels {
public:
    /// `server` has Sentinels. `timeout` is for all of them together; `tls` may be null if they do
    /// not ask for it, and outlives this.
    Sentinels(Loop& loop, ServerAddress server, std::chrono::milliseconds timeout,
              const TlsContext* tls);
    ~Sentinels();
    Sentinels(const Sentinels&) = delete;
    Sentinels& operator=(const Sentinels&) = delete;

    /// Asks all and returns each address that one of them gives, the most believable first: that
    /// of the latest failover, then that which most of them give. Throws Error(unreachable) if
    /// none answers, which is ServerAway if all are away, Error(usage) if none knows the name,
    /// Error(interrupted) on a signal.
    std::vector<HostPort> masters();

    /// The replicas that a Sentinel considers fit to be read from, the one that is least behind
    /// first; may be none. Throws as masters() does.
    std::vector<HostPort> replicas();

private:
    struct Asked {
        HostPort sentinel;
        std::unique_ptr<StreamConnect> stream;  // while it is being connected to
        std::unique_ptr<Connection> connection;
        Reply login;
        SentinelAnswer answer;
        std::string failure;   // why there is no answer
        bool is_away = false;  // it cannot be reached at the moment
    };

    void ask();
    void connect(Asked& asked);
    void send_questions(Asked& asked);
    [[nodiscard]] std::chrono::milliseconds share() const;
    [[nodiscard]] std::vector<const SentinelAnswer*> answers() const;
    void check_answers() const;

    Loop& m_loop;
    ServerAddress m_server;
    std::chrono::milliseconds m_timeout;
    const TlsContext* m_tls;
    std::deque<Asked> m_asked;
};

}  // namespace cachectl
