// The error of work that a signal has ended: with the exit code of that signal.
#pragma once

#include <csignal>
#include <string>

#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

inline Error interruption(const std::string& message) {
    return {stop_signal() == SIGINT ? ExitCode::interrupted : ExitCode::terminated, message};
}

}  // namespace cachectl
