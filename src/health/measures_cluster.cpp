// A cluster as a whole, and each of its masters as a part of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "health/cluster_view.hpp"
#include "health/measures.hpp"
#include "health/measuring.hpp"
#include "redis/slot.hpp"
#include "stats/figure_text.hpp"

namespace cachectl::measure {

namespace {

constexpr std::string_view k_info = "CLUSTER INFO";
constexpr std::string_view k_nodes = "CLUSTER NODES";

std::string fix_remedy(const NodeEvidence& node) {
    return fmt::format("redis-cli --cluster fix {}",
                       node.name().empty() ? "HOST:PORT" : node.name());
}

std::string slots_text(const std::vector<std::uint16_t>& slots) {
    const auto ranges = slot_ranges([&](std::uint16_t slot) {
        return std::find(slots.begin(), slots.end(), slot) != slots.end();
    });
    return format_slots(ranges);
}

/// A number of CLUSTER INFO as the value.
Measurement count_of(const NodeEvidence& node, const HealthEvidence& all, const char* field,
                     const char* message) {
    if (!all.is_cluster) {
        return Measurement::not_applicable();
    }
    const Reply* reply = told(node, k_info);
    if (reply == nullptr) {
        return untold(node, k_info);
    }
    const double count = InfoFields(reply->text).number(field).value_or(0);
    return {.value = count,
            .shown = count_text_of(count),
            .message = count > 0 ? message : "",
            .remedy = "bring the masters of these slots back, or have a replica take over"};
}

}  // namespace

Measurement cluster_state(const NodeEvidence& node, const HealthEvidence& all) {
    if (!all.is_cluster) {
        return Measurement::not_applicable();
    }
    const Reply* reply = told(node, k_info);
    if (reply == nullptr) {
        return untold(node, k_info);
    }
    const InfoFields info(reply->text);
    const std::string state(info.text("cluster_state"));
    const double assigned = info.number("cluster_slots_assigned").value_or(k_slots);
    Measurement found{.value = state == "ok" ? 0 : 1, .shown = state};
    if (state != "ok") {
        found.message = fmt::format("{:.0f} of {} slots are assigned; it refuses commands on keys",
                                    assigned, k_slots);
    }
    found.remedy = fix_remedy(node);
    return found;
}

Measurement cluster_slots_fail(const NodeEvidence& node, const HealthEvidence& all) {
    return count_of(node, all, "cluster_slots_fail", "slots are of masters that have failed");
}

Measurement cluster_slots_pfail(const NodeEvidence& node, const HealthEvidence& all) {
    return count_of(node, all, "cluster_slots_pfail",
                    "slots are of masters that this node does not reach");
}

Measurement cluster_open_slots(const NodeEvidence& node, const HealthEvidence& all) {
    if (!all.is_cluster) {
        return Measurement::not_applicable();
    }
    const Reply* reply = told(node, k_nodes);
    if (reply == nullptr) {
        return untold(node, k_nodes);
    }
    const OwnSlots own = parse_own_slots(reply->text);
    const double open = static_cast<double>(own.migrating.size() + own.importing.size());
    Measurement found{.value = open, .shown = count_text_of(open)};
    if (!own.migrating.empty()) {
        found.message = "migrating: " + slots_text(own.migrating);
    }
    if (!own.importing.empty()) {
        found.message +=
            (found.message.empty() ? "importing: " : "; importing: ") + slots_text(own.importing);
    }
    found.remedy = fix_remedy(node);
    found.gives = "unless they are being moved just now";
    return found;
}

Measurement cluster_orphan_keys(const NodeEvidence& node, const HealthEvidence& all) {
    if (!all.is_cluster) {
        return Measurement::not_applicable();
    }
    if (!node.stray_keys) {
        return Measurement::unknown(node.stray_lacking.empty() ? "its slots are not known"
                                                               : node.stray_lacking);
    }
    const auto stray = static_cast<double>(*node.stray_keys);
    return {.value = stray,
            .shown = count_text_of(stray),
            .message =
                stray > 0 ? "keys are of slots that other masters serve: nobody reaches them" : "",
            .remedy = fix_remedy(node)};
}

Measurement cluster_two_owners(const HealthEvidence& all) {
    if (!all.is_cluster) {
        return Measurement::not_applicable();
    }
    SlotSet owned, twice;
    std::size_t told_by = 0;
    const NodeEvidence* refusing = nullptr;
    for (const NodeEvidence& node : all.nodes) {
        const Reply* reply = told(node, k_nodes);
        if (reply == nullptr) {
            const auto refusal = node.replies.find(k_nodes);
            const bool is_refused = refusal != node.replies.end() && refusal->second.is_error();
            refusing = is_refused ? &node : refusing;
            continue;
        }
        ++told_by;
        for (const SlotRange& range : parse_own_slots(reply->text).served) {
            for (unsigned slot = range.first; slot <= range.last; ++slot) {
                twice[slot] = twice[slot] || owned[slot];
                owned[slot] = true;
            }
        }
    }
    if (told_by == 0) {
        return all.nodes.empty() ? Measurement::not_applicable()
                                 : untold(all.nodes.front(), k_nodes);
    }
    const auto count = static_cast<double>(twice.count());
    if (count == 0 && refusing != nullptr) {
        return Measurement::unknown(refusing->name() + ": " + untold(*refusing, k_nodes).message);
    }
    Measurement found{.value = count, .shown = count_text_of(count)};
    if (count > 0) {
        found.message = "two masters say that they serve " +
                        format_slots(slot_ranges([&](auto slot) { return twice[slot]; }));
    }
    found.remedy = "redis-cli --cluster check HOST:PORT";
    found.gives = "shows which masters; CLUSTER BUMPEPOCH on the right one settles it";
    return found;
}

Measurement cluster_unbalanced(const HealthEvidence& all) {
    if (const auto untold = untold_figures(all)) {
        return *untold;
    }
    double total = 0, most = 0;
    std::size_t masters = 0;
    std::string fullest;
    for (const NodeEvidence& node : all.nodes) {
        const auto used = node.info().number("used_memory");
        if (!node.after.answered() || !used) {
            continue;
        }
        // What an empty server takes is no matter of balance.
        const double taken = std::max(0.0, *used - figure(node, "used_memory_startup"));
        ++masters;
        total += taken;
        if (taken > most) {
            most = taken;
            fullest = node.name();
        }
    }
    constexpr double k_least = 64.0 * 1024 * 1024;
    if (masters < 2) {
        return Measurement::not_applicable();
    }
    const double mean = total / static_cast<double>(masters);
    Measurement found{.value = mean > 0 ? most / mean : 1};
    found.shown = fmt::format("{:.2f} of the mean", *found.value);
    found.message = fmt::format("{} has {}", fullest, bytes_text(most));
    found.remedy = "redis-cli --cluster rebalance HOST:PORT";
    if (most < k_least) {
        found.is_harmless = true;
    }
    return found;
}

Measurement config_drift(const HealthEvidence& all) {
    std::vector<const NodeEvidence*> told_by;
    for (const NodeEvidence& node : all.nodes) {
        if (node.after.answered()) {
            told_by.push_back(&node);
        }
    }
    const std::optional<Measurement> untold = untold_figures(all);
    if (told_by.size() < 2) {
        return untold.value_or(Measurement::not_applicable());
    }
    constexpr std::array k_fields = {"maxmemory", "maxmemory_policy", "aof_enabled"};
    Measurement found{.value = 0, .shown = "none"};
    for (const char* field : k_fields) {
        const auto first = told_by.front()->info().text(field);
        for (const NodeEvidence* node : told_by) {
            const auto other = node->info().text(field);
            if (other != first) {
                ++*found.value;
                found.shown = fmt::format("{:.0f}", *found.value);
                found.message +=
                    fmt::format("{}{} is {} on {} and {} on {}", found.message.empty() ? "" : "; ",
                                field, first, told_by.front()->name(), other, node->name());
                break;
            }
        }
    }
    if (found.value == 0 && untold) {
        return *untold;
    }
    found.remedy = "CONFIG SET and CONFIG REWRITE on the node that differs";
    return found;
}

}  // namespace cachectl::measure
