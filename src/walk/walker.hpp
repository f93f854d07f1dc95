// SCAN over one server, page by page, at a pace, through lost connections and restarts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pace/pace.hpp"
#include "redis/client.hpp"
#include "redis/retry.hpp"
#include "util/error.hpp"
#include "util/lifetime.hpp"
#include "walk/completeness.hpp"
#include "walk/cursor.hpp"
#include "walk/cursor_kind.hpp"
#include "walk/duplicates.hpp"
#include "walk/endlessness.hpp"
#include "walk/page_size.hpp"

namespace cachectl {

enum class WalkMode {
    automatic,    // in partitions where that is faster and the server's cursors are known
    plain,        // one cursor after the other: all that SCAN promises, on any server
    partitioned,  // in partitions, or not at all
};

/// After a restart the server's keys come from the beginning.
enum class AfterRestart {
    all_again,  // for what is counted anew
    new_ones,   // for what cannot be taken back: those already met are left out, if remembered
};

struct ScanOptions {
    std::string match;   // a glob for the server to apply; empty: every key
    std::string type;    // "hash": only keys of this type; empty: any
    unsigned count = 0;  // COUNT at most; 0: as the pace has it
    WalkMode mode = WalkMode::automatic;
    /// With `partitioned`: 2^bits partitions, however few keys there are; absent: as many as pay.
    std::optional<unsigned> partition_bits = std::nullopt;
    Remember remember = Remember::what_fits;
    std::size_t what_fits = Duplicates::k_what_fits;
    AfterRestart after_restart = AfterRestart::all_again;
    /// Of a cluster's node: the slots whose keys are wanted, or none for all. Others may come too.
    SlotSet slots = {};
};

/// How a walk ended. Every key that was there from its start to its end was seen if `complete`.
struct WalkOutcome {
    std::uint64_t keys = 0;   // that the pages brought, each once
    unsigned restarts = 0;    // begun anew: another server process answered
    bool redone = false;      // begun anew: the walk in partitions had missed keys
    bool may_repeat = false;  // begun anew, and not all keys were remembered
    bool complete = false;
    bool interrupted = false;      // by a signal
    std::optional<Error> failure;  // why it is not complete
};

struct ScanPage {
    std::vector<std::string> keys;  // none that an earlier page had
    std::size_t partition = 0;
    bool filtered = true;  // the server has applied `match` and `type`
};

/// A walk asks for the page behind one it has got as soon as the pace allows, in the same write as
/// what the page's handler has sent: follow-up commands cost no round trip.
///
/// In partitions the walk is several such walks side by side, so that a long link is full. The
/// keys of all of them, or where the server filters, of one, are then held against what the server
/// counts; should keys be missing, the walk begins anew in one piece.
class Walker {
public:
    /// Gets each page. Replies to what it sends through the pace come before the partition's next.
    using PageHandler = std::function<void(ScanPage)>;

    Walker(Client& client, Pace& pace, ScanOptions options);

    /// Walks to the end, to stop(), to a signal or to a failure that retries do not mend.
    /// Throws Error(refused) for WalkMode::partitioned on a server whose cursors are not known.
    WalkOutcome run(const PageHandler& on_page);

    // The steps of run(), for walks of several servers side by side: run the loop until one of them
    // has paused, and call its go_on(), until that is false.

    void begin(const PageHandler& on_page);
    [[nodiscard]] bool has_paused() const;
    bool go_on();
    WalkOutcome finish();

    /// No further pages; from within the handler or a reply.
    void stop() { m_stopped = true; }

    /// A follow-up of the partition's latest page was lost with the connection: after the
    /// reconnect, the page is fetched once more.
    void repeat_page(std::size_t partition);

    /// 0..1, by the cursors; 0 where the server's cursors do not tell.
    [[nodiscard]] double fraction() const;
    /// Keys that the pages so far have gone over, about: the sum of their COUNTs.
    [[nodiscard]] std::uint64_t looked_at() const;
    [[nodiscard]] std::size_t partitions() const { return m_lanes.size(); }

    /// Called before a walk goes on over a new connection, or begins anew over this one: true if
    /// from the start.
    std::function<void(bool from_start)> on_resume;
    /// Gets a sentence when the walk takes another way than it should.
    std::function<void(const std::string&)> on_note;

private:
    /// The walk through one partition.
    struct Lane {
        std::optional<Partition> part;  // none: the whole keyspace, the cursor opaque
        bool whole = false;             // the only one: `part` does no more than tell how far it is
        std::string cursor;
        std::string page_cursor;  // what the latest page was asked for with
        bool filtered = true;
        bool in_hand = false;  // its next request is on its way, or waits for its turn
        bool ended = false;
        bool repeat = false;
        double fraction = 0;
        std::uint64_t asked = 0;  // the sum of COUNT
        Retry retry;              // of its latest request
    };

    void plan();
    [[nodiscard]] unsigned partition_bits() const;
    void begin(unsigned bits);
    void scan_all();
    void scan(std::size_t lane);
    Pace::Sent send_scan(std::size_t lane, double room);
    [[nodiscard]] unsigned most_for(const Lane& lane) const;
    [[nodiscard]] unsigned count_for(const Lane& lane, double room) const;
    [[nodiscard]] bool asks_for_type() const { return m_knows_types && !m_options.type.empty(); }
    void take_reply(std::size_t lane, unsigned count, Reply reply);
    void take_page(std::size_t lane, unsigned count, Reply reply);
    void look_for_an_end(unsigned count, std::string_view cursor, const std::vector<Reply>& keys);
    void fail(Error failure);
    static Error lost_for_good(std::string_view why);
    void retry_later(std::size_t lane, const Reply& reply);
    [[nodiscard]] bool ended() const;
    [[nodiscard]] bool is_another_process() const;
    [[nodiscard]] std::string next_place() const;
    bool resume();
    void restart(unsigned bits);
    void begin_check(CursorKind cursors);
    [[nodiscard]] bool all_were_met();

    Client& m_client;
    Pace& m_pace;
    ScanOptions m_options;
    const PageHandler* m_on_page = nullptr;
    WalkOutcome m_outcome;
    std::vector<Lane> m_lanes;
    Duplicates m_duplicates;
    PageSize m_page_size;
    Endlessness m_endlessness;
    std::uint64_t m_size_before = 0;           // DBSIZE
    std::optional<CompletenessCheck> m_check;  // of a walk in partitions
    unsigned m_life = 0;                       // replies to an earlier one are nobody's
    bool m_knows_types = true;                 // the server takes SCAN … TYPE
    bool m_stopped = false;
    bool m_refused = false;
    bool m_connection_lost = false;
    std::string m_run_id;  // of the process that the cursors are of; empty: it does not tell
    std::optional<Pace::Hold> m_hold;  // while a connection is being made
    std::string m_resumed_at;          // next_place() after the latest reconnect
    unsigned m_resumes_there = 0;
    Lifetime m_lifetime;
};

}  // namespace cachectl
