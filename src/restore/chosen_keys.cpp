#include "restore/chosen_keys.hpp"

#include <fmt/format.h>

#include "util/text.hpp"

namespace cachectl {

ChosenKeys::ChosenKeys(const KeyFilter& filter, const KeyListOptions& list)
    : m_filter(filter), m_has_list(!list.keys_from.empty()) {
    if (!m_has_list) {
        return;
    }
    KeyList names(list.keys_from, list.form());
    for (std::string name; names.next(name);) {
        m_listed.insert(m_hash(name));
    }
}

void ChosenKeys::tell_missing(Context& ctx, std::uint64_t found, const std::string& file) const {
    const std::uint64_t listed = m_listed.size();
    const bool are_all_meant = m_filter.patterns.empty() && m_filter.excludes.empty();
    if (m_has_list && are_all_meant && found < listed) {
        ctx.note(fmt::format("{} of the {} listed {} not in {}", format_count(listed - found),
                             format_counted(listed, "key"), listed - found == 1 ? "is" : "are",
                             file));
    }
}

}  // namespace cachectl
