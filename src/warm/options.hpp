// The command line of `warm`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/option.hpp"
#include "warm/warm.hpp"

namespace cachectl {

/// The options of the command, and those of them that a manifest says instead.
struct WarmFlags {
    WarmOptions options;
    std::string files_from;
    bool list_tables = false;
    std::vector<std::string> set;  // --set, as it was typed
    std::optional<IfExists> if_exists;
    std::vector<const Option*> of_datasets;

    Option& of_dataset(Option& option) {
        of_datasets.push_back(&option);
        return option;
    }
};

void add_reading_options(CommandSyntax& syntax, WarmFlags& flags);
void add_loading_options(CommandSyntax& syntax, WarmFlags& flags);

}  // namespace cachectl
