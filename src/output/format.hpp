// The output formats and which of them a run uses.
#pragma once

#include <optional>
#include <string>

#include "util/terminal.hpp"

namespace cachectl {

enum class Format {
    table,
    plain,
    json,
    ndjson,
    csv,
    prometheus,
    // Of single commands:
    folded,  // stacks for flame graphs
    ncdu,    // what ncdu -f reads
    nagios,  // one line of a monitoring plugin
    sarif,   // findings, for code scanning
    junit,   // findings as failed tests
    github,  // findings as GitHub's workflow commands
};

constexpr bool is_json(Format format) { return format == Format::json || format == Format::ndjson; }

struct FormatChoice {
    std::optional<Format> chosen;
    std::string to_file = {};  // where the output goes instead of stdout; empty: nowhere else

    /// What was asked for; else a table for a person and plain lines for a pipe.
    [[nodiscard]] Format resolve(const Terminal& out) const {
        return chosen.value_or(out.attached ? Format::table : Format::plain);
    }
};

}  // namespace cachectl
