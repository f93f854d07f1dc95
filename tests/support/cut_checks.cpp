#include "support/cut_checks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace cachectl::test {

namespace {

using Json = nlohmann::json;

/// Names that differ from the keys before, and from those after a whole run: nothing may.
std::vector<std::string> stray_keys(const CutKeys& keys) {
    const std::set<std::string> changed = differing_keys(keys.before, keys.after);
    const std::set<std::string> wrong = differing_keys(keys.after, keys.expected);
    std::vector<std::string> stray;
    std::set_intersection(changed.begin(), changed.end(), wrong.begin(), wrong.end(),
                          std::back_inserter(stray));
    return stray;
}

std::int64_t added(const Json& sum, const std::vector<const char*>& fields) {
    std::int64_t total = 0;
    for (const char* field : fields) {
        total += sum.value(field, std::int64_t{0});
    }
    return total;
}

const std::vector<const char*> k_changed = {"deleted", "changed", "written", "restored"};
const std::vector<const char*> k_other = {"unchanged",     "protected",    "vanished", "failed",
                                          "unknown",       "skipped",      "exists",   "duplicates",
                                          "expired_since", "not_attempted"};

}  // namespace

void check_cut_end(const ProcessResult& result, const CutKeys& keys) {
    CHECK_FALSE(result.timed_out);
    CHECK(result.signal == 0);
    const bool is_allowed = result.exit_code == 0 || result.exit_code == 3 || result.exit_code == 5;
    CHECK(is_allowed);
    if (result.exit_code == 0) {
        CHECK(differing_keys(keys.after, keys.expected).empty());
    } else {
        CHECK(result.err.find("\"error\"") != std::string::npos);
    }
    if (result.exit_code == 3) {
        CHECK(differing_keys(keys.after, keys.before).empty());
    }
}

void check_cut_keys(const CutKeys& keys) { CHECK(stray_keys(keys) == std::vector<std::string>{}); }

void check_cut_sum(const ProcessResult& result, const CutKeys& keys) {
    const auto changed = static_cast<std::int64_t>(differing_keys(keys.before, keys.after).size());
    const Json sum = Json::parse(result.out, nullptr, false);
    if (!sum.is_object()) {
        CHECK(result.out.empty());
        CHECK(changed == 0);
        CHECK(result.exit_code != 0);
        return;
    }
    const bool loads = sum.contains("keys");
    const std::int64_t all =
        loads ? sum["keys"].get<std::int64_t>() : sum["matched"].get<std::int64_t>();
    std::int64_t said = added(sum, k_changed);
    std::int64_t unknown = sum["unknown"];
    CHECK(all == said + added(sum, k_other));
    const bool has_sync = sum.contains("sync") && sum["sync"].is_object();
    if (has_sync) {
        const Json& sync = sum["sync"];
        said += added(sync, {"deleted"});
        unknown += added(sync, {"unknown"});
        CHECK(sync["matched"] ==
              added(sync, k_changed) + added(sync, k_other) + added(sync, {"kept"}));
    }
    // A pointer, and sets that list keys, are not among the keys that are counted.
    const auto sets = static_cast<std::int64_t>(sum.value("sets", Json::array()).size());
    CHECK(said <= changed);
    CHECK(changed <= said + unknown + sets + (sum.contains("switched") ? 1 : 0));
    if (result.exit_code == 0) {
        CHECK(sum["complete"] == true);
        CHECK(added(sum, {"failed", "unknown", "not_attempted"}) == 0);
    } else {
        CHECK(sum["complete"] == false);
    }
}

}  // namespace cachectl::test
