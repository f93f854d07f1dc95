// What stops a command: thrown anywhere, caught once, in cli/app.cpp, which prints
// "cachectl: error: MESSAGE" and, when there is one, the hint on a line of its own.
#pragma once

#include <stdexcept>
#include <string>

#include "util/exit_code.hpp"

namespace cachectl {

class Error : public std::runtime_error {
public:
    /// `message` says what was attempted, on what and why it failed; `hint` names the remedy.
    /// Neither may hold a password. Bytes from a server or a file are escaped when printed.
    /// `subject` is what the message names already (a node, slots), so that whoever passes the
    /// error on need not name it again.
    Error(ExitCode code, const std::string& message, std::string hint = {},
          std::string subject = {})
        : std::runtime_error(message),
          m_code(code),
          m_hint(std::move(hint)),
          m_subject(std::move(subject)) {}

    [[nodiscard]] ExitCode code() const noexcept { return m_code; }
    [[nodiscard]] const std::string& hint() const noexcept { return m_hint; }
    [[nodiscard]] const std::string& subject() const noexcept { return m_subject; }

private:
    ExitCode m_code;
    std::string m_hint, m_subject;
};

}  // namespace cachectl
