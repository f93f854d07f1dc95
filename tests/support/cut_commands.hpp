// The commands that change keys, for runs that are cut or killed (cut_stage.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachectl::test {

struct CutCommand {
    using Words = std::vector<std::string>;

    std::string name;
    /// A word that begins with "@/" is a file in the run's folder, which holds "rows.csv".
    /// --json and, but for `apply`, --yes are added.
    Words words;
    std::string stdin_bytes = {};
    /// Is run before, with nothing in its way; empty: nothing is.
    Words before = {};
    /// Is run where the same words are refused (exit code 8) the second time; empty: they never
    /// are.
    Words instead = {};

    [[nodiscard]] bool is(std::string_view verb) const { return words.front() == verb; }
    [[nodiscard]] bool has_backup() const;
    /// Words of a run, with the folder's name; a second run has a backup file of its own.
    [[nodiscard]] Words of_run(const Words& some, const std::string& folder, bool again) const;
};

/// Of cut_cache.hpp's keyspace.
std::vector<CutCommand> deleting_commands();
std::vector<CutCommand> expiring_commands();
std::vector<CutCommand> restoring_commands();
std::vector<CutCommand> warming_commands();
/// Some of each kind, where a run costs more.
std::vector<CutCommand> some_commands();

/// Twelve records: ids 0 to 11, of which "course:0" to "course:5" are there.
std::string cut_rows();

}  // namespace cachectl::test
