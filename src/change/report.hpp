// The end of a change: its summary, what the user should know besides, and the exit code.
#pragma once

#include <optional>
#include <string>

#include "change/summary.hpp"
#include "cli/context.hpp"
#include "output/format.hpp"
#include "output/plain_fields.hpp"
#include "util/error.hpp"

namespace cachectl {

enum class FailIfNone { no, yes };

struct ReportOptions {
    Format format = Format::plain;
    PlainAs plain = PlainAs::sentences;
    std::string go_on;  // what to do when it was stopped half-way
    FailIfNone fail_if_none = FailIfNone::no;
};

/// What made the change fail, if something did: Error(partial) once something has changed or may
/// have.
std::optional<Error> change_error(const ChangeSummary& summary, const std::string& go_on,
                                  const std::optional<Error>& failure);
/// Warns of the keys that the server has refused to change.
void tell_refused(Context& ctx, const ChangeSummary& summary);

/// Writes the summary to stdout, or to stderr if stdout takes none. Then returns the exit code,
/// or throws change_error().
ExitCode report_change(Context& ctx, const ChangeSummary& summary, const ReportOptions& options,
                       const std::optional<Error>& failure);

}  // namespace cachectl
