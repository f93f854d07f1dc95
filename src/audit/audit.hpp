// The job "audit": from the options to the exit code.
#pragma once

#include <string>

#include "cli/context.hpp"
#include "cli/option_groups.hpp"
#include "cli/sample_choice.hpp"
#include "output/format.hpp"
#include "util/exit_code.hpp"

namespace cachectl {

struct AuditOptions {
    KeyOptions keys;
    SampleChoice sample;
    std::string delimiter;    // empty: the policy's
    std::string policy_file;  // empty: the context's
    std::string baseline;     // empty: none
    FormatChoice output;
};

/// Checks the live keys against the policy and writes what was found. ExitCode::no if a finding
/// fails. Error(usage) without a policy, and for a mistake in it or in the baseline, before
/// anything is sent.
ExitCode run_audit(Context& ctx, const AuditOptions& options);

/// Writes a policy made of the live keys.
ExitCode run_suggestion(Context& ctx, const AuditOptions& options);

}  // namespace cachectl
