// Keys on their way into a server: each with its time to live in the same command or transaction,
// pipelined, and what became of each counted.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "change/large_keys.hpp"
#include "keyspace/aside_value.hpp"
#include "pace/paces.hpp"
#include "redis/client.hpp"
#include "redis/retry.hpp"
#include "util/error.hpp"
#include "walk/key_ledger.hpp"
#include "warm/existing_value.hpp"
#include "warm/key_order.hpp"
#include "warm/key_write.hpp"
#include "warm/piecewise.hpp"
#include "warm/rows/encode.hpp"
#include "warm/rows/if_exists.hpp"
#include "warm/stored_value.hpp"

namespace cachectl {

/// A string is one SET with PX, or with others of its TTL one MSETEX. Anything else is one
/// transaction, so that neither half a value nor a value without its TTL can ever be seen or left
/// behind:
///  - overwrite: UNLINK key, HSET key …, PEXPIRE key
///  - skip: EXISTS key, and if it is not there HSET temporary …, PEXPIRE temporary, RENAMENX
///    temporary key, UNLINK temporary
///  - refresh, update: a look (PTTL; GETRANGE; HLEN and then HMGET piece by piece …), and what is
///  not there is written
///    as with skip. What is to be updated is then written as with overwrite. What is to be
///    refreshed is watched (WATCH), looked at again and written in one transaction with others like
///    it, which the server gives up if anybody has touched one of them since; then it is looked at
///    again. Where most keys are refreshed, the look without a watch is left out.
/// A value of many parts is built up aside first, a slice at a time, and one key after the other.
/// What a server refuses because it is busy with a script is sent again. It stops, and sends no
/// more, at the first error that is not about a single key and does not pass, and when a reply is
/// lost: a conditional write that may have been executed is not sent again.
class KeyWriter {
public:
    static constexpr std::size_t k_max_keys_in_flight = 4096;
    static constexpr std::size_t k_max_bytes_in_flight = std::size_t{1} << 20;
    static constexpr std::size_t k_refused_keys_kept = 5;
    /// Elements of one HSET, RPUSH, SADD or ZADD; longer values take several in the transaction.
    static constexpr std::size_t k_max_parts = 1000;
    /// Values of more elements hold the server for too long to be written at once.
    static constexpr std::size_t k_max_parts_at_once = 2000;
    /// Larger values are not copied: write() returns when their reply has come.
    static constexpr std::size_t k_max_bytes_kept = std::size_t{1} << 20;

    [[nodiscard]] static bool is_in_slices(const Encoded& value) {
        return !is_string(value.as) && value.parts.size() > k_max_parts_at_once;
    }

    /// With `paces`, write() waits for their leave.
    explicit KeyWriter(Client& client, Paces* paces = nullptr);

    /// Called once for each key, in the order of write(), when its outcome is known. It may send
    /// commands.
    void on_outcome(std::function<void(Outcome)> hook) { m_on_outcome = std::move(hook); }

    /// Called before a key that an earlier write has just made is written once more.
    void before_rewriting(std::function<void()> hook) { m_before_rewriting = std::move(hook); }

    /// What is overwritten is saved there first, but for refreshed keys; it outlives the writer,
    /// which then needs paces.
    void save_in(Backup& backup, AllowSlowDump allow_slow_dump);

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
    /// A signal came while a large value was built up: it was not written.
    [[nodiscard]] bool interrupted() const { return m_interrupted; }

private:
    // What a command costs besides its key and value, roughly.
    static constexpr std::size_t k_command_overhead = 64;
    // Bounds of m_refreshed_lately: to watch a key costs the server about as much as to look.
    static constexpr int k_refreshed_mostly = 64;
    static constexpr int k_refreshed_most = 128;

    using FlightId = std::uint64_t;
    struct Flight {
        std::string key;
        StoredValue value;                // as long as it may have to be sent again
        const Encoded* source = nullptr;  // instead, of a large one
        std::optional<std::chrono::milliseconds> ttl;
        std::uint64_t line = 0;
        std::size_t bytes = 0;  // of key and value
        bool is_protected = false;
        bool was_written = false;
        IfExists wanted = IfExists::skip;     // unless it is protected
        IfExists treatment = IfExists::skip;  // of a key that exists, protection included
        std::chrono::milliseconds refresh_below{0};
        Existing found = Existing::unknown;  // by the look under WATCH
        int tries = 0;                       // that somebody else's writing has spoilt
        bool differs = false;                // by a look: it is to be updated
        bool is_saved = false;               // what it overwrites, or there is nothing to save
        bool is_in_backup = false;           // what it overwrites
        bool is_in_slices = false;           // too many parts to be written at once
        std::unique_ptr<PiecewiseComparison> comparison;
        WriteCounts* counts = nullptr;
        Reply refusal;  // the first error within its transaction
        std::optional<Outcome> outcome;
        Retry retry;

        [[nodiscard]] IfExists if_exists() const { return treatment; }
        /// Written whatever is there.
        [[nodiscard]] bool overwrites() const {
            return differs || if_exists() == IfExists::overwrite;
        }
        /// A look decides what becomes of it.
        [[nodiscard]] bool is_looked_at() const {
            return if_exists() == IfExists::refresh || if_exists() == IfExists::update;
        }
    };
    /// Keys of one server that exist and are to be refreshed. While some are watched, no other
    /// transaction may be sent there: its EXEC would end the watch.
    struct Replacing {
        Client* server = nullptr;
        std::deque<FlightId> waiting;
        std::vector<FlightId> watched;
        std::size_t looks_due = 0;
        Reply refusal;  // of WATCH
    };

    /// Keys on their way into the backup. What is there is read when it is known how large it is.
    struct Saver {
        Backup& backup;
        AllowSlowDump allow_slow_dump;
        std::size_t reading = 0;  // questions whose answers are due
        std::deque<std::pair<FlightId, std::uint64_t>> measured = {};  // and not yet read: bytes
        std::uint64_t bytes_read = 0;                                  // of those being read
        std::vector<FlightId> uncommitted = {};
        std::vector<FlightId> large = {};  // to be read in pieces, when nothing else is sent
        KeyLedger made{};                  // keys that were not there until this run wrote them
    };

    // In key_writer_saving.cpp: what will be overwritten.
    void save_first(FlightId id);
    [[nodiscard]] bool is_ours(FlightId id);
    void note_made(FlightId id);
    void take_size(FlightId id, const Reply& reply);
    void read_measured();
    void take_saved(FlightId id, std::uint64_t bytes, const SavedKeys& saved);
    void end_saving(FlightId id, const Reply& refused);
    void commit_if_due();
    void write_saved(FlightId id);
    bool save_now(FlightId id);
    void save_large_key(FlightId id);
    void stop(const Error& error, std::uint64_t line);

    // In key_writer_slices.cpp: what is done for one key at a time, in transactions that nothing
    // else of ours may come between.
    /// Runs the client until then, and does that in between.
    void run_until(const std::function<bool()>& finished);
    [[nodiscard]] bool has_work_alone() const;
    void work_alone();
    void write_in_slices(FlightId id);
    [[nodiscard]] std::optional<Reply> add_slices(FlightId id, AsideValue& aside,
                                                  const Encoded& value);
    [[nodiscard]] bool is_to_be_refreshed(FlightId id, Client& at);
    void keep(FlightId id);
    void take_placed(FlightId id, AsideValue& aside, const AsideValue::Placed& placed);
    void give_up(FlightId id, AsideValue& aside, const Reply& refused);

    /// Strings of one TTL that leave in one MSETEX, where the server has it: it does for many what
    /// SET does for each, and writes either all or, where one of them is not to be there and is,
    /// none. Then, and whenever it is refused, each is sent by itself.
    struct Batch {
        bool usable = false;
        std::vector<FlightId> ids = {};
        std::size_t bytes = 0;
        std::uint64_t alone = 0;       // so many of the next ones are sent by themselves
        std::uint64_t next_alone = 0;  // after the next time that one was there
    };

    // In key_writer_batch.cpp.
    bool join_batch(FlightId id, const Encoded& value);
    void send_batch();
    void take_batch_reply(const std::vector<FlightId>& ids, const Reply& reply);
    void send_alone(FlightId id);

    // sending
    void check_transactions(const KeyWrite& write);
    void wait_for_pace(std::string_view key, std::uint64_t line, EncodeAs as,
                       std::span<const std::string_view> parts, std::uint64_t keys);
    FlightId take_off(const KeyWrite& write);
    void send(FlightId id, const Encoded& value);
    void send_value(FlightId id, const Encoded& value);
    void send_set(FlightId id, const Encoded& value);
    void send_value(Client& to, FlightId id, std::span<const std::string_view> args,
                    Client::Callback done);
    void look_whether_it_exists(FlightId id);
    void send_transaction(FlightId id, const Encoded& value);
    void send_parts(Client& to, FlightId id, std::string_view key, const Encoded& value);
    void send_within(Client& to, FlightId id, std::initializer_list<std::string_view> args);
    void send_again(FlightId id);
    void wait_for_large(FlightId id);
    const Encoded& value_of(const Flight& flight, Encoded& copy) const;
    /// Its large value is gone, because the caller was interrupted while it waited for the outcome.
    [[nodiscard]] static bool is_forsaken(const Flight& flight) {
        return flight.source == nullptr && flight.bytes > k_max_bytes_kept;
    }
    void send_waiting();
    std::string_view ttl_text(const Flight& flight);
    void make_way();

    // keys that may be there and have to be replaced
    [[nodiscard]] KeyOrder::Way way_of(const KeyWrite& write) const;
    void wait_for_earlier(const KeyWrite& write);
    void look(FlightId id, Replacing* watched = nullptr);
    void take_look(FlightId id, Replacing* watched, Existing found, const Reply& reply);
    void compare_next_piece(FlightId id);
    void write_now(FlightId id);
    void replace(FlightId id);
    /// Of a key that was absent, and then was there.
    void take_refused_new(FlightId id);
    void refresh(FlightId id);
    void learn_from_look(const Flight& flight, Existing found);
    [[nodiscard]] bool replaces() const;
    void go_on_replacing();
    void begin(Replacing& replacing);
    void decide(Replacing& replacing);
    void send_replacements(Replacing& replacing, const std::vector<FlightId>& ids);
    void take_replacements(Replacing& replacing, const std::vector<FlightId>& ids,
                           const std::vector<std::size_t>& ends, const Reply& exec);
    void take_given_up(Replacing& replacing, const std::vector<FlightId>& ids);
    void retry_or_fail(FlightId id, const Client& at, Reply reply);

    // replies
    [[nodiscard]] Flight& flight(FlightId id) { return m_flights[id % k_max_keys_in_flight]; }
    void finish(FlightId id, Outcome outcome);
    void land();
    void take_existence(FlightId id, const Reply& reply);
    void take_set_reply(FlightId id, const Reply& reply);
    void take_part_reply(FlightId id, Reply reply);
    void take_exec_reply(FlightId id, Reply reply);
    [[nodiscard]] static Reply cause_of(const Flight& flight, const Reply& exec);
    bool wait_and_retry(FlightId id, const Reply& reply);
    bool send_later(FlightId id);
    [[nodiscard]] bool is_overtaken(FlightId id);
    void count(std::uint64_t WriteCounts::*what, WriteCounts* also, std::uint64_t n = 1);
    Outcome count_written(const Flight& flight);
    Outcome count_existing(const Flight& flight);
    Outcome count_kept(const Flight& flight);
    Outcome count_unsent(const Flight& flight);
    enum class About { unknown, one_key };
    [[nodiscard]] static About about_one_value(const Reply& reply);
    Outcome take_error(const Flight& flight, const Reply& reply, About about = About::unknown);
    Outcome take_no_reply(const Flight& flight, const Reply& reply);
    void stop(const Reply& reply, std::uint64_t line);

    Client& m_client;
    Paces* m_paces;
    std::vector<Flight> m_flights;  // a ring
    FlightId m_first = 0;           // the oldest whose outcome has not been reported
    std::size_t m_in_flight = 0;
    std::deque<FlightId> m_waiting;  // for a busy server
    std::unique_ptr<Saver> m_saver;
    Batch m_batch;
    std::map<Client*, Replacing> m_replacing;
    KeyOrder m_order;
    std::size_t m_transactions = 0;  // on their way, but for those that replace
    bool m_is_alone = false;         // no other transaction may be sent, and no key be watched
    std::vector<FlightId> m_in_slices;
    std::deque<FlightId> m_held_back;  // transactions that would end the watch of others
    std::size_t m_bytes_in_flight = 0;
    std::size_t m_bytes_since_flush = 0;
    std::string m_suffix;  // of temporary keys
    std::array<char, 24> m_ttl_digits{};
    std::optional<std::chrono::milliseconds> m_ttl;  // whose digits they are
    std::size_t m_ttl_size = 0;
    std::vector<std::string_view> m_args;
    std::function<void(Outcome)> m_on_outcome;
    std::function<void()> m_before_rewriting;
    std::optional<Error> m_stopped;
    std::uint64_t m_stopped_line = 0;
    bool m_out_of_memory = false;
    bool m_interrupted = false;
    bool m_transactions_work = false;
    bool m_may_look = true;  // the server lets us ask EXISTS
    PiecewiseRights m_piecewise_rights;
    /// Of the looks at keys to be refreshed: one more for each that was to be, one less for others.
    int m_refreshed_lately = 0;
    WriteTally m_tally;
};

}  // namespace cachectl
