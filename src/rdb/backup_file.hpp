// What cachectl adds to an RDB file so that each part of it can be trusted as soon as it is
// written: behind every batch of keys an AUX field with the batch's number, how many keys it has,
// and the SHA-256 of its bytes. Servers pass over AUX fields that they do not know.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rdb/reader.hpp"
#include "util/file_descriptor.hpp"

namespace cachectl {

/// The first AUX field of a backup; its value is the number of this format.
constexpr std::string_view k_aux_backup = "cachectl-backup";
constexpr std::string_view k_backup_format = "1";
constexpr std::string_view k_aux_batch = "cachectl-batch";
/// The value of that field: the batch's number from 1, its keys, and the SHA-256 of its bytes,
/// which begin behind the batch before it, those of the first one behind the file's version.
std::string batch_text(std::uint64_t number, std::uint64_t keys, std::string_view digest);

/// An RDB file that is open for reading.
class RdbFile {
public:
    /// Throws Error(bad_input) if there is none or it is no file, Error(guard) if others could
    /// have written it: what a server is told to restore can be made to attack it.
    explicit RdbFile(std::string path);

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] std::uint64_t size() const { return m_size; }
    /// From its beginning. Throws as RdbReader does.
    [[nodiscard]] RdbReader reader() const { return {m_fd.get(), m_size}; }
    /// So many bytes that stand there. Throws Error(local_io).
    [[nodiscard]] std::string bytes(std::uint64_t offset, std::uint64_t size) const;
    /// From there on.
    [[nodiscard]] RdbInput input(std::uint64_t offset) const {
        return {m_fd.get(), m_size, RdbInput::k_window_bytes, offset};
    }

private:
    std::string m_path;
    FileDescriptor m_fd;
    std::uint64_t m_size = 0;
};

/// What a file holds, as far as its sums vouch for it.
struct RdbCheck {
    int version = 0;
    bool is_backup = false;     // with a sum a batch
    std::vector<RdbAux> about;  // what stands before the first key
    std::uint64_t keys = 0;     // in what can be used
    std::uint64_t batches = 0;
    std::set<std::uint64_t> databases;  // of all keys
    std::uint64_t usable_bytes = 0;     // all of a whole file; of one that is cut the whole batches
    bool is_whole = false;
    std::string why_not_whole;
};

enum class OnDamage {
    refuse,
    stop_before,  // what stands before it in whole batches of a backup is usable
};

/// Reads all of it and holds it against its sums. A backup that is cut is usable up to its last
/// whole batch; a file of a server has only the sum at its end. Throws Error(bad_input) if it is no
/// RDB file, or if a sum is not that of the bytes; not for the latter where damage stops it.
RdbCheck check_rdb(const RdbFile& file, OnDamage on_damage = OnDamage::refuse);

}  // namespace cachectl
