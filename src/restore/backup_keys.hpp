// The keys of a file that its checksums vouch for.
#pragma once

#include <functional>
#include <string>

#include "cli/context.hpp"
#include "keyspace/key_filter.hpp"
#include "output/rows.hpp"
#include "rdb/backup_file.hpp"

namespace cachectl {

/// Opens and checks; what is wrong with it is a warning where some keys can be used. Throws Error
/// as RdbFile and check_rdb(), and where no key can be trusted.
class BackupKeys {
public:
    BackupKeys(Context& ctx, const std::string& path);

    [[nodiscard]] const RdbFile& file() const { return m_file; }
    [[nodiscard]] const RdbCheck& check() const { return m_check; }
    /// Calls for each key until it returns false. Throws Error(bad_input) if the file has been
    /// changed since, Error(local_io), and what `take` throws; its RdbFault becomes the former.
    void each(const std::function<bool(const RdbKey&)>& take) const;

private:
    RdbFile m_file;
    RdbCheck m_check;
};

/// Writes a row for each key that the filter's patterns choose. False if a signal ended it.
bool list_backup(Context& ctx, const BackupKeys& keys, const KeyFilter& filter,
                 const RowsStyle& style);

/// Writes what can be used of the file to a new one, as a whole file. Throws Error(local_io).
void repair_backup(const BackupKeys& keys, const std::string& path);

}  // namespace cachectl
