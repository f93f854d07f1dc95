// What a cluster's nodes say of the cluster: CLUSTER SLOTS as made_reply() has it; the first line
// as a redirection, an address and a --node-map; all of it as CLUSTER NODES.
#include "redis/cluster/slot_map.hpp"

#include <algorithm>
#include <string>

#include "fuzz/made_reply.hpp"
#include "fuzz/target.hpp"
#include "health/cluster_view.hpp"
#include "redis/cluster/address.hpp"
#include "redis/slot.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

void check_ranges(const std::vector<SlotRange>& ranges) {
    for (const SlotRange& range : ranges) {
        expect(range.first <= range.last && range.last < k_slots, "a slot is one of 16,384");
    }
}

void check_slot_map(const Reply& reply) {
    const AskedNode asked{"me", {"10.0.0.1", 6379}, UsesTls::no};
    const NodeMap moved = {{{"10.0.0.9", 6379}, {"127.0.0.1", 7001}}};
    try {
        const SlotMap map = parse_slot_map(reply, asked, moved);
        SlotSet covered;
        for (const SlotOwner& owner : map.masters) {
            expect(!owner.address.host.empty() && owner.address.host != "?" &&
                       owner.address.port != 0 && is_node_host(owner.address.host),
                   "a master can be connected to");
            expect(!owner.slots.empty(), "a master has slots");
            check_ranges(owner.slots);
            for (const SlotRange& range : owner.slots) {
                for (unsigned slot = range.first; slot <= range.last; ++slot) {
                    covered.set(slot);
                }
            }
            for (const HostPort& replica : owner.replicas) {
                expect(!replica.host.empty() && replica.host != "?" && replica.port != 0,
                       "a replica can be connected to");
            }
        }
        std::size_t uncovered = 0;
        for (const SlotRange& range : map.uncovered()) {
            uncovered += static_cast<std::size_t>(range.last - range.first) + 1;
            expect(!covered[range.first] && !covered[range.last], "it is not covered");
        }
        expect(covered.count() + uncovered == k_slots, "a slot is covered or it is not");
    } catch (const Error& error) {
        expect(error.code() == ExitCode::unreachable, "what is no slot map is no cluster");
    }
}

void check_address(std::string_view text) {
    const auto redirection = parse_redirection(Reply::make_error(std::string(text)));
    if (redirection) {
        expect(redirection->slot < k_slots, "it is about a slot");
        expect(redirection->to.port != 0 && is_node_host(redirection->to.host),
               "it leads somewhere");
    }
    if (const auto address = parse_node_address(text)) {
        const auto again = parse_node_address(address->name());
        expect(again == address, "an address is read as it is written");
    }
    NodeMap map;
    try {
        add_to_node_map(map, text);
        expect(map.size() == 1 && !map.begin()->second.host.empty(), "it leads to a host");
    } catch (const Error& error) {
        expect(error.code() == ExitCode::usage && map.empty(), "what is none is a mistake");
    }
}

}  // namespace

void fuzz_slot_map(std::string_view input) {
    check_slot_map(made_reply(input));
    check_address(input.substr(0, input.find('\n')));
    const OwnSlots own = parse_own_slots(input);
    check_ranges(own.served);
    for (const auto* open : {&own.migrating, &own.importing}) {
        expect(std::all_of(open->begin(), open->end(), [](auto slot) { return slot < k_slots; }),
               "an open slot is one of 16,384");
    }
}

}  // namespace cachectl
