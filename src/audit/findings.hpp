// What keys do not keep to in their policy, gathered in bounded memory: one finding for each rule,
// check and namespace, with a count and a few examples.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "audit/check.hpp"
#include "keyspace/policy.hpp"
#include "keyspace/sum.hpp"

namespace cachectl {

struct FoundKey {
    std::string key;
    std::uint64_t worth = 0;  // the TTL in ms, the size in bytes; 0 for the other checks
    std::string type;         // of wrong-type
};

struct Finding {
    AuditCheck check;
    const KeyRule* rule;                  // of the policy; null for keys that no rule matches
    std::string name_space;               // "user", "(none)", "(other)"
    std::uint64_t keys = 0;               // that were looked at
    std::vector<FoundKey> examples = {};  // worst first, then by name; at most 10
    bool is_warning = false;              // it does not fail the audit
    bool is_known = false;                // the baseline has it already

    [[nodiscard]] bool fails() const { return !is_warning && !is_known; }
};

class Findings final : public Sum {
public:
    static constexpr std::size_t k_most_examples = 10;
    /// Those beyond are gathered in the namespace "(other)" of their rule and check.
    static constexpr std::size_t k_most_findings = 1'000;

    /// `policy` outlives this. `evicts` says of a key whether its server evicts keys of any kind.
    Findings(const KeyPolicy& policy, std::string delimiter,
             std::function<bool(const std::string& key)> evicts);

    void add(const KeyFacts& key) override;
    void reset() override;

    [[nodiscard]] std::uint64_t keys() const { return m_keys; }
    /// Of these, how many did not tell their size although their rule limits it.
    [[nodiscard]] std::uint64_t unsized() const { return m_unsized; }
    /// By rule in the policy's order, then check, then most keys; keys without a rule last.
    [[nodiscard]] std::vector<Finding> all() const;

private:
    /// Rule's index, or the number of rules for none.
    using Place = std::tuple<std::size_t, AuditCheck, std::string>;

    void check_rule(const KeyRule& rule, const KeyFacts& key);
    void note(AuditCheck check, const KeyRule* rule, const KeyFacts& key, std::uint64_t worth);
    Finding& finding_for(AuditCheck check, const KeyRule* rule, const std::string& key);

    const KeyPolicy& m_policy;
    std::string m_delimiter;
    std::function<bool(const std::string&)> m_evicts;
    bool m_has_protected;
    std::uint64_t m_keys = 0;
    std::uint64_t m_unsized = 0;
    std::map<Place, Finding> m_findings;
};

}  // namespace cachectl
