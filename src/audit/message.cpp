// The sentences of an audit: what a finding is, and what stands behind it.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "audit/report.hpp"
#include "audit/value_words.hpp"
#include "keyspace/namespaces.hpp"
#include "output/escape.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_examples_in_message = 3;

std::string keys_counted(const AuditReport& report, const Finding& finding) {
    const std::int64_t keys = report.gathered.count(finding.keys).keys;
    return fmt::format("{}{} {}", report.sampled() ? "about " : "",
                       format_count(static_cast<std::uint64_t>(keys)), keys == 1 ? "key" : "keys");
}

std::string place_of(const Finding& finding) {
    using Kind = NamespaceCount::Kind;
    if (finding.name_space == namespace_row_name(Kind::none, {})) {
        return "without a namespace";
    }
    if (finding.name_space == namespace_row_name(Kind::other, {})) {
        return "of further namespaces";
    }
    return fmt::format("of the namespace {}", escape_for_terminal(finding.name_space));
}

std::string worst_of(const Finding& finding) {
    const std::uint64_t worth = finding.examples.empty() ? 0 : finding.examples.front().worth;
    if (worth == 0) {
        return {};
    }
    return finding.check == AuditCheck::too_large
               ? fmt::format(" (the largest {})", format_size(worth))
               : fmt::format(" (the longest {})",
                             format_duration(std::chrono::milliseconds(worth)));
}

/// What the keys do, for one and for several.
std::string_view verb(bool is_one, std::string_view one, std::string_view several) {
    return is_one ? one : several;
}

}  // namespace

FindingLevel level_of(const Finding& finding) {
    if (finding.is_known) {
        return FindingLevel::note;
    }
    return finding.is_warning ? FindingLevel::warning : FindingLevel::error;
}

std::string_view name_of(FindingLevel level) {
    switch (level) {
        case FindingLevel::error:
            return "error";
        case FindingLevel::warning:
            return "warning";
        case FindingLevel::note:
            return "note";
    }
    return {};
}

std::size_t AuditReport::failing() const {
    return static_cast<std::size_t>(std::count_if(
        findings.begin(), findings.end(), [](const Finding& finding) { return finding.fails(); }));
}

std::size_t AuditReport::warnings() const {
    return static_cast<std::size_t>(std::count_if(
        findings.begin(), findings.end(),
        [](const Finding& finding) { return level_of(finding) == FindingLevel::warning; }));
}

std::size_t AuditReport::known() const {
    return static_cast<std::size_t>(std::count_if(
        findings.begin(), findings.end(), [](const Finding& finding) { return finding.is_known; }));
}

int line_of(const AuditReport& report, const Finding& finding) {
    const int line = finding.rule != nullptr ? finding.rule->line : report.policy.unknown_line;
    return std::max(line, 1);
}

std::string allowed_text(const Finding& finding) {
    if (finding.rule == nullptr) {
        return {};
    }
    const KeyRule& rule = *finding.rule;
    switch (finding.check) {
        case AuditCheck::no_ttl:
            return rule.max_ttl ? "max_ttl " + duration_word(*rule.max_ttl)
                                : "ttl " + duration_word(*rule.ttl);
        case AuditCheck::ttl_too_long:
            return "max_ttl " + duration_word(*rule.max_ttl);
        case AuditCheck::too_large:
            return "max_size " + format_size(*rule.max_size);
        case AuditCheck::wrong_type:
            return "type " + rule.type;
        case AuditCheck::may_be_evicted:
            return "protected";
        case AuditCheck::unknown:
            break;
    }
    return {};
}

std::string message_of(const AuditReport& report, const Finding& finding) {
    const bool is_one = report.gathered.count(finding.keys).keys == 1;
    const std::string keys = keys_counted(report, finding) + ' ' + place_of(finding);
    if (finding.rule == nullptr) {
        return fmt::format("{} {} no rule of the policy", keys, verb(is_one, "matches", "match"));
    }
    const std::string rule =
        fmt::format("the rule '{}'", escape_for_terminal(finding.rule->pattern));
    const std::string allowed = allowed_text(finding);
    switch (finding.check) {
        case AuditCheck::no_ttl:
            return fmt::format("{} never {}, though {} has {}", keys,
                               verb(is_one, "expires", "expire"), rule, allowed);
        case AuditCheck::ttl_too_long:
            return fmt::format("{} {} longer to live{} than {} allows ({})", keys,
                               verb(is_one, "has", "have"), worst_of(finding), rule, allowed);
        case AuditCheck::too_large:
            return fmt::format("{} {} more memory{} than {} allows ({})", keys,
                               verb(is_one, "takes", "take"), worst_of(finding), rule, allowed);
        case AuditCheck::wrong_type:
            return fmt::format("{} {} of another type than {} has ({})", keys,
                               verb(is_one, "is", "are"), rule, allowed);
        case AuditCheck::may_be_evicted:
        case AuditCheck::unknown:
            break;
    }
    return fmt::format(
        "{} {} protected by {}, but the server may evict {}: its maxmemory-policy is allkeys-…",
        keys, verb(is_one, "is", "are"), rule, verb(is_one, "it", "them"));
}

std::string example_text(const Finding& finding, const FoundKey& example) {
    std::string text = escape_for_terminal(example.key);
    if (finding.check == AuditCheck::too_large) {
        text += fmt::format(" ({})", format_size(example.worth));
    } else if (finding.check == AuditCheck::ttl_too_long) {
        text += fmt::format(" ({})", format_duration(std::chrono::milliseconds(example.worth)));
    } else if (finding.check == AuditCheck::wrong_type) {
        text += fmt::format(" ({})", escape_for_terminal(example.type));
    }
    return text;
}

std::string message_with_examples(const AuditReport& report, const Finding& finding) {
    std::string text = message_of(report, finding);
    const std::size_t shown = std::min(finding.examples.size(), k_examples_in_message);
    for (std::size_t i = 0; i < shown; ++i) {
        text += i == 0 ? "; for example " : ", ";
        text += example_text(finding, finding.examples[i]);
    }
    return text;
}

}  // namespace cachectl
