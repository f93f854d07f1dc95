// How --backup begins, and what a summary says of it in the end.
#pragma once

#include <memory>
#include <string>

#include "change/backup.hpp"
#include "cli/context.hpp"
#include "cli/summary_head.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"

namespace cachectl {

/// A backup that cannot be begun is better known before anybody is asked. Throws Error(local_io).
void check_backup_is_new(const std::string& path);

/// Makes the file, and asks the server what has to be known of it. Throws Error(local_io), and
/// Error where the server refuses transactions. Waits for the replies.
std::unique_ptr<Backup> begin_backup(Context& ctx, Client& client, const SummaryHead& head,
                                     const std::string& path);

/// The value of the summary's "backup".
void write_backup(const BackupSummary& backup, JsonWriter& json);
void write_backup(const BackupSummary& backup, Writer& out);

/// The command that puts back what a file of that name has. `replace`: it overwrites what exists.
std::string undo_command(const Settings& settings, const std::string& file, bool replace);

}  // namespace cachectl
