// Where a warm run stands, kept in its journal, and with --resume what a run before it has done
// already. All that a run makes of its input is a sequence of events: keys with their values, and
// rejected rows. The journal has digests of it in blocks, so that a run that goes on can tell,
// block by block, whether its input makes the same; what is the same has been done, and the first
// block that differs is where it starts over. What is done is passed over where the server has the
// key still (it is asked), and has what was written: it is the same process with the same history,
// and no later row of the run before has overwritten what an earlier one had written. Otherwise all
// is treated as rows that no run has had.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "warm/bloom_filter.hpp"
#include "warm/content_digest.hpp"
#include "warm/journal.hpp"
#include "warm/key_writer.hpp"
#include "warm/rows/encode.hpp"

namespace cachectl {

struct JournalOptions {
    bool resume = false;
    std::string file;  // empty: one of this run's own in the state folder
};

class WarmJournal {
public:
    using Say = std::function<void(const std::string& message)>;
    struct Run {
        std::string identity;  // of all that shapes the result, and where it goes
        std::string target;
        std::string state_folder;  // empty: there is none
    };
    /// What the journal tells of the run, all in all.
    struct Counts {
        std::uint64_t records = 0;  // but for those whose keys are not done
        std::uint64_t written = 0;
        std::uint64_t skipped = 0;
        std::uint64_t rejected = 0;
    };

    /// Finds the journal, and with --resume reads it. Where none can be kept, or the one that is
    /// there is of another run, that is a warning. Throws Error(usage) if --journal names a file
    /// that is no journal, Error(guard) if it names one that another run has.
    WarmJournal(const JournalOptions& options, const Run& run, Say warn, Say note);

    /// What runs before this one have done; nothing if there is none to go on with, or the input
    /// has turned out to be another one.
    [[nodiscard]] const std::optional<JournalEntry>& before() const { return m_before; }
    /// Whether keys of the run before are passed over because the server has them; known after
    /// begin().
    [[nodiscard]] bool resumes() const { return m_before && m_passes_over; }
    /// Nothing that the run before has done is passed over; before begin().
    void check_again() { m_checks_again = true; }
    /// Keys that are passed over.
    [[nodiscard]] std::uint64_t passed() const { return m_passed; }
    /// Where it is, if there is one.
    [[nodiscard]] std::string path() const { return m_journal ? m_journal->path() : ""; }
    /// Rejected rows that earlier runs have counted, of the input so far.
    [[nodiscard]] std::uint64_t rejected_before() const { return m_rejected_before; }

    /// Before the first key. `servers` are the identities of the masters that are connected;
    /// `skipped_slots` are those whose keys this run will not write.
    void begin(std::vector<std::string> servers, const std::vector<SlotRange>& skipped_slots);
    /// Called before the journal is written: what it says of rejected rows has to be on the disk.
    void on_save(std::function<void()> sync_rejects) { m_sync = std::move(sync_rejects); }

    // --- what is made of the input, in its order

    enum class Seen {
        fresh,   // no run before had it
        hold,    // it may be what the run before had: the end of its block tells
        same,    // so it is, with all that is held
        differs  // it is not, nor is what is held
    };
    Seen see_key(std::size_t dataset, std::string_view key, const Encoded& value);
    Seen see_rejection(std::uint64_t line, std::string_view reason);
    /// What comes next may be what the run before had.
    [[nodiscard]] bool catches_up() const {
        return m_before && m_blocks.size() < m_before->blocks.size();
    }
    /// All has been read: what is still held is not what the run before had.
    void end_of_input();

    /// For each key, in order, when it is known what it is. `same`: it is what the run before had.
    /// True if the run before has done it, and it is to be passed over if the server has it still.
    bool passes(std::string_view key, bool same, IfExists if_exists);
    /// The journal has to be written before the key is: what it says so far would mislead a run
    /// that goes on.
    [[nodiscard]] bool has_to_be_saved() {
        note_rewriting();
        return m_has_to_be_saved;
    }
    /// For each rejected row that the run before had.
    void pass_rejection(std::uint64_t datasets) { m_rejected_before += datasets; }
    /// What became of the keys, in their order. True if it is one that is passed over.
    bool take(Outcome outcome);

    // --- the file

    /// Whether it is time to write the journal: once a second at most, the first time a second
    /// after this was asked first.
    [[nodiscard]] bool is_due(std::chrono::steady_clock::time_point now);
    void save_now(std::chrono::steady_clock::time_point now, const Counts& counts);
    /// The run has ended before it was complete: writes the journal. True if it can be gone on
    /// with.
    bool save_at_end(const Counts& counts);
    /// All is done: there is nothing to go on with.
    void remove();

private:
    void open(const JournalOptions& options, const Run& run);
    void read_before(const Run& run);
    Seen see(std::uint64_t digest, std::size_t bytes);
    void start_over();
    void expect_rewriting(std::string_view key);
    void note_rewriting();
    bool save(const Counts& counts);

    Say m_warn, m_note;
    std::string m_target, m_identity;
    std::vector<std::string> m_servers;
    std::optional<Journal> m_journal;
    std::string m_why_none;  // there is no journal
    std::optional<JournalEntry> m_before;
    bool m_passes_over = false;
    bool m_checks_again = false;
    BloomFilter m_keys;                 // of rows that overwrite
    std::optional<KeyHash> m_next_key;  // that will be added to these
    bool m_rewrites = false;
    bool m_has_to_be_saved = false;
    std::function<void()> m_sync;

    std::vector<JournalBlock> m_blocks;  // complete ones, so far
    JournalBlock m_block;                // the one at hand
    std::size_t m_block_bytes = 0;
    SlotSet m_skipped_slots;         // of this run, and of the one before
    SlotSet m_skipped_slots_before;  // keys that the run before did not write
    std::uint64_t m_next = 0;        // place of the next key
    std::uint64_t m_passed = 0;
    std::uint64_t m_rejected_before = 0;
    struct Sent {
        std::uint64_t index;
        bool passes;
    };
    std::deque<Sent> m_sent;  // their outcome is not known
    KeyRanges m_done;
    std::chrono::steady_clock::time_point m_saved{};
    std::chrono::steady_clock::duration m_between_saves = std::chrono::seconds(1);
};

}  // namespace cachectl
