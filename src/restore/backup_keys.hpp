// The keys of a file that its checksums vouch for.
#pragma once

#include <functional>
#include <string>

#include "change/usable_keys.hpp"
#include "cli/context.hpp"
#include "output/rows.hpp"
#include "rdb/backup_file.hpp"
#include "restore/chosen_keys.hpp"

namespace cachectl {

/// Opens and checks; what is wrong with it is a warning where some keys can be used. Throws Error
/// as RdbFile and check_rdb(), and where no key can be trusted.
class BackupKeys {
public:
    BackupKeys(Context& ctx, const std::string& path, OnDamage on_damage = OnDamage::refuse);

    [[nodiscard]] const RdbFile& file() const { return m_file; }
    [[nodiscard]] const RdbCheck& check() const { return m_keys.check(); }
    [[nodiscard]] std::uint64_t keys() const { return m_keys.keys(); }
    /// See UsableKeys::each().
    void each(const std::function<bool(const RdbKey&)>& take) const { m_keys.each(take); }
    /// Writes them to a new file. Throws Error(local_io).
    void copy_to(const std::string& path) const { copy_keys(m_keys, path); }
    /// Behind what can be used, of a file that is not whole.
    [[nodiscard]] std::uint64_t unused_bytes() const {
        return check().is_whole ? 0 : m_file.size() - check().usable_bytes;
    }
    /// Throws Error(partial) if the file is not whole: at the end of all that was done with it.
    void check_whole() const;

private:
    RdbFile m_file;
    UsableKeys m_keys;
};

/// Writes a row for each key that is chosen, until a signal ends it. How many there were.
std::uint64_t list_backup(Context& ctx, const BackupKeys& keys, const ChosenKeys& chosen,
                          const RowsStyle& style, KeyForm form);

}  // namespace cachectl
