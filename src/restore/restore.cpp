#include "restore/restore.hpp"

#include <fmt/format.h>

#include "cli/key_walk.hpp"
#include "keyspace/glob.hpp"
#include "keyspace/sparing_glob.hpp"
#include "restore/backup_keys.hpp"
#include "restore/restoration.hpp"
#include "util/signals.hpp"
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
    check_list_form(request.names, request.list ? WritesKeys::yes : WritesKeys::no);
}

ExitCode run_list(Context& ctx, const RestoreRequest& request) {
    const ChosenKeys chosen(request.filter, request.names);
    const BackupKeys keys(ctx, request.file);
    const RowsStyle style = rows_style(ctx, request.change.output, request.names);
    const std::uint64_t listed = list_backup(ctx, keys, chosen, style, request.names.form());
    if (stop_signal() != 0) {
        return stopped_exit_code();
    }
    if (listed == 0) {
        ctx.note(fmt::format("no key of {} matches", request.file));
    } else {
        chosen.tell_missing(ctx, listed, request.file);
    }
    keys.check_whole();
    return listed == 0 && request.change.fail_if_none ? ExitCode::no : ExitCode::ok;
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
