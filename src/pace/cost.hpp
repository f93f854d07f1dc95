// What commands cost a server, in microseconds of the one that was measured (Redis 7.0.15, keys of
// 12 bytes): for planning. How much slower or faster a server is at each, pace/server_speed finds
// out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cachectl {

/// The commands whose cost is planned.
enum class Verb : std::uint8_t {
    scan,
    exists,
    type,
    pttl,
    memory_usage,
    object_idletime,
    object_refcount,
    object_encoding,
    object_freq,
    unlink,
    del,
    pexpire,
    persist,
    set,
    hset,
    rpush,
    sadd,
    zadd,
    get,
    dump,
    keys_in_slot,
    count,  // how many there are
};
constexpr auto k_verbs = static_cast<std::size_t>(Verb::count);

/// As INFO commandstats calls it: "unlink", "memory|usage". What is before the bar is its name on
/// servers older than 7.0.
constexpr std::string_view stats_name(Verb verb) {
    constexpr std::array<std::string_view, k_verbs> k_names = {
        "scan",
        "exists",
        "type",
        "pttl",
        "memory|usage",
        "object|idletime",
        "object|refcount",
        "object|encoding",
        "object|freq",
        "unlink",
        "del",
        "pexpire",
        "persist",
        "set",
        "hset",
        "rpush",
        "sadd",
        "zadd",
        "get",
        "dump",
        "cluster|getkeysinslot",
    };
    return k_names[static_cast<std::size_t>(verb)];
}

/// Calls of one verb, and what they cost together.
struct VerbCost {
    Verb verb = Verb::scan;
    unsigned calls = 1;
    double cost = 0;
};

/// The cost of what is sent together: some calls of some verbs.
class Cost {
public:
    Cost() = default;
    Cost(VerbCost part) { add(part); }  // NOLINT(*-explicit-*): a cost is often of one verb

    void add(VerbCost part) {
        for (VerbCost& mine : std::span(m_parts).first(m_size)) {
            if (mine.verb != part.verb) {
                continue;
            }
            mine.calls += part.calls;
            mine.cost += part.cost;
            return;
        }
        m_parts.at(m_size++) = part;
    }
    [[nodiscard]] Cost times(unsigned n) const {
        Cost product;
        for (const VerbCost& part : parts()) {
            product.add({part.verb, part.calls * n, part.cost * n});
        }
        return product;
    }
    [[nodiscard]] std::span<const VerbCost> parts() const {
        return std::span(m_parts).first(m_size);
    }

private:
    std::array<VerbCost, k_verbs> m_parts;
    std::size_t m_size = 0;
};

/// SCAN … COUNT count.
constexpr double scan_cost(unsigned count) { return 20 + 0.40 * count; }
/// The COUNT with which a SCAN costs that.
constexpr double scan_count(double cost) { return (cost - 20) / 0.40; }

/// TYPE, PTTL, EXISTS, OBJECT, PEXPIRE, PERSIST: a look-up, and the command around it.
constexpr double k_key_command_cost = 0.8;
/// MEMORY USAGE looks at five elements of what has many.
constexpr double k_memory_usage_cost = 1.2;
/// Of UNLINK, for each key; what is large is freed by another thread.
constexpr double k_unlink_cost = 0.9;
constexpr double k_command_cost = 2;  // of a command with many keys, besides these

/// CLUSTER GETKEYSINSLOT that finds that many keys.
constexpr double keys_in_slot_cost(double keys) { return 3 + 0.3 * keys; }

/// DUMP of that many keys, which have so many bytes in all.
constexpr double dump_cost(unsigned keys, std::uint64_t bytes) {
    return 1.1 * keys + 0.0065 * static_cast<double>(bytes);
}

/// A command that writes that many bytes.
constexpr double write_cost(std::size_t bytes) { return 1.0 + 0.0004 * static_cast<double>(bytes); }

}  // namespace cachectl
