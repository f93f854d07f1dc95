// What one run of a command that changes a server writes into its audit log: that it begins, before
// the first change, and how it has ended, or in one line why it never began.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit_log/actor.hpp"
#include "audit_log/log_file.hpp"
#include "output/json.hpp"
#include "redis/client.hpp"
#include "util/error.hpp"
#include "util/exit_code.hpp"

namespace cachectl {

struct Context;

/// What is known of a run before it is connected to a server.
struct AuditedRun {
    std::string command;             // "invalidate"
    std::vector<std::string> words;  // of the command line, with secrets masked
    /// What it was asked to work on, by what that is: "patterns".
    std::vector<std::pair<std::string, std::vector<std::string>>> asked_for;
    std::string backup;  // a file; empty: none
    Actor actor;
};

class AuditTrail {
public:
    /// `ctx` has the settings, and outlives this. Throws NamedError(local_io, "audit-log") if
    /// nothing can be written to the log.
    AuditTrail(const Context& ctx, const std::string& path, AuditedRun run);

    /// What it works on besides what its own words say; before begin().
    void note_asked_for(std::string what, std::vector<std::string> texts) {
        m_run.asked_for.emplace_back(std::move(what), std::move(texts));
    }
    /// Writes, at the first call, that the run begins, and syncs that. Throws as the constructor.
    void begin(Client& client);
    /// What the last line says was done: the numbers and truth values of the run's summary.
    void note_summary(const std::function<void(JsonWriter&)>& summary);
    /// What ended the run.
    void note_error(const Error& error);
    /// The last line. A run that has not begun has one if something kept it from that, be it a
    /// guard or a server; not if it was called wrongly, or found nothing to do. Throws as the
    /// constructor.
    void end(ExitCode code);

private:
    void write_event(JsonWriter& json, std::string_view event) const;
    void write_run(JsonWriter& json) const;
    void write_target(JsonWriter& json, const Client* client) const;
    void write_end(JsonWriter& json, ExitCode code) const;

    const Context& m_ctx;
    AuditLogFile m_log;
    AuditedRun m_run;
    std::string m_id;  // of the run, in all its lines
    bool m_has_begun = false;
    std::vector<std::pair<std::string, std::string>> m_counts;   // as JSON, in the summary's order
    std::optional<std::pair<std::string, std::string>> m_error;  // its name and message
};

}  // namespace cachectl
