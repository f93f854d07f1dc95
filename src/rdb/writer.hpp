// A backup while it is written: an RDB file of batches, each synced to the disk before anything
// that it holds is changed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rdb/format.hpp"
#include "util/file_descriptor.hpp"
#include "util/sha256.hpp"

namespace cachectl {

/// What stands before a key's value.
struct RdbKeyHead {
    std::uint64_t database = 0;
    std::string_view name;
    std::optional<std::chrono::milliseconds> expires_at;  // since 1970, UTC
    std::optional<std::chrono::seconds> idle;
    std::optional<std::uint8_t> frequency;
};

class RdbWriter {
public:
    /// Room on the disk that is held behind what is committed, for what may still have to be added
    /// about keys that are being changed. Given back in the end.
    static constexpr std::uint64_t k_reserved_bytes = std::uint64_t{8} << 20;

    using About = std::vector<std::pair<std::string, std::string>>;

    /// Makes the file and syncs its name; only its owner can read it; never over another, nor
    /// through a link. `about` becomes AUX fields. Throws Error(local_io), as everything below does
    /// when it cannot be written.
    RdbWriter(std::string path, const About& about);
    ~RdbWriter();
    RdbWriter(const RdbWriter&) = delete;
    RdbWriter& operator=(const RdbWriter&) = delete;

    /// A key with what DUMP has answered: type and value, and behind it a version and a sum, which
    /// are checked. Throws Error(partial) if that is no such payload.
    void add(const RdbKeyHead& head, std::string_view dumped);

    /// What will be added is of that version of the format.
    void needs(int version) { m_version = std::max(m_version, version); }

    /// A key whose value follows in pieces: strings, one after the other, of which a type has so
    /// many as its length says (a hash two a field, a set one); scores are 8 bytes behind theirs.
    void begin(const RdbKeyHead& head, RdbType type);
    void add_length(std::uint64_t length);
    void add_string(std::string_view text);
    void add_score(double score);
    /// A part of the value as it is.
    void add_bytes(std::string_view bytes);

    /// Makes sure that there is room for so much more than what was added. Throws where the disk is
    /// too full for that; what is added all the same may still fit.
    void reserve();
    /// Ends a batch of `keys` since the one before. After it they are on the disk; where that fails
    /// the file can still be read up to here, and finish() will fail as well.
    void commit();
    /// Takes back all since the last commit().
    void roll_back();
    /// Takes back the last batch, too: once after a commit().
    void take_back_batch();
    /// Behind the last commit(): the file is complete and on the disk.
    void finish();

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] std::uint64_t bytes() const { return m_written + m_pending.size(); }
    [[nodiscard]] std::uint64_t keys() const { return m_keys; }

private:
    void sync_name() const;
    void give_back();
    void begin_key(const RdbKeyHead& head);
    void write_out();
    void end_batch();
    void replace_version();
    void write_at(std::string_view bytes, std::uint64_t offset);
    [[nodiscard]] std::string beginning() const;
    [[noreturn]] void fail(const char* what) const;

    /// What is in the file as whole batches, and can be gone back to.
    struct Committed {
        std::uint64_t written = 0;
        std::uint64_t crc = 0;
        std::optional<std::uint64_t> database;
        int version = 0;
        std::uint64_t keys = 0;
        std::uint64_t batches = 0;
    };

    std::string m_path;
    About m_about;
    FileDescriptor m_fd;
    std::string m_pending;        // not yet written
    std::uint64_t m_written = 0;  // bytes in the file
    std::uint64_t m_crc = 0;
    Sha256 m_digest;
    std::optional<std::uint64_t> m_database;
    Committed m_committed;
    Committed m_before_batch;  // what m_committed was before the last commit()
    std::uint64_t m_keys = 0;
    std::uint64_t m_keys_of_batch = 0;
    int m_sync_error = 0;  // errno of the first that failed
    std::uint64_t m_batches = 0;
    std::uint64_t m_reserved = 0;  // bytes of the file that the disk has room for
    int m_version;                 // that the payloads need
    int m_version_in_file = 0;
};

}  // namespace cachectl
