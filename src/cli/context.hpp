// All that a command may use of the world: streams, terminal, settings, server, clock. Tests fill
// one in with strings and a fake client.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/audit_trail.hpp"
#include "config/contexts.hpp"
#include "config/settings.hpp"
#include "output/display.hpp"
#include "output/progress.hpp"
#include "output/writer.hpp"
#include "redis/client.hpp"
#include "util/exit_code.hpp"
#include "util/terminal.hpp"

namespace cachectl {

class AppliedPlan;

struct Context {
    Context(Writer& stdout_writer, Writer& stderr_writer)
        : out(stdout_writer), err(stderr_writer) {}

    Writer& out;  // data
    Writer& err;  // talk: progress, questions, warnings, errors
    Terminal in_terminal, out_terminal, err_terminal;
    bool quiet = false;
    ProgressWhen progress_when = ProgressWhen::automatic;
    bool is_ci = false;  // a CI job runs us, whose log people read: $CI
    ColorWhen color = ColorWhen::automatic;

    Settings settings;
    /// For the commands that look at settings: what they are with --context NAME given, or as they
    /// are; and the contexts there are. Each throws Error(usage).
    std::function<Settings(const std::optional<std::string>& name)> settings_of;
    std::function<KnownContexts()> read_contexts;
    /// Connects and logs in; throws Error.
    std::function<std::unique_ptr<Client>()> open_client;
    /// Asks the person at the terminal, even if stdin is a dump; nothing at the end of input.
    /// Empty function: there is no terminal to ask on.
    std::function<std::optional<std::string>(std::string_view question)> ask;
    AskPassword ask_password;  // for --askpass
    /// What `apply` carries out, and has the command keep to; null: none.
    const AppliedPlan* applied_plan = nullptr;
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
    /// For dates alone: it may jump.
    std::function<std::chrono::system_clock::time_point()> wall_now =
        std::chrono::system_clock::now;

    /// Of a run that changes a server and keeps an audit log; else null.
    std::unique_ptr<AuditTrail> audit;

    /// The width of the terminal behind stderr at the moment; empty: it does not change.
    std::function<std::size_t()> err_columns;

    /// open_client(), and what the user should know of the server besides. A run that keeps an
    /// audit log begins there.
    std::unique_ptr<Client> connect();

    /// The summary of a run that changes a server, for its audit log.
    void note_summary(const std::function<void(JsonWriter&)>& summary) const {
        if (audit) {
            audit->note_summary(summary);
        }
    }

    [[nodiscard]] Display out_display() const { return display_of(out_terminal, color); }
    [[nodiscard]] Display err_display() const { return display_of(err_terminal, color); }

    /// "cachectl: warning: …" on stderr, escaped; also under --quiet.
    void warn(std::string_view message);
    /// "cachectl: …" on stderr, escaped; not under --quiet.
    void note(std::string_view message);
    /// `head` and the message, escaped, on stderr, where a terminal's lines end at words.
    void say(std::string_view head, std::string_view message);
    /// Knows whether progress is wanted, and in which form.
    [[nodiscard]] std::unique_ptr<Progress> progress(std::string verb, std::string noun);
};

/// The exit code of a command that a signal stopped.
ExitCode stopped_exit_code();

}  // namespace cachectl
