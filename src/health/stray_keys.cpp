#include "health/stray_keys.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "cli/pace_options.hpp"
#include "health/cluster_view.hpp"
#include "health/measuring.hpp"
#include "redis/client.hpp"
#include "util/signals.hpp"
#include "walk/completeness.hpp"
#include "walk/slot_sizes.hpp"

namespace cachectl {

namespace {

/// Whether what seems to be stray keys comes with slots that are moved to the node as a whole:
/// COUNTKEYSINSLOT counts those keys and DBSIZE does not.
bool are_arriving(std::uint64_t stray, std::uint64_t in_slots, std::optional<std::uint64_t> keys) {
    return keys && in_slots > *keys && (in_slots - *keys) * 2 >= stray;
}

void count_on(Context& ctx, Client& client, NodeEvidence& node) {
    const Reply* nodes = measure::told(node, "CLUSTER NODES");
    if (!node.after.answered() || nodes == nullptr) {
        node.stray_lacking = measure::untold(node, "CLUSTER NODES").message;
        return;
    }
    const OwnSlots own = parse_own_slots(nodes->text);
    const auto paces = make_paces(ctx, client, PaceFlags{}, RateOf::walked);
    const auto keys_before = database_size(client);
    SlotSizes sizes;
    sizes.read(client, paces->of(client), ~SlotSet());
    if (stop_signal() != 0) {
        return;
    }
    if (sizes.refused()) {
        node.stray_lacking =
            sizes.refused()->hint().empty() ? sizes.refused()->what() : sizes.refused()->hint();
        return;
    }
    std::uint64_t stray = 0;
    for (std::uint16_t slot = 0; slot < k_slots; ++slot) {
        const bool is_own =
            contains(own.served, slot) ||
            std::find(own.importing.begin(), own.importing.end(), slot) != own.importing.end();
        stray += is_own ? 0 : sizes.keys_of(slot);
    }
    const auto keys = std::max(keys_before, stray == 0 ? keys_before : database_size(client));
    if (are_arriving(stray, sizes.keys(), keys)) {
        node.stray_lacking = "slots are arriving (CLUSTER MIGRATESLOTS)";
        return;
    }
    node.stray_keys = stray;
}

}  // namespace

void count_stray_keys(Context& ctx, std::span<const ServerNode> nodes,
                      std::span<NodeEvidence> evidence) {
    for (std::size_t i = 0; i < nodes.size() && stop_signal() == 0; ++i) {
        count_on(ctx, *nodes[i].client, evidence[i]);
    }
}

}  // namespace cachectl
