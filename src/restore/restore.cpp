#include "restore/restore.hpp"

#include <fmt/format.h>

#include "keyspace/glob.hpp"
#include "keyspace/sparing_glob.hpp"
#include "restore/backup_keys.hpp"
#include "restore/restoration.hpp"
#include "restore/summary.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

void check_request(Context& ctx, const RestoreRequest& request) {
    for (const std::string& glob : request.filter.patterns) {
        if (const auto problem = glob_problem(glob)) {
            ctx.warn(*problem);
        }
    }
    check_sparing_globs(request.filter.excludes, "--exclude");
    if (request.list && !request.repair_to.empty()) {
        throw Error(ExitCode::usage, "--list and --repair exclude each other");
    }
}

}  // namespace

ExitCode run_restore(Context& ctx, const RestoreRequest& request) {
    check_request(ctx, request);
    if (request.list) {
        const BackupKeys keys(ctx, request.file);
        const RowsStyle style = rows_style(ctx, request.change.output, {});
        return list_backup(ctx, keys, request.filter, style) ? ExitCode::ok : stopped_exit_code();
    }
    if (!request.repair_to.empty()) {
        const BackupKeys keys(ctx, request.file, OnDamage::stop_before);
        keys.copy_to(request.repair_to);
        ctx.note(fmt::format("{} has the {} keys of {}", request.repair_to,
                             format_count(keys.keys()), request.file));
        return ExitCode::ok;
    }
    return Restoration(ctx, request).run();
}

}  // namespace cachectl
