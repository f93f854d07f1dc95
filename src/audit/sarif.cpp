// An audit as SARIF 2.1.0, for code scanning: each finding points at its rule in the policy file.
#include <fmt/format.h>

#include <cctype>
#include <string_view>

#include "audit/baseline.hpp"
#include "audit/report.hpp"
#include "util/sha256.hpp"

namespace cachectl {

namespace {

/// A path as a URI reference (RFC 3986): a relative one stays relative.
std::string uri_of(std::string_view path) {
    constexpr std::string_view k_unreserved = "-._~/";
    std::string uri = path.starts_with('/') ? "file://" : "";
    for (const char c : path) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 ||
            k_unreserved.find(c) != std::string_view::npos) {
            uri += c;
        } else {
            uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return uri;
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
    json.key(name);
    json.begin_object();
    json.field("text", text);
    json.end_object();
}

void write_driver(JsonWriter& json) {
    json.key("tool");
    json.begin_object();
    json.key("driver");
    json.begin_object();
    json.field("name", "cachectl");
    json.field("version", CACHECTL_VERSION);
    json.key("rules");
    json.begin_array();
    for (const CheckRow& row : check_rows()) {
        json.begin_object();
        json.field("id", row.id);
        write_text(json, "shortDescription", row.title);
        write_text(json, "fullDescription", std::string(row.meaning) + '.');
        json.key("defaultConfiguration");
        json.begin_object();
        json.field("level", "error");
        json.end_object();
        json.end_object();
    }
    json.end_array();
    json.end_object();
    json.end_object();
}

void write_location(JsonWriter& json, const AuditReport& report, const Finding& finding) {
    json.key("locations");
    json.begin_array();
    json.begin_object();
    json.key("physicalLocation");
    json.begin_object();
    json.key("artifactLocation");
    json.begin_object();
    json.field("uri", uri_of(report.policy.file));
    json.end_object();
    json.key("region");
    json.begin_object();
    json.field("startLine", line_of(report, finding));
    json.end_object();
    json.end_object();
    json.end_object();
    json.end_array();
}

void write_result(JsonWriter& json, const AuditReport& report, const Finding& finding) {
    json.begin_object();
    json.field("ruleId", row_of(finding.check).id);
    json.field("ruleIndex", static_cast<std::int64_t>(finding.check));
    json.field("level", name_of(level_of(finding)));
    write_text(json, "message", message_with_examples(report, finding));
    write_location(json, report, finding);
    Sha256 hash;
    hash.add(identity_of(finding));
    json.key("partialFingerprints");
    json.begin_object();
    json.field("cachectlFinding/v1", hash.hex());
    json.end_object();
    if (report.baseline) {
        json.field("baselineState", finding.is_known ? "unchanged" : "new");
    }
    json.key("properties");
    json.begin_object();
    json.bytes_field("namespace", finding.name_space);
    json.field("keys", report.gathered.count(finding.keys).keys);
    json.end_object();
    json.end_object();
}

}  // namespace

void write_audit_sarif(Writer& out, const AuditReport& report) {
    JsonWriter json(out, JsonLayout::lines);
    json.begin_object();
    json.field("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json.field("version", "2.1.0");
    json.key("runs");
    json.begin_array();
    json.begin_object();
    write_driver(json);
    json.key("invocations");
    json.begin_array();
    json.begin_object();
    json.field("executionSuccessful", report.complete);
    json.end_object();
    json.end_array();
    json.key("results");
    json.begin_array();
    for (const Finding& finding : report.findings) {
        write_result(json, report, finding);
    }
    json.end_array();
    json.end_object();
    json.end_array();
    json.end_object();
}

}  // namespace cachectl
