// --help as text of 80 columns, whatever the terminal: the same for everyone who reads or quotes
// it.
#pragma once

#include <memory>
#include <span>

#include "cli/command.hpp"

namespace CLI {
class FormatterBase;
}

namespace cachectl {

/// For CLI::App::formatter(); `table` has to outlive it.
std::shared_ptr<CLI::FormatterBase> make_help_formatter(std::span<const Command> table);

}  // namespace cachectl
