// Keys on their way into a server: each with its time to live in the same command or transaction,
// pipelined, and what became of each counted.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dump/encode.hpp"
#include "redis/client.hpp"
#include "util/error.hpp"
#include "walk/paces.hpp"

namespace cachectl {

enum class IfExists { skip, overwrite };

/// skip, overwrite; nothing for any other name.
std::optional<IfExists> parse_if_exists(std::string_view name) noexcept;

/// What became of keys. All in keys, but for `bytes`.
struct WriteCounts {
    std::uint64_t written = 0;
    std::uint64_t skipped = 0;         // existed
    std::uint64_t protected_keys = 0;  // existed, and would have been overwritten
    std::uint64_t failed = 0;          // the server said no
    std::uint64_t unknown = 0;         // sent, and no reply
    std::uint64_t not_attempted = 0;   // handed to us, but never sent
    std::uint64_t bytes = 0;           // names and values of what was written
};

/// What became of one key.
enum class Outcome {
    written,
    existed,
    refused,  // the server said no to this key, and would again
    open,     // refused with all others, or lost, or never sent: it is still to be written
};

/// One key to be written. The views need not outlive the call.
struct KeyWrite {
    std::string_view key;
    const Encoded& value;
    std::optional<std::chrono::milliseconds> ttl;  // absent: the key never expires
    IfExists if_exists = IfExists::skip;
    bool is_protected = false;  // never overwritten, whatever `if_exists` says
    std::uint64_t line = 0;     // of the dump, for messages
    /// Where the key is counted besides the tally; it has to live until the writer has settled.
    WriteCounts* counts = nullptr;
};

/// Of all keys.
struct WriteTally : WriteCounts {
    std::vector<std::string> refused_keys;  // the first few of those that failed by themselves
    std::string refusal;                    // what the server said of the first of them
};

/// A string is one SET with PX. Anything else is one transaction, so that neither half a value nor
/// a value without its TTL can ever be seen or left behind:
///  - overwrite: UNLINK key, HSET key …, PEXPIRE key
///  - skip: HSET temporary …, PEXPIRE temporary, RENAMENX temporary key, UNLINK temporary
/// It stops, and sends no more, at the first error that is not about a single key, and when a
/// reply is lost: a conditional write that may have been executed is not sent again.
class KeyWriter {
public:
    static constexpr std::size_t k_max_keys_in_flight = 4096;
    static constexpr std::size_t k_max_bytes_in_flight = std::size_t{1} << 20;
    static constexpr std::size_t k_refused_keys_kept = 5;
    /// Elements of one HSET, RPUSH, SADD or ZADD; longer values take several in the transaction.
    static constexpr std::size_t k_max_parts = 1000;

    /// With `paces`, write() waits for their leave.
    explicit KeyWriter(Client& client, Paces* paces = nullptr);

    /// Called once for each key, in the order of write(), when its outcome is known. It may send
    /// commands.
    void on_outcome(std::function<void(Outcome)> hook) { m_on_outcome = std::move(hook); }

    /// Sends, and waits for replies while too much is in flight.
    void write(const KeyWrite& write);
    /// Instead: counts the key as not attempted, and tells its outcome in its turn.
    void pass_over(const KeyWrite& write);
    /// Waits for the replies that are due.
    void settle();

    /// Final after settle().
    [[nodiscard]] const WriteTally& tally() const { return m_tally; }
    /// Why it stopped, if it did, and the line of the dump at which that was.
    [[nodiscard]] const std::optional<Error>& stopped() const { return m_stopped; }
    [[nodiscard]] std::uint64_t stopped_line() const { return m_stopped_line; }
    [[nodiscard]] bool out_of_memory() const { return m_out_of_memory; }

private:
    struct Flight {
        std::string key;
        std::uint64_t line = 0;
        std::size_t bytes = 0;  // of key and value
        bool is_protected = false;
        bool overwrites = false;
        WriteCounts* counts = nullptr;
        Reply refusal;  // the first error within its transaction
    };

    void check_transactions(const KeyWrite& write);
    void send_set(const KeyWrite& write, IfExists if_exists, std::string_view ttl);
    void send_transaction(const KeyWrite& write, IfExists if_exists, std::string_view ttl);
    void send_parts(std::string_view key, const Encoded& value);
    void send_within(std::initializer_list<std::string_view> args);
    std::string_view ttl_text(const KeyWrite& write);

    Flight& take_off(const KeyWrite& write, IfExists if_exists);
    void land(Outcome outcome);
    void take_set_reply(const Reply& reply);
    void take_part_reply(Reply reply);
    void take_exec_reply(Reply reply);
    void count(std::uint64_t WriteCounts::*what, WriteCounts* also, std::uint64_t n = 1);
    Outcome count_written();
    Outcome count_existing();
    enum class About { unknown, one_key };
    Outcome take_error(const Reply& reply, About about = About::unknown);
    Outcome take_no_reply(const Reply& reply);
    void stop(const Reply& reply, std::uint64_t line);
    void make_way();

    void wait_for_turn(const KeyWrite& write);

    Client& m_client;
    Paces* m_paces;
    std::vector<Flight> m_flights;  // a ring: the replies come in the order of sending
    std::size_t m_first = 0;
    std::size_t m_in_flight = 0;
    std::size_t m_bytes_in_flight = 0;
    std::size_t m_bytes_since_turn = 0;
    std::string m_suffix;  // of temporary keys
    std::array<char, 24> m_ttl_digits{};
    std::optional<std::chrono::milliseconds> m_ttl;  // whose digits they are
    std::size_t m_ttl_size = 0;
    std::vector<std::string_view> m_args;
    std::function<void(Outcome)> m_on_outcome;
    std::optional<Error> m_stopped;
    std::uint64_t m_stopped_line = 0;
    bool m_out_of_memory = false;
    bool m_transactions_work = false;
    WriteTally m_tally;
};

}  // namespace cachectl
