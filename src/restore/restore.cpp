#include "restore/restore.hpp"

#include <fmt/format.h>

#include "keyspace/glob.hpp"
#include "keyspace/sparing_glob.hpp"
#include "restore/backup_keys.hpp"
#include "restore/restoration.hpp"
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

ExitCode run_list(Context& ctx, const RestoreRequest& request) {
    const BackupKeys keys(ctx, request.file);
    const RowsStyle style = rows_style(ctx, request.change.output, {});
    if (!list_backup(ctx, keys, request.filter, style)) {
        return stopped_exit_code();
    }
    keys.check_whole();
    return ExitCode::ok;
}

ExitCode run_repair(Context& ctx, const RestoreRequest& request) {
    const BackupKeys keys(ctx, request.file, OnDamage::stop_before);
    keys.copy_to(request.repair_to);
    ctx.note(fmt::format("{} has the {} of {}", request.repair_to,
                         format_counted(keys.keys(), "key"), request.file));
    keys.check_whole();
    return ExitCode::ok;
}

}  // namespace

ExitCode run_restore(Context& ctx, const RestoreRequest& request) {
    check_request(ctx, request);
    if (request.list) {
        return run_list(ctx, request);
    }
    if (!request.repair_to.empty()) {
        return run_repair(ctx, request);
    }
    return Restoration(ctx, request).run();
}

}  // namespace cachectl
