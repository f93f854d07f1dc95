// --partial: the slots of a cluster that a change goes without, because they are out of reach.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "keyspace/key_selector.hpp"
#include "redis/client.hpp"
#include "util/error.hpp"

namespace cachectl {

enum class Partial { no, yes };

class SlotGaps {
public:
    SlotGaps() = default;
    /// Looks for such slots. Throws the reason unless the change may be partial; then warns of
    /// them.
    SlotGaps(Context& ctx, Client& client, Partial partial);

    [[nodiscard]] bool any() const { return !m_slots.empty(); }
    [[nodiscard]] const std::vector<SlotRange>& slots() const { return m_slots; }
    /// The same keys but for those in such slots. Of a list, they are added to `skipped`; this
    /// object, the client and `skipped` outlive the selection.
    [[nodiscard]] Selection selection_without(Selection selection, const Client& client,
                                              std::uint64_t& skipped) const;
    /// Whether the key is in one of them.
    [[nodiscard]] bool has(const Client& client, std::string_view key) const;
    /// Error(partial) that names them; nothing if nothing was left out.
    [[nodiscard]] std::optional<Error> error() const;

private:
    std::vector<SlotRange> m_slots;
};

}  // namespace cachectl
