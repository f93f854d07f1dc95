#include "load/server_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "util/text.hpp"

namespace cachectl {

namespace {

std::uint64_t bytes(const InfoFields& info, std::string_view name) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(info.integer(name).value_or(0), 0));
}

std::uint64_t count(std::string_view text, std::string_view name) {
    std::uint64_t number = 0;
    const auto at = text.find(name);
    if (at == std::string_view::npos) return 0;
    const char* const digits = text.data() + at + name.size();
    std::from_chars(digits, text.data() + text.size(), number);
    return number;
}

}  // namespace

std::optional<ServerMemory> ServerMemory::of(const InfoFields& info) {
    if (!info.integer("used_memory") || !info.integer("maxmemory")) return std::nullopt;
    ServerMemory memory;
    memory.used = bytes(info, "used_memory");
    memory.used -= std::min(memory.used, bytes(info, "mem_not_counted_for_evict"));
    memory.limit = bytes(info, "maxmemory");
    memory.system = bytes(info, "total_system_memory");
    memory.policy = info.text("maxmemory_policy");
    return memory;
}

std::optional<ServerMemory> ServerMemory::of(const std::vector<ServerNode>& nodes) {
    std::optional<ServerMemory> sum;
    bool all_limited = true;
    for (const ServerNode& node : nodes) {
        const auto memory = of(node.client->server().info);
        if (!memory) return std::nullopt;
        all_limited &= memory->limit != 0;
        if (!sum) {
            sum = memory;
            continue;
        }
        sum->used += memory->used;
        sum->limit += memory->limit;
        sum->system = 0;  // they may share a machine
    }
    if (sum && !all_limited) sum->limit = 0;
    return sum;
}

std::uint64_t ServerMemory::room() const {
    const std::uint64_t most = limit != 0 ? limit : system;
    return most - std::min(most, used);
}

std::string ServerMemory::description() const {
    return fmt::format("it uses {} of {}, and its policy is {}", format_size(used),
                       format_size(limit), policy);
}

KeyCounts key_counts(const InfoFields& info, int db) {
    const std::string_view text = info.text(fmt::format("db{}", db));
    return {count(text, "keys="), count(text, "expires=")};
}

}  // namespace cachectl
