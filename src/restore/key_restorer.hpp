// Keys of an RDB file on their way back into a server: RESTORE, pipelined, for most; what is large
// is built up in slices under another name and then renamed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keyspace/aside_value.hpp"
#include "pace/paces.hpp"
#include "rdb/backup_file.hpp"
#include "rdb/reader.hpp"
#include "redis/client.hpp"
#include "redis/retry.hpp"
#include "util/error.hpp"
#include "util/time.hpp"

namespace cachectl {

struct RestoreOptions {
    bool replace = false;         // what exists is overwritten
    bool allow_eviction = false;  // where they do not fit under maxmemory
    bool any_version = false;     // payloads are given the version that the server takes
    bool dry_run = false;  // keys are looked for, and those that are not there count as restored
};

/// In keys.
struct RestoreTally {
    std::uint64_t restored = 0;
    std::uint64_t overwritten = 0;     // of a dry run: of these, what exists
    std::uint64_t exists = 0;          // and was left as it is
    std::uint64_t protected_keys = 0;  // existed, and would have been overwritten
    std::uint64_t expired_since = 0;   // their time is over
    std::uint64_t failed = 0;          // the server said no to this key
    std::uint64_t unknown = 0;         // sent, and no reply
    std::uint64_t not_attempted = 0;
    std::uint64_t bytes = 0;  // of values that were restored, as they stand in the file
    std::map<std::string, std::uint64_t> reasons;  // of those that failed: what the server said
    std::vector<std::string> failed_keys;          // the first few
};

class KeyRestorer {
public:
    static constexpr std::size_t k_most_keys_in_flight = 512;
    static constexpr std::size_t k_most_bytes_in_flight = std::size_t{1} << 20;
    /// Larger values of types that can be sliced are.
    static constexpr std::uint64_t k_most_whole_bytes = 100 * 1024;
    static constexpr std::size_t k_failed_keys_kept = 5;
    static constexpr std::size_t k_reasons_kept = 20;

    using WallClock = std::function<WallTime()>;  // what time it is by the server's clock

    /// `version` is the file's. The file and the client have to outlive it.
    KeyRestorer(Client& client, Paces& paces, const RdbFile& file, int version,
                RestoreOptions options, WallClock now);

    /// Sends the key, and waits while too much is in flight. A `spared` one is left as it is where
    /// it exists, also with `replace`.
    void restore(const RdbKey& key, bool spared);
    /// Waits for all replies.
    void settle();

    [[nodiscard]] const RestoreTally& tally() const { return m_tally; }
    /// Why no more is sent, if nothing is.
    [[nodiscard]] const std::optional<Error>& stopped() const { return m_stopped; }
    /// With any_version: the version that was put in the file's place, once a server has taken it.
    [[nodiscard]] std::optional<int> other_version() const;

private:
    struct Flight {
        std::string name;
        RdbType type = RdbType::string;
        std::string value;
        std::vector<std::string> words;  // of RESTORE, behind the payload
        std::optional<std::chrono::milliseconds> expires_at;
        int version = 0;
        bool spared = false;
        Retry retry;
    };
    using FlightPointer = std::shared_ptr<Flight>;

    void look(const RdbKey& key, bool spared);
    void restore_whole(const RdbKey& key, bool spared);
    void send(const FlightPointer& flight);
    void take(const FlightPointer& flight, const Reply& reply);
    bool send_again(const FlightPointer& flight, const Reply& reply);
    void land(const Flight& flight);

    // In key_restorer_slices.cpp.
    void restore_in_slices(const RdbKey& key, bool spared);
    [[nodiscard]] std::optional<Reply> check_transactions(AsideValue& aside);
    void count_existing(bool spared);
    [[nodiscard]] bool replaces(bool spared) const { return m_options.replace && !spared; }
    [[nodiscard]] std::optional<Reply> add_slices(const RdbKey& key, AsideValue& aside);
    [[nodiscard]] AsideValue::Placed place(const RdbKey& key, AsideValue& aside, bool replace);
    void give_up(const RdbKey& key, AsideValue& aside, const Reply& failure);

    [[nodiscard]] bool is_over(const std::optional<std::chrono::milliseconds>& expires_at) const {
        return expires_at && *expires_at <= m_now().time_since_epoch();
    }
    void wait_for_pace(const RdbKey& key, std::uint64_t bytes, std::uint64_t keys);
    void fail(std::string_view name, const Reply& reply);
    [[nodiscard]] static bool is_about_one_key(const Reply& reply);
    void stop(const Reply& reply);

    Client& m_client;
    Paces& m_paces;
    const RdbFile& m_file;
    int m_version;  // of payloads
    int m_file_version;
    RestoreOptions m_options;
    WallClock m_now;
    std::size_t m_in_flight = 0;
    std::size_t m_bytes_in_flight = 0;
    std::string m_suffix;  // of temporary keys
    bool m_transactions_work = false;
    std::optional<Error> m_stopped;
    RestoreTally m_tally;
};

}  // namespace cachectl
