// An audit as JUnit's XML and as GitHub's workflow commands. Names of keys go in escaped as for a
// terminal; what is left is escaped as the format wants it, so that no key can break out.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "audit/report.hpp"
#include "output/escape.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_replacement = "\xef\xbf\xbd";  // U+FFFD

/// What XML 1.0 may hold: https://www.w3.org/TR/xml/#charsets
bool is_xml_character(char32_t c) {
    return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || c >= 0x10000;
}

/// For an attribute's value and for text.
std::string xml_text(std::string_view text) {
    std::string xml;
    while (!text.empty()) {
        const Utf8Step step = decode_utf8(text);
        const std::string_view bytes = text.substr(0, step.bytes);
        text.remove_prefix(step.bytes);
        if (!step.valid || !is_xml_character(step.code_point)) {
            xml += k_replacement;
        } else if (step.code_point < 0x20 || bytes == "&" || bytes == "<" || bytes == ">" ||
                   bytes == "\"" || bytes == "'") {
            xml += fmt::format("&#{};", static_cast<unsigned>(step.code_point));
        } else {
            xml += bytes;
        }
    }
    return xml;
}

struct TestCase {
    std::string name;
    int line = 1;
    std::vector<const Finding*> findings;

    [[nodiscard]] bool fails() const {
        return std::any_of(findings.begin(), findings.end(),
                           [](const Finding* finding) { return finding->fails(); });
    }
};

/// One for each rule, and one for the keys that have none.
std::vector<TestCase> cases_of(const AuditReport& report) {
    std::vector<TestCase> cases;
    for (const KeyRule& rule : report.policy.rules) {
        cases.push_back({escape_for_terminal(rule.pattern), std::max(rule.line, 1), {}});
    }
    if (report.policy.unknown != UnknownKeys::ignore) {
        cases.push_back({"keys without a rule", std::max(report.policy.unknown_line, 1), {}});
    }
    for (const Finding& finding : report.findings) {
        const auto index =
            finding.rule == nullptr
                ? report.policy.rules.size()
                : static_cast<std::size_t>(finding.rule - report.policy.rules.data());
        cases.at(index).findings.push_back(&finding);
    }
    return cases;
}

std::string examples_of(const Finding& finding) {
    std::string text;
    for (const FoundKey& example : finding.examples) {
        text += example_text(finding, example) + '\n';
    }
    return text;
}

void write_case(Writer& out, const AuditReport& report, const TestCase& test) {
    const std::string file = xml_text(report.policy.file);
    out.write(fmt::format(R"(    <testcase classname="{}" name="{}" file="{}" line="{}" time="0">)",
                          file, xml_text(test.name), file, test.line) +
              '\n');
    std::string told;
    for (const Finding* finding : test.findings) {
        if (!finding->fails()) {
            told += fmt::format("{}{}: {}\n", name_of(level_of(*finding)),
                                finding->is_known ? " (known)" : "",
                                message_with_examples(report, *finding));
            continue;
        }
        // A newline as it is: within an element it is text.
        std::string examples = xml_text(examples_of(*finding));
        replace_all(examples, "&#10;", "\n");
        out.write(fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                              row_of(finding->check).id, xml_text(message_of(report, *finding)),
                              examples));
    }
    if (!told.empty()) {
        told = xml_text(told);
        replace_all(told, "&#10;", "\n");
        out.write("      <system-out>" + told + "</system-out>\n");
    }
    out.write("    </testcase>\n");
}

/// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
std::string github_data(std::string_view text) {
    std::string data(text);
    replace_all(data, "%", "%25");
    replace_all(data, "\r", "%0D");
    replace_all(data, "\n", "%0A");
    return data;
}

std::string github_property(std::string_view text) {
    std::string property = github_data(text);
    replace_all(property, ":", "%3A");
    replace_all(property, ",", "%2C");
    return property;
}

std::string_view github_command(FindingLevel level) {
    switch (level) {
        case FindingLevel::error:
            return "error";
        case FindingLevel::warning:
            return "warning";
        case FindingLevel::note:
            return "notice";
    }
    return {};
}

}  // namespace

void write_audit_junit(Writer& out, const AuditReport& report) {
    const std::vector<TestCase> cases = cases_of(report);
    const auto failures = std::count_if(cases.begin(), cases.end(),
                                        [](const TestCase& test) { return test.fails(); });
    const int errors = report.complete ? 0 : 1;
    const std::string totals =
        fmt::format(R"(tests="{}" failures="{}" errors="{}" time="{:.3f}")",
                    cases.size() + static_cast<std::size_t>(errors), failures, errors,
                    static_cast<double>(report.elapsed.count()) / 1'000);
    out.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.write(fmt::format("<testsuites name=\"cachectl audit\" {}>\n", totals));
    out.write(fmt::format("  <testsuite name=\"{}\" {} skipped=\"0\">\n",
                          xml_text(report.policy.file), totals));
    for (const TestCase& test : cases) {
        write_case(out, report, test);
    }
    if (!report.complete) {
        out.write(
            "    <testcase classname=\"cachectl\" name=\"every key was audited\" time=\"0\">\n"
            "      <error type=\"incomplete\" message=\"the audit has not seen every key\"/>\n"
            "    </testcase>\n");
    }
    out.write("  </testsuite>\n</testsuites>\n");
}

void write_audit_github(Writer& out, const AuditReport& report) {
    const std::string file = github_property(escape_for_terminal(report.policy.file));
    for (const Finding& finding : report.findings) {
        const std::string title =
            fmt::format("{}: {}", row_of(finding.check).title,
                        escape_for_terminal(finding.rule == nullptr ? finding.name_space
                                                                    : finding.rule->pattern));
        out.write(fmt::format("::{} file={},line={},title={}::{}\n",
                              github_command(level_of(finding)), file, line_of(report, finding),
                              github_property(title),
                              github_data(message_with_examples(report, finding))));
    }
}

}  // namespace cachectl
