// An audit for programs: JSON, plain lines and CSV.
#include "audit/report.hpp"

#include <algorithm>
#include <string_view>

#include "output/rows.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using Text = std::optional<std::string_view>;

Text pattern_of(const Finding& finding) {
    return finding.rule == nullptr ? Text() : Text(finding.rule->pattern);
}

std::optional<int> rule_line(const Finding& finding) {
    return finding.rule == nullptr ? std::nullopt : std::optional(finding.rule->line);
}

/// NAME, and of a sample NAME_low and NAME_high.
void write_count(JsonWriter& json, const AuditReport& report, std::uint64_t keys) {
    const Count count = report.gathered.count(keys);
    json.field("keys", count.keys);
    if (count.interval) {
        json.field("keys_low", count.interval->first);
        json.field("keys_high", count.interval->second);
    }
}

/// "examples", and where one of them is not UTF-8 "examples_base64" of all.
void write_examples(JsonWriter& json, const std::vector<FoundKey>& examples) {
    json.key("examples");
    json.begin_array();
    for (const FoundKey& example : examples) {
        json.value(example.key);
    }
    json.end_array();
    const bool is_text = std::all_of(examples.begin(), examples.end(),
                                     [](const FoundKey& example) { return is_utf8(example.key); });
    if (is_text) {
        return;
    }
    json.key("examples_base64");
    json.begin_array();
    for (const FoundKey& example : examples) {
        json.value(base64(example.key));
    }
    json.end_array();
}

void write_finding(JsonWriter& json, const AuditReport& report, const Finding& finding) {
    json.begin_object();
    json.field("rule", row_of(finding.check).id);
    json.field("level", finding.is_warning ? "warning" : "error");
    json.field("known", finding.is_known);
    json.field("line", rule_line(finding));
    json.field("pattern", pattern_of(finding));
    json.bytes_field("namespace", finding.name_space);
    write_count(json, report, finding.keys);
    write_examples(json, finding.examples);
    json.field("message", message_of(report, finding));
    json.end_object();
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name);
    json.begin_array();
    for (const std::string& text : texts) {
        json.value(text);
    }
    json.end_array();
}

}  // namespace

void write_audit_json(JsonWriter& json, const AuditReport& report) {
    write_head(report.head, json);
    json.field("policy", report.policy.file);
    json.field("baseline", report.baseline);
    write_texts(json, "patterns", report.patterns);
    json.field("keys", report.keys);
    json.field("sampled", report.sampled());
    json.field("sample_keys",
               report.sampled() ? std::optional(report.gathered.sample()->drawn) : std::nullopt);
    json.field("ok", report.failing() == 0);
    json.field("failing", report.failing());
    json.field("warnings", report.warnings());
    json.field("known", report.known());
    json.key("findings");
    json.begin_array();
    for (const Finding& finding : report.findings) {
        write_finding(json, report, finding);
    }
    json.end_array();
    std::vector<std::string> unknown;
    for (const Finding& finding : report.findings) {
        if (finding.check == AuditCheck::unknown) {
            unknown.push_back(finding.name_space);
        }
    }
    write_texts(json, "unknown_namespaces", unknown);
    std::vector<std::string> not_checked;
    for (const AuditCheck check : report.not_checked) {
        not_checked.emplace_back(row_of(check).id);
    }
    write_texts(json, "not_checked", not_checked);
    json.field("elapsed_ms", report.elapsed.count());
    json.field("complete", report.complete);
}

void write_audit_rows(Writer& out, const AuditReport& report, Format format) {
    using Kind = Field::Kind;
    // Plain lines are escaped into a pipe too: a finding is one line, whatever the keys' names.
    Rows rows(out, {.format = format, .escaped = true},
              {{"level", "LEVEL", Kind::text},
               {"rule", "RULE", Kind::text},
               {"keys", "KEYS", Kind::count},
               {"keys_low", "", Kind::count},
               {"keys_high", "", Kind::count},
               {"line", "LINE", Kind::count, "-"},
               {"pattern", "PATTERN", Kind::key, "-"},
               {"namespace", "NAMESPACE", Kind::key},
               {"example", "EXAMPLE", Kind::key, "-"}});
    for (const Finding& finding : report.findings) {
        const Count count = report.gathered.count(finding.keys);
        const Text example = finding.examples.empty() ? Text() : Text(finding.examples.front().key);
        rows.row({name_of(level_of(finding)), row_of(finding.check).id, count.keys,
                  count.interval ? count.interval->first : count.keys,
                  count.interval ? count.interval->second : count.keys, rule_line(finding),
                  pattern_of(finding), finding.name_space, example});
    }
    rows.finish();
}

}  // namespace cachectl
