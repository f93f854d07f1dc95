#include "audit/findings.hpp"

#include <algorithm>
#include <utility>

#include "keyspace/namespaces.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_longest_namespace = 256;
constexpr std::size_t k_longest_example = 1024;  // bytes; longer names are counted only

bool is_worse(const FoundKey& a, const FoundKey& b) {
    return a.worth != b.worth ? a.worth > b.worth : a.key < b.key;
}

/// Keeps the worst ones, each once: a sample may have a key twice.
void keep_worst(std::vector<FoundKey>& examples, FoundKey example) {
    const auto is_same = [&](const FoundKey& held) { return held.key == example.key; };
    const auto place = std::lower_bound(examples.begin(), examples.end(), example, is_worse);
    const auto index = place - examples.begin();
    if (static_cast<std::size_t>(index) >= Findings::k_most_examples ||
        std::any_of(examples.begin(), examples.end(), is_same)) {
        return;
    }
    if (examples.size() == Findings::k_most_examples) {
        examples.pop_back();
    }
    examples.insert(examples.begin() + index, std::move(example));
}

}  // namespace

Findings::Findings(const KeyPolicy& policy, std::string delimiter,
                   std::function<bool(const std::string& key)> evicts)
    : m_policy(policy),
      m_delimiter(std::move(delimiter)),
      m_evicts(std::move(evicts)),
      m_has_protected(!policy.protected_patterns().empty()) {
    check_delimiter(m_delimiter);
}

void Findings::reset() {
    m_keys = m_unsized = 0;
    m_findings.clear();
}

void Findings::add(const KeyFacts& key) {
    ++m_keys;
    if (const KeyRule* rule = m_policy.find(key.key)) {
        check_rule(*rule, key);
    } else if (m_policy.unknown != UnknownKeys::ignore) {
        note(AuditCheck::unknown, nullptr, key, 0);
    }
    if (!m_has_protected) {
        return;
    }
    const KeyRule* guard = m_policy.find_protected(key.key);
    if (guard != nullptr && m_evicts && m_evicts(key.key)) {
        note(AuditCheck::may_be_evicted, guard, key, 0);
    }
}

void Findings::check_rule(const KeyRule& rule, const KeyFacts& key) {
    if (!key.unreadable) {
        if (!key.ttl && (rule.ttl || rule.max_ttl)) {
            note(AuditCheck::no_ttl, &rule, key, 0);
        }
        if (key.ttl && rule.max_ttl && *key.ttl > *rule.max_ttl) {
            note(AuditCheck::ttl_too_long, &rule, key,
                 static_cast<std::uint64_t>(key.ttl->count()));
        }
        if (!rule.type.empty() && !key.type.empty() && key.type != rule.type) {
            note(AuditCheck::wrong_type, &rule, key, 0);
        }
    }
    if (rule.max_size && !key.size_bytes) {
        ++m_unsized;
    } else if (rule.max_size && *key.size_bytes > *rule.max_size) {
        note(AuditCheck::too_large, &rule, key, *key.size_bytes);
    }
}

void Findings::note(AuditCheck check, const KeyRule* rule, const KeyFacts& key,
                    std::uint64_t worth) {
    Finding& finding = finding_for(check, rule, key.key);
    ++finding.keys;
    if (key.key.size() > k_longest_example) {
        return;
    }
    const auto& held = finding.examples;
    if (held.size() == k_most_examples && worth < held.back().worth) {
        return;
    }
    keep_worst(finding.examples,
               {key.key, worth, check == AuditCheck::wrong_type ? key.type : std::string()});
}

Finding& Findings::finding_for(AuditCheck check, const KeyRule* rule, const std::string& key) {
    using Kind = NamespaceCount::Kind;
    const std::size_t index = rule == nullptr
                                  ? m_policy.rules.size()
                                  : static_cast<std::size_t>(rule - m_policy.rules.data());
    const auto name = namespace_of(key, m_delimiter);
    std::string row = !name                                ? namespace_row_name(Kind::none, {})
                      : name->size() > k_longest_namespace ? namespace_row_name(Kind::other, {})
                                                           : namespace_row_name(Kind::named, *name);
    Place place{index, check, std::move(row)};
    auto found = m_findings.find(place);
    if (found == m_findings.end()) {
        if (m_findings.size() >= k_most_findings) {
            std::get<2>(place) = namespace_row_name(Kind::other, {});
        }
        const bool is_warning =
            check == AuditCheck::unknown && m_policy.unknown == UnknownKeys::warn;
        Finding finding{.check = check,
                        .rule = rule,
                        .name_space = std::get<2>(place),
                        .is_warning = is_warning};
        found = m_findings.try_emplace(std::move(place), std::move(finding)).first;
    }
    return found->second;
}

std::vector<Finding> Findings::all() const {
    std::vector<Finding> all;
    all.reserve(m_findings.size());
    for (const auto& [place, finding] : m_findings) {
        all.push_back(finding);
    }
    const auto end = m_policy.rules.data() + m_policy.rules.size();
    const auto rank = [&](const Finding& finding) {
        return std::tuple(finding.rule == nullptr ? end : finding.rule, finding.check);
    };
    std::stable_sort(all.begin(), all.end(), [&](const Finding& a, const Finding& b) {
        return rank(a) != rank(b) ? rank(a) < rank(b) : a.keys > b.keys;
    });
    return all;
}

}  // namespace cachectl
