#include "keyspace/key_filter.hpp"

#include <algorithm>

#include "keyspace/glob.hpp"

namespace cachectl {

namespace {

bool matches_any(const std::vector<std::string>& globs, const std::string& key) {
    return std::any_of(globs.begin(), globs.end(),
                       [&](const std::string& glob) { return glob_match(glob, key); });
}

}  // namespace

bool KeyFilter::matches_name(const std::string& key) const {
    return (patterns.empty() || matches_any(patterns, key)) && !matches_any(excludes, key);
}

bool KeyFilter::matches_facts(const KeyFacts& key, Idle idle) const {
    if (key.unreadable && (facts_needed().any() || !type.empty())) {
        return false;
    }
    if (!type.empty() && !key.type.empty() && key.type != type) {
        return false;
    }
    if (only_persistent && key.ttl) {
        return false;
    }
    if (ttl_below && !(key.ttl && *key.ttl < *ttl_below)) {
        return false;
    }
    if (ttl_above && key.ttl && *key.ttl <= *ttl_above) {
        return false;
    }
    if (idle_over && idle == Idle::judged && !(key.idle && *key.idle > *idle_over)) {
        return false;
    }
    if (size_over && key.size_bytes.value_or(0) <= *size_over) {
        return false;
    }
    return true;
}

FactsWanted KeyFilter::facts_needed() const {
    FactsWanted wanted;
    wanted.ttl = only_persistent || ttl_below || ttl_above;
    wanted.idle = wanted.own_idle = idle_over.has_value();
    wanted.size = size_over.has_value();
    return wanted;
}

// Several globs would need a walk each, and some globs can hold a server for minutes
// (CVE-2022-36021, CVE-2024-31228): those are matched here.
std::string KeyFilter::server_side_match() const {
    if (patterns.size() != 1 || is_catch_all(patterns[0]) || is_costly(patterns[0])) {
        return {};
    }
    return patterns[0];
}

}  // namespace cachectl
