// What an audit found before: findings that are known do not fail the next one.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "audit/findings.hpp"

namespace cachectl {

/// What a finding is recognised by in the next audit: its check, its rule's pattern and its
/// namespace; not its line, which moves, nor its count. The same text for the same finding.
std::string identity_of(const Finding& finding);

class Baseline {
public:
    /// The file is what `audit -o json` has written. Error(usage) if it is not.
    static Baseline read(const std::string& path);
    /// The same for text that is already here; `file` is what messages call it.
    static Baseline parse(std::string_view text, const std::string& file);

    [[nodiscard]] bool has(const Finding& finding) const {
        return m_known.contains(identity_of(finding));
    }
    [[nodiscard]] std::size_t size() const { return m_known.size(); }

private:
    std::set<std::string> m_known;
};

}  // namespace cachectl
