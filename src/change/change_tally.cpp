#include "change/change_tally.hpp"

namespace cachectl {

void ChangeTally::add(const ChangeTally& others) {
    changed += others.changed;
    vanished += others.vanished;
    failed += others.failed;
    unknown += others.unknown;
    unsaved += others.unsaved;
    not_attempted += others.not_attempted;
    for (const std::string& key : others.refused_keys) {
        if (refused_keys.size() < k_refused_keys_kept) {
            refused_keys.push_back(key);
        }
    }
    if (refusal.empty()) {
        refusal = others.refusal;
    }
}

}  // namespace cachectl
