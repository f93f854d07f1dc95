// A Client without a server: records every command, answers from a small keyspace or as told.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "redis/client.hpp"
#include "redis/info.hpp"

namespace cachectl::test {

struct FakeKey {
    std::string type = "string";
    std::string value;
    std::optional<std::int64_t> ttl_ms;
    std::int64_t size_bytes = 64;
    std::int64_t idle_s = 0;
    bool is_shared = false;  // a small number, one object for all keys that have it
};

class FakeClient : public Client {
public:
    using Args = std::vector<std::string>;
    using Handler = std::function<Reply(const Args&)>;

    /// What a server would hold; changed by the commands that change (UNLINK, SET, PEXPIRE …).
    std::map<std::string, FakeKey> keys;
    std::size_t scan_page = 1000;  // keys a page
    ServerInfo info;
    bool tells_info = true;        // run_with() lets it tell of its memory, if `info` has no INFO
    std::uint64_t connection = 1;  // another number: it was made anew without being asked
    bool reconnects = true;        // reconnect() throws if not
    bool same_server_after_reconnect = true;
    std::optional<std::string> new_master;  // that Sentinels name by now

    FakeClient();

    /// Answers every command of that name (upper case) instead of the keyspace.
    void on(const std::string& name, Handler handler) { m_handlers[name] = std::move(handler); }

    /// The same reply each time.
    void answer(const std::string& name, const Reply& reply) {
        on(name, [reply](const Args&) { return reply; });
    }

    [[nodiscard]] Handler handler(const std::string& name) const { return m_handlers.at(name); }

    /// All commands so far as single lines: "SCAN 0 COUNT 500". Without the PINGs with which the
    /// pace takes the round trip.
    [[nodiscard]] std::vector<std::string> lines() const;
    /// How many of them begin with `prefix`.
    [[nodiscard]] std::size_t count(const std::string& prefix) const;

    using Client::send;
    void send(std::span<const std::string_view> args, Callback done) override;
    void send(std::span<const std::string_view> args,
              const std::shared_ptr<ReplySink>& sink) override;
    void when_answered(std::function<void()> action) override;
    [[nodiscard]] std::size_t pending() const override { return m_sent - m_answered; }
    void after(std::chrono::microseconds delay, std::function<void()> action) override;
    /// Time passes only when there is nothing to do but to wait for a timer.
    [[nodiscard]] SteadyTime now() const override { return m_now; }
    [[nodiscard]] SteadyTime::duration held_up() const override { return {}; }
    void run_until(const std::function<bool()>& finished) override;
    bool reconnect() override;
    [[nodiscard]] ReplyOrigin origin() const override { return {connection, info.run_id}; }
    [[nodiscard]] const ServerInfo& server() const override { return info; }

    std::size_t reconnect_calls = 0;

    /// Answers the oldest command that waits; false if there is none.
    virtual bool answer_next();

private:
    Reply answer(const Args& args);
    Reply answer_from_keyspace(const std::string& name, const Args& args);
    Reply set_many(const Args& args);
    Reply scan(const Args& args);

    std::vector<Args> m_commands;
    std::map<std::string, Handler> m_handlers;
    std::deque<std::pair<Args, Callback>> m_queue;
    std::size_t m_sent = 0;
    std::size_t m_answered = 0;
    std::deque<std::pair<std::size_t, std::function<void()>>> m_when_answered;
    std::multimap<SteadyTime, std::function<void()>> m_timers;
    SteadyTime m_now{std::chrono::hours(1)};
};

/// How a command is run: which streams are terminals and what the person there answers.
struct RunOptions {
    bool terminal = false;             // stdin, stdout and stderr are one, 80 columns, no colours
    std::vector<std::string> answers;  // to the questions, in order; then end of input
    std::map<std::string, std::string> environment;
    std::chrono::system_clock::time_point wall_now{std::chrono::seconds(1'700'000'000)};
    std::function<SteadyTime()> now;            // empty: the real clock
    std::function<void()> on_question = [] {};  // while one stands
};

struct RunResult {
    int code = -1;
    std::string out;
    std::string err;
    std::vector<std::string> questions;
    bool connected = false;
};

/// Runs `cachectl ARGS` in this process with `client` as its server.
RunResult run_with(FakeClient& client, std::vector<std::string> args, RunOptions options = {});

}  // namespace cachectl::test
