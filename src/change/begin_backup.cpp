#include "change/begin_backup.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>

#include "cli/target.hpp"
#include "output/escape.hpp"
#include "redis/error_reply.hpp"
#include "util/error.hpp"
#include "util/shell_path.hpp"
#include "util/text.hpp"
#include "util/time.hpp"

namespace cachectl {

namespace {

/// Where MULTI is refused, what should be queued behind it would be executed at once.
void check_transactions(Client& client) {
    Reply multi;
    client.send({"MULTI"}, [&multi](Reply reply) { multi = std::move(reply); });
    const Reply exec = client.call({"EXEC"});
    if (!exec.is_array()) {
        throw refusal(multi.is_error() ? multi : exec, "save keys before they are changed",
                      client.server());
    }
}

}  // namespace

void check_backup_is_new(const std::string& path) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) == 0) {
        throw Error(ExitCode::local_io, path + " is there already; nothing was sent",
                    "a backup never overwrites: name another file");
    }
}

std::unique_ptr<Backup> begin_backup(Context& ctx, Client& client, const SummaryHead& head,
                                     const std::string& path) {
    check_transactions(client);
    SavedFacts facts = saved_facts(ctx, client);
    const RdbWriter::About about = {
        {"cachectl-version", CACHECTL_VERSION},
        {"cachectl-command", head.command},
        {"cachectl-target", head.target},
        {"cachectl-started", format_utc(head.started_at).value_or("")},
    };
    return std::make_unique<Backup>(
        path, about, static_cast<std::uint64_t>(ctx.settings.address.db), std::move(facts));
}

void write_backup(const BackupSummary& backup, JsonWriter& json) {
    json.begin_object();
    json.field("file", std::string_view(backup.file));
    json.field("keys", backup.keys);
    json.field("bytes", backup.bytes);
    json.field("whole", backup.is_whole);
    // Where nothing was saved there is no file that restore could read.
    json.field("undo", backup.keys == 0 ? std::nullopt : std::optional(backup.undo));
    json.end_object();
}

std::string undo_command(const Settings& settings, const std::string& file, bool replace) {
    return fmt::format("{} restore {}{}", command_for(settings), shell_path(file),
                       replace ? " --replace" : "");
}

void write_backup(const BackupSummary& backup, Writer& out) {
    const std::string file = escape_for_terminal(backup.file);
    if (backup.keys == 0) {
        out.write(fmt::format("  nothing was saved: {} was not made\n", file));
        return;
    }
    out.write(fmt::format(
        "  {} {} saved in {} ({}){}\n  to undo: {}\n{}", format_count(backup.keys),
        backup.keys == 1 ? "key" : "keys", file, format_size(backup.bytes),
        backup.is_whole ? "" : ", which has not come to its end", escape_for_terminal(backup.undo),
        backup.undo_note.empty() ? "" : "    (" + backup.undo_note + ")\n"));
}

}  // namespace cachectl
