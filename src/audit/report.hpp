// What an audit says, in each of its forms.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/findings.hpp"
#include "cli/summary_head.hpp"
#include "keyspace/policy.hpp"
#include "output/display.hpp"
#include "output/format.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"

namespace cachectl {

struct AuditReport {
    const KeyPolicy& policy;
    const Findings& gathered;
    std::vector<Finding> findings;  // of `gathered`, with what the baseline says of them
    SummaryHead head = {};
    std::string server = {};   // "cache.internal:6379 db 0"
    std::string command = {};  // that reaches the same database: "cachectl --context prod"
    std::string delimiter = {};
    std::vector<std::string> patterns = {};
    std::vector<AuditCheck> not_checked = {};  // because the user lacks a right
    std::uint64_t keys = 0;                    // that were audited; of a sample, that it stands for
    std::optional<std::string> baseline = {};  // its file
    bool complete = true;
    std::chrono::milliseconds elapsed{0};

    [[nodiscard]] bool sampled() const { return gathered.sample().has_value(); }
    /// Findings of which that is true.
    [[nodiscard]] std::size_t failing() const;
    [[nodiscard]] std::size_t warnings() const;  // without those that are known
    [[nodiscard]] std::size_t known() const;
};

enum class FindingLevel { error, warning, note };
/// What fails is an error; what is known already is a note.
FindingLevel level_of(const Finding& finding);
std::string_view name_of(FindingLevel level);

/// "12 keys of the namespace tmp never expire; the rule 'tmp:*' has a ttl of 1h". Names are escaped
/// as for a terminal.
std::string message_of(const AuditReport& report, const Finding& finding);
/// The same with up to three examples, for formats that have no field for them.
std::string message_with_examples(const AuditReport& report, const Finding& finding);
/// "sess:9 (6d 23h)", escaped.
std::string example_text(const Finding& finding, const FoundKey& example);
/// What the rule allows: "ttl 1h", "8.0 MiB", "hash"; empty where there is nothing to say.
std::string allowed_text(const Finding& finding);
/// Where in the policy file: a rule's line, that of "unknown", or 1.
int line_of(const AuditReport& report, const Finding& finding);

void write_audit_table(Writer& out, const Display& display, const AuditReport& report);
/// Format::plain or Format::csv
void write_audit_rows(Writer& out, const AuditReport& report, Format format);
/// The fields of one object, which has been begun.
void write_audit_json(JsonWriter& json, const AuditReport& report);
/// SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
void write_audit_sarif(Writer& out, const AuditReport& report);
/// JUnit's XML: a test case for each rule.
void write_audit_junit(Writer& out, const AuditReport& report);
/// https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
void write_audit_github(Writer& out, const AuditReport& report);

}  // namespace cachectl
