#include "cli/context.hpp"

#include <csignal>

#include "output/escape.hpp"
#include "output/wrapped.hpp"
#include "util/secrets.hpp"
#include "util/signals.hpp"

namespace cachectl {

std::unique_ptr<Client> Context::connect() {
    for (const std::string& warning : settings.warnings) {
        warn(warning);
    }
    std::unique_ptr<Client> client = open_client();
    if (audit) {
        audit->begin(*client);
    }
    return client;
}

void Context::warn(std::string_view message) { say("cachectl: warning: ", message); }

void Context::note(std::string_view message) {
    if (quiet) {
        return;
    }
    say("cachectl: ", message);
}

void Context::say(std::string_view head, std::string_view message) {
    const std::string sentence =
        std::string(head) + escape_for_terminal(mask_typed(std::string(message)));
    for (const std::string& line : wrap_words(sentence, err_display().columns)) {
        err.write(line + '\n');
    }
    err.flush();
}

std::unique_ptr<Progress> Context::progress(std::string verb, std::string noun) {
    const bool can_draw = err_terminal.attached && !err_terminal.dumb;
    const bool in_log = progress_when == ProgressWhen::plain || (!can_draw && is_ci);
    if (quiet || progress_when == ProgressWhen::none || (!can_draw && !in_log)) {
        return std::make_unique<Progress>();
    }
    auto progress =
        std::make_unique<Progress>(err, in_log ? Progress::Form::log : Progress::Form::drawn,
                                   err_display(), std::move(verb), std::move(noun), now());
    progress->follow_width(err_columns);
    return progress;
}

ExitCode stopped_exit_code() {
    return stop_signal() == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
}

}  // namespace cachectl
