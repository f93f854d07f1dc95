// Which keys of a file are meant: by patterns and exclusions, and by a list of names.
#pragma once

#include <cstdint>
#include <string>

#include "cli/context.hpp"
#include "cli/option_groups.hpp"
#include "keyspace/key_filter.hpp"
#include "walk/key_set.hpp"

namespace cachectl {

class ChosenKeys {
public:
    /// Reads the list, if there is one. Throws Error(bad_input) for one that is none. The filter
    /// has to outlive it.
    ChosenKeys(const KeyFilter& filter, const KeyListOptions& list);

    [[nodiscard]] bool contains(const std::string& key) const {
        return m_filter.matches_name(key) && (!m_has_list || m_listed.contains(m_hash(key)));
    }
    /// A note if the list alone says which keys are meant, and fewer were found in the file.
    void tell_missing(Context& ctx, std::uint64_t found, const std::string& file) const;

private:
    const KeyFilter& m_filter;
    bool m_has_list;
    KeyHasher m_hash;
    HashSet<KeyHash> m_listed;  // in little memory: a list may be long
};

}  // namespace cachectl
