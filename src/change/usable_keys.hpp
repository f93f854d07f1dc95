// The keys of an RDB file that its checksums vouch for, each once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rdb/backup_file.hpp"

namespace cachectl {

/// Whether a name may stand there twice: a key that was met again, or written to between being
/// saved and being deleted, is saved again. A backup that has come to its end has each once.
enum class Repeated { no, maybe };

class UsableKeys {
public:
    static constexpr std::uint64_t k_names_at_once = 500'000;

    /// `check` is that of the file, which has to outlive it. Throws as each(). Of a file in which
    /// names may stand twice, about `names_at_once` are held in memory, and the file is read once
    /// for each part of them.
    UsableKeys(const RdbFile& file, RdbCheck check, Repeated repeated,
               std::uint64_t names_at_once = k_names_at_once);

    [[nodiscard]] const RdbFile& file() const { return m_file; }
    [[nodiscard]] const RdbCheck& check() const { return m_check; }
    /// How many each() calls for.
    [[nodiscard]] std::uint64_t keys() const { return m_check.keys - m_repeated; }
    /// Calls for each key until it returns false; of one that stands there twice it is the last.
    /// Throws Error(bad_input) if the file has been changed since it was checked, Error(local_io),
    /// and what `take` throws; its RdbFault becomes the former.
    void each(const std::function<bool(const RdbKey&)>& take) const;

private:
    using Take = std::function<bool(const RdbKey&, std::uint64_t place)>;

    void read(const Take& take) const;
    void find_repeated(std::uint64_t names_at_once);

    const RdbFile& m_file;
    RdbCheck m_check;
    std::uint64_t m_repeated = 0;      // keys that stand there once more later
    std::vector<bool> m_stands_again;  // by the key's place in the file; empty: none does
};

/// Writes them to a new file, which is a whole one. Throws Error(local_io) and as each().
void copy_keys(const UsableKeys& keys, const std::string& path);

}  // namespace cachectl
