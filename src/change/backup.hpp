// The file of --backup: every key is in it, and on the disk, before it is changed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "change/saved_keys.hpp"
#include "rdb/writer.hpp"
#include "walk/key_ledger.hpp"

namespace cachectl {

/// What a summary says of it.
struct BackupSummary {
    std::string file;
    std::uint64_t bytes = 0;
    std::uint64_t keys = 0;  // in the file
    bool is_whole = true;    // it came to its end; else restore takes its whole batches
    std::string undo;        // the command that does
    std::string undo_note;   // what one has to know of it; empty: nothing
};

class Backup {
public:
    /// Larger values are read in slices, as DUMP would hold the server (MEMORY USAGE, in bytes).
    static constexpr std::uint64_t k_most_dumped = std::uint64_t{100} * 1024;
    /// Values of so many bytes are read together.
    static constexpr std::uint64_t k_portion_bytes = std::uint64_t{128} * 1024;
    /// What is saved is synced together up to so many bytes.
    static constexpr std::uint64_t k_commit_bytes = std::uint64_t{1} << 20;

    /// As RdbWriter, for keys of that database.
    Backup(std::string path, const RdbWriter::About& about, std::uint64_t database,
           SavedFacts facts);

    [[nodiscard]] const SavedFacts& facts() const { return m_facts; }

    /// All of these throw Error(local_io), Error(partial) for an answer that is none.
    void add(const SavedKey& key);
    [[nodiscard]] std::uint64_t uncommitted_bytes() const { return m_file.bytes() - m_committed; }
    void commit();
    void roll_back();

    /// The key has been changed, and was this in the same moment: if that is not what was saved, it
    /// is saved now. Without a value: it was gone. commit() or commit_changed() has to follow.
    void changed(const SavedKey& key);
    /// As commit(), into the room that was held for it where the disk is full.
    void commit_changed();

    /// A key of which changed() will not be told.
    void add_final(const SavedKey& key);
    /// Whether a key of that name was added.
    [[nodiscard]] bool has(const std::string& name) { return m_met.contains(name); }

    /// A key that is saved and changed by itself: from here on until it is kept, as it was
    /// changed, or dropped, as it was not.
    void begin_alone();
    void add_alone(const SavedKey& key);
    /// For a value that comes in pieces: what it is added to, until commit_alone().
    RdbWriter& begin_pieces(const SavedKey& key, RdbType type);
    void commit_alone();
    void keep_alone(const std::string& name) { m_met.note(name); }
    void drop_alone();

    /// Ends the file; one without keys is removed. A key that stands there twice, as it was when it
    /// was saved and as it was when it was changed, is left out the first time.
    BackupSummary finish();
    /// Of one that could not be written on.
    [[nodiscard]] BackupSummary summary();

private:
    struct State {
        std::uint64_t sum;  // at the end of DUMP's answer, which has no expiry
        std::optional<std::chrono::milliseconds> expires_at;
    };
    [[nodiscard]] static State state_of(const SavedKey& key);
    [[nodiscard]] RdbKeyHead head_of(const SavedKey& key) const;

    RdbWriter m_file;
    std::uint64_t m_database;
    SavedFacts m_facts;
    KeyLedger m_met;
    std::unordered_map<std::string, State> m_saved;  // until changed() is told
    std::uint64_t m_committed;
    std::uint64_t m_keys_before = 0;  // begin_alone()
};

}  // namespace cachectl
