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

#include "change/backup.hpp"
#include "change/big_keys.hpp"
#include "change/change_tally.hpp"
#include "change/key_command.hpp"
#include "keyspace/key_facts.hpp"
#include "pace/paces.hpp"
#include "redis/client.hpp"
#include "redis/retry.hpp"
#include "util/error.hpp"

namespace cachectl {

/// What a change depends on, to be read again right before it is made.
struct KeyCheck {
    FactsWanted facts;
    std::string_view verb = "UNLINK";  // of what is sent then, for its cost
    /// What is to be sent for a key that exists, for which `asked` was on its way; nothing if it
    /// needs no change (any more), which the callee counts.
    std::function<std::optional<KeyCommand>(const KeyFacts&, const KeyCommand& asked)> decide;
    enum class When {
        always,
        in_doubt,  // the server decides by the command's condition, unless it knows no conditions
    };
    When when = When::always;
    bool before_saving = false;  // to save a key may change what it depends on: before that, too
};

enum class AllowDel { no, yes };
enum class RetryUnknown { no, yes };
/// PEXPIRE … NX, XX, GT, LT. A server that does not know them says so with an error, which is why
/// only those are asked that surely do.
enum class Conditions { unknown, known };
Conditions expiry_conditions(const ServerInfo& server);

struct KeyChangerOptions {
    std::string attempted = "delete keys";  // completes "cannot …"
    AllowDel allow_del = AllowDel::no;      // where UNLINK is unknown or not permitted
    RetryUnknown retry_unknown = RetryUnknown::no;
    std::optional<KeyCheck> check = std::nullopt;
    Backup* backup = nullptr;  // what is changed is saved there first; it outlives the changer
    std::function<void(std::string)> put_off = {};  // takes a key that cannot be saved at once
    Conditions conditions = Conditions::known;      // whether the server has those of PEXPIRE
};

/// Sends as the pace allows; the replies come while the client runs. It stops, and sends no more,
/// at the first error that is not about single keys, and when a reply is lost: a command that may
/// have been executed is sent again only with RetryUnknown::yes.
///
/// Before keys are deleted their sizes are asked for: of a few keys of each batch, and of all of
/// them where some are large. What would hold the server for too long is sent in several commands.
class KeyChanger {
public:
    static constexpr std::size_t k_batch_bytes = 64 * 1024;
    static constexpr std::size_t k_refused_keys_kept = ChangeTally::k_refused_keys_kept;

    KeyChanger(Client& client, Paces& paces, KeyChangerOptions options);

    /// Changes the key as the check decides, or deletes it, together with others of its slot:
    /// send_batch() sends those that still wait.
    void change(std::string key);
    void send_batch();
    void send(KeyCommand command);

    /// Whether keys go through change(), to be looked at before they are changed.
    [[nodiscard]] bool checks_first() const;

    /// As given, or as a server has shown meanwhile.
    [[nodiscard]] Conditions conditions() const { return m_options.conditions; }

    /// Nothing more is sent; the first reason counts.
    void stop(Error reason);
    [[nodiscard]] const std::optional<Error>& stopped() const { return m_stopped; }

    /// Why keys were put off without it being known how large they are, if any were.
    [[nodiscard]] const std::optional<Error>& unmeasured() const { return m_unmeasured; }

    /// The connection has failed under a command, and nobody has called resume() since.
    [[nodiscard]] bool connection_lost() const { return m_connection_lost; }
    /// The connection is a new one: what never left, and what may be repeated, is sent again.
    void resume();
    /// All keys come again: what waits is dropped, and what was counted forgotten.
    void begin_anew();
    /// Connects anew and resumes, or stops.
    void reconnect();

    /// Waits for the replies that are due.
    void finish();

    /// Final after finish().
    [[nodiscard]] ChangeTally tally() const;

    std::function<void()> on_stop;
    /// Called by reconnect() when another process of the server answers.
    std::function<void()> on_other_process;
    /// The server has done a command: none of its keys is as it was.
    std::function<void(const KeyCommand&)> on_done;

private:
    enum class Step {
        sample,   // ask how large some of the keys are
        measure,  // ask how large they all are
        save,     // read what the backup needs
        check,    // ask for what the change depends on, and change
        send,
    };
    struct Flight {
        Step step;
        KeyCommand command;
        Retry retry;
        SteadyTime sent{};
    };
    using FlightPtr = std::shared_ptr<Flight>;

    void begin(KeyCommand command);
    void go_on(KeyCommand command);
    void submit(Step step, KeyCommand command);
    void submit_in_portions(Step step, KeyCommand command);
    [[nodiscard]] Cost cost_of(Step step, const KeyCommand& command) const;
    void transmit_waiting(std::list<Flight>::iterator waiting);
    void transmit(const FlightPtr& flight);
    void transmit_command(const FlightPtr& flight);

    // In key_changer_save.cpp: with a backup.
    [[nodiscard]] bool is_to_be_saved(const KeyCommand& command) const {
        return m_options.backup != nullptr && !command.is_saved;
    }
    void save(const FlightPtr& flight);
    void take_saved(const FlightPtr& flight, SavedKeys saved);
    void add_saved(KeyCommand command, SavedKeys saved);
    void commit_if_due();
    void write_backup(const std::function<void()>& write);
    void send_with_values(const KeyCommand& command, const Client::Callback& keep);
    void transact(const FlightPtr& flight);
    void change_at_once(const FlightPtr& flight);
    void save_changed(const KeyCommand& command, const std::vector<Reply>& answers);
    void take_transaction(const FlightPtr& flight, std::vector<Reply> replies);

    // In key_changer_look.cpp: what is asked before a change is sent.
    [[nodiscard]] Removal removal() const { return m_use_del ? Removal::del : Removal::unlink; }
    void measure(const FlightPtr& flight);
    void take_measured(const FlightPtr& flight, MeasuredKeys measured);
    void take_portions(const KeyCommand& command, MeasuredKeys measured);
    void refuse_measuring(const FlightPtr& flight, const Reply& reply);
    void check(const FlightPtr& flight);
    void take_checked(const FlightPtr& flight, PageFacts page);
    void decide(const KeyCommand& command, const std::vector<KeyFacts>& keys);
    void send_now(KeyCommand command);
    void note_refused(std::string key, const std::string& text);
    void learn_speed(const Flight& flight);

    void take_reply(const FlightPtr& flight, Reply reply);
    void take_count(KeyCommand command, std::uint64_t count);
    void take_error(const FlightPtr& flight, const Reply& reply);
    /// Whether it is to be sent again after a while; then that will happen.
    bool waits_out(const FlightPtr& flight, const Reply& reply);
    void go_on_waiting(const FlightPtr& flight);
    void without_unlink(KeyCommand command, const Reply& reply);
    void without_conditions(KeyCommand command);
    void use_del();
    void begin_waiting_anew();
    void send_one_by_one(KeyCommand command);
    void refuse_keys(KeyCommand command, const Reply& reply);
    void wait();

    Client& m_client;
    Paces& m_paces;
    KeyChangerOptions m_options;
    std::list<Flight> m_waiting;  // for their pace's leave
    std::vector<std::string> m_batch;
    std::size_t m_batch_bytes = 0;
    std::size_t m_outstanding = 0;  // sent, or waiting to be sent again
    bool m_use_del = false;
    bool m_measures = true;  // the server tells sizes
    std::optional<Error> m_unmeasured;
    unsigned m_measure_all = 0;  // batches still to be measured whole, since large keys were seen
    std::size_t m_most_keys = SIZE_MAX;  // of one UNLINK, where the server does not tell sizes
    std::size_t m_saving = 0;            // commands on their way that read for the backup
    std::vector<KeyCommand> m_saved;     // in the backup, and not yet on the disk
    bool m_connection_lost = false;
    std::vector<KeyCommand> m_lost;
    std::vector<Flight> m_unsent;
    std::optional<Error> m_stopped;
    ChangeTally m_tally;
    std::shared_ptr<void> m_asking = std::make_shared<char>();  // for those in m_waiting
};

}  // namespace cachectl
