// The part of warm/warm.hpp that saves what is replaced: --backup.
#include "change/begin_backup.hpp"
#include "util/error.hpp"
#include "warm/warm.hpp"

namespace cachectl {

void Warm::check_backup_options() const {
    const ChangeOptions& asked = m_options.release.change;
    if (asked.backup_file.empty()) {
        return;
    }
    bool replaces = !m_options.release.sync.empty() || !m_plan.sync.empty();
    for (const DatasetOptions& dataset : m_plan.datasets) {
        if (dataset.if_exists == IfExists::refresh) {
            throw Error(ExitCode::usage, "--backup does not go with --if-exists refresh",
                        "with overwrite and update it does");
        }
        replaces |= dataset.if_exists != IfExists::skip;
    }
    if (!replaces) {
        throw Error(ExitCode::usage,
                    "--backup saves what is replaced or deleted, and nothing will be",
                    "it goes with --if-exists overwrite or update, and with --sync");
    }
    if (!m_options.dry_run) {
        check_backup_is_new(asked.backup_file);
    }
}

void Warm::end_backup() {
    try {
        m_writer.end_backup();
    } catch (const Error& error) {
        if (!m_failure) {
            m_failure = error;
        }
    }
}

}  // namespace cachectl
