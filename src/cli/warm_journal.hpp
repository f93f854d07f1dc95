// Where a warm run stands, kept in its journal, and with --resume what a run before it has done
// already. All that a run writes is a sequence of keys that the same files and options always make
// anew; so a key is known by its place in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dump/source.hpp"
#include "load/inputs.hpp"
#include "load/journal.hpp"
#include "load/key_writer.hpp"

namespace cachectl {

struct JournalOptions {
    bool resume = false;
    std::string file;  // empty: one of this run's own in the state folder
};

class WarmJournal {
public:
    using Say = std::function<void(const std::string& message)>;
    struct Run {
        std::string identity;  // of all that shapes the keys, and where they go
        std::string target;
        std::string state_folder;  // empty: there is none
    };
    /// What the journal tells of the run, all in all.
    struct Counts {
        std::uint64_t records = 0;
        std::uint64_t written = 0;
        std::uint64_t skipped = 0;
    };

    /// Finds the journal, and with --resume reads it. Where none can be kept that is a warning.
    /// Throws Error(usage) if it is of another run, Error(bad_input) if a file has another size
    /// than it had, Error(guard) if a run like this one is at work and this one wants its journal.
    WarmJournal(const JournalOptions& options, const Run& run, const Inputs& inputs, Say warn,
                Say note);

    /// What a run before this one has done; nothing if this one starts at the beginning.
    [[nodiscard]] const std::optional<JournalEntry>& before() const { return m_before; }
    /// Whether keys are passed over because the server has them; known after begin().
    [[nodiscard]] bool resumes() const { return m_before && !m_fills; }
    /// Before the first key, connected to the server that calls itself so.
    void begin(const std::string& run_id);

    /// Around the reading of a file: its digest is kept. Both throw Error(bad_input) if it is not
    /// the one that the run before was reading.
    void begin_input(const Inputs::Facts& facts, Source& source);
    void finish_input();
    /// Instead of the latter, where the reading did not come to its end.
    void leave_input() noexcept;

    enum class Turn {
        write,
        fill,  // was written once, but the server was restarted since: write it if it is missing
        pass,  // is done
    };
    /// For each key, in order. Throws Error(bad_input) as above.
    Turn next_key();
    /// The keys at hand, and the rows that made none, are those of the run before.
    [[nodiscard]] bool catches_up() const;
    /// What became of the keys of which next_key() did not say `pass`, in their order.
    void take(Outcome outcome);

    /// Writes the journal, but not more often than once a second.
    void save_if_due(std::chrono::steady_clock::time_point now, const Counts& counts);
    /// The run has ended before it was complete: writes the journal. True if it can be gone on
    /// with.
    bool save_at_end(const Counts& counts);
    /// All is done: there is nothing to go on with.
    void remove();

private:
    /// So many keys had been made when so much of the files had been read.
    struct Mark {
        std::uint64_t keys = 0;
        std::vector<JournalEntry::Input> inputs;
    };

    void open(const JournalOptions& options, const Run& run);
    void read_before(const Run& run, const Inputs& inputs);
    void check_input();
    [[noreturn]] void refuse_input();
    [[nodiscard]] const JournalEntry::Input* input_before() const;
    void mark();
    void forget_old_marks();
    bool save(const Counts& counts);

    Say m_warn, m_note;
    std::string m_target, m_identity, m_run_id;
    std::optional<Journal> m_journal;
    std::string m_why_none;  // there is no journal
    std::optional<JournalEntry> m_before;
    bool m_fills = false;
    bool m_checked = true;    // what is read is what the run before was reading
    bool m_is_other = false;  // it is not

    std::vector<JournalEntry::Input> m_inputs;  // that have been read, or left
    Inputs::Facts m_facts;                      // of the file at hand
    Source* m_source = nullptr;
    std::uint64_t m_next = 0;          // place of the next key
    std::deque<std::uint64_t> m_sent;  // their outcome is not known
    KeyRanges m_done;
    std::deque<Mark> m_marks;
    std::chrono::steady_clock::time_point m_marked, m_saved;
};

}  // namespace cachectl
