// The flags that several commands share: connection, choosing keys, output. One definition each,
// so that a flag means the same everywhere.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/key_list.hpp"
#include "cli/pace_options.hpp"
#include "keyspace/key_filter.hpp"
#include "output/format.hpp"

namespace cachectl {

void add_connection_options(CommandSyntax& syntax, ConnectionFlags& flags);

/// --quiet, --no-progress, --color
void add_talk_options(CommandSyntax& syntax, GlobalOptions& globals);

/// What a command says at its end: rows, of which plain is the default in a pipe, or a summary in
/// sentences, of which plain has the fields.
enum class OutputOf { rows, summary };

/// -o and --json, for the formats that a command has.
void add_output_options(CommandSyntax& syntax, FormatChoice& choice,
                        std::initializer_list<Format> formats, OutputOf of = OutputOf::rows);

/// Whether a command writes lists of keys as well as it reads them.
enum class WritesKeys { no, yes };

/// A list of keys that a command reads, and how such lists are written.
struct KeyListOptions {
    std::string keys_from;  // file or "-"; empty: none
    bool null_separated = false;
    bool escaped = false;
    WritesKeys writes = WritesKeys::no;

    /// Of the lists that are read and written.
    [[nodiscard]] KeyForm form() const {
        if (escaped) {
            return KeyForm::escaped;
        }
        return null_separated ? KeyForm::nul : KeyForm::lines;
    }
};

/// Which keys a command means, PATTERN… and the filters, and how it walks to them.
struct KeyOptions : KeyListOptions {
    KeyFilter filter;
    std::vector<std::string> members_of;  // sets that list the keys; empty: walk
    std::uint64_t limit = 0;
    WalkFlags walk;

    /// Whether anything says which keys are meant.
    [[nodiscard]] bool names_any() const {
        return !filter.patterns.empty() || !keys_from.empty() || !members_of.empty();
    }
};

/// --keys-from, which `what` explains, -0 and --escaped.
void add_key_list_options(CommandSyntax& syntax, KeyListOptions& options, WritesKeys writes,
                          const std::string& what);

void add_key_options(CommandSyntax& syntax, KeyOptions& options,
                     WritesKeys writes = WritesKeys::no);
/// The same without PATTERN.
void add_key_filters(CommandSyntax& syntax, KeyOptions& options,
                     WritesKeys writes = WritesKeys::no);

}  // namespace cachectl
