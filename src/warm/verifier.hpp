// Reads back what has just been written, value and time to live, and compares: in the pipeline of
// the writes, and in bounded memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "pace/paces.hpp"
#include "redis/client.hpp"
#include "redis/retry.hpp"
#include "warm/key_writer.hpp"
#include "warm/read_back.hpp"
#include "warm/stored_value.hpp"

namespace cachectl {

/// In keys. What was not written is in none of them, nor is what was not to be read back.
struct VerifyTally {
    std::uint64_t verified = 0;            // read back, and as written
    std::uint64_t mismatched = 0;          // another value, or another time to live
    std::uint64_t gone = 0;                // deleted or evicted in the meantime
    std::uint64_t expired = 0;             // its time to live was over
    std::uint64_t unread = 0;              // the server would not, or could not, say
    std::vector<std::string> differences;  // of the first few that were mismatched or gone
    std::string refusal;                   // why the first of `unread` was not read

    /// Every key that was read back is there as it was written, or its time was over.
    [[nodiscard]] bool passed() const { return mismatched + gone + unread == 0; }
};

class Verifier {
public:
    static constexpr std::size_t k_max_keys_pending = 4096;
    static constexpr std::size_t k_max_bytes_pending = std::size_t{1} << 20;
    static constexpr std::size_t k_differences_kept = 5;

    /// Reads back this share of the keys, 0..1, chosen at random; with paces, not faster than they
    /// allow.
    Verifier(Client& client, double share, Paces* paces = nullptr,
             std::uint64_t seed = std::random_device{}());

    /// Keys that the server had as they are count as gone too if they are so at the end.
    void let_unchanged_stay() { m_unchanged_have_to_stay = true; }
    /// The writer sends what overwrites only when it has saved what is there.
    void expect_late_writes() { m_writes_are_late = true; }
    /// Before the key is given to the writer; waits while too many are to be read back, or the
    /// value that an earlier row gave this key. Throws Error(refused), before the first key of its
    /// kind, if the user may not read such keys.
    void expect(const KeyWrite& write);
    /// After it. A key that may be overwritten is read at once, before the dump does so, if it has
    /// been sent by then; any other when it is known to be ours.
    void sent();
    /// Instead of both: a key that the writer passes over.
    void pass_over() { m_written.push_back(nullptr); }
    /// What became of the keys, in their order (KeyWriter::on_outcome).
    void take(Outcome outcome);
    /// Waits for all that is to be read back.
    void settle();
    /// The same, but for the key that is expected last: it has yet to be written.
    void settle_but_last();
    /// At the end of the run: whether some of the keys that were right are still there. A cache
    /// that was emptied in between is noticed so.
    void check_at_the_end();

    /// Final after settle().
    [[nodiscard]] const VerifyTally& tally() const { return m_tally; }

private:
    struct Key {
        std::string name;
        StoredValue value;
        std::optional<std::chrono::milliseconds> ttl;
        std::chrono::steady_clock::time_point sent;
        bool overwrites = false;
        bool read_at_once = false;
        bool is_sent = false;
        std::optional<Outcome> outcome;
        std::optional<ReadBack> read;
        Retry retry;

        [[nodiscard]] std::size_t bytes() const { return name.size() + value.bytes(); }
    };
    using KeyPointer = std::shared_ptr<Key>;

    struct LastLook {
        std::string name;
        std::optional<std::chrono::milliseconds> ttl;
        std::chrono::steady_clock::time_point sent;
        bool is_verified;
    };
    static constexpr std::size_t k_last_looks = 100;

    void wait_for_pace(const Key& key);
    void check_rights(const Key& key, EncodeAs as);
    void read_back(const KeyPointer& key);
    void read_piece(const KeyPointer& key);
    void read_ttl(const KeyPointer& key);
    bool wait_and_retry(const KeyPointer& key, const Reply& ttl);
    [[nodiscard]] bool may_be_overwritten(const Key& key) const;
    void keep_for_the_end(const Key& key);
    void release(const Key& key);
    void judge(const Key& key, const Reply& ttl);
    void differ(std::uint64_t VerifyTally::*what, const Key& key, const std::string& how);

    Client& m_client;
    Paces* m_paces;
    double m_share;
    std::mt19937_64 m_random;
    std::deque<KeyPointer> m_written;  // their outcome is not known; null: not to be read back
    KeyPointer m_last;
    std::set<std::string, std::less<>> m_read_again;  // names of keys, after BUSY
    std::set<EncodeAs> m_readable;
    std::size_t m_pending = 0;           // keys that are held
    std::size_t m_bytes = 0;             // of the keys that are held
    std::vector<LastLook> m_last_looks;  // of keys that were right
    bool m_unchanged_have_to_stay = false;
    bool m_writes_are_late = false;
    std::uint64_t m_unchanged = 0;  // unchanged keys that could have become a last look
    VerifyTally m_tally;
};

}  // namespace cachectl
