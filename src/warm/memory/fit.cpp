#include "warm/memory/fit.hpp"

#include <fmt/format.h>

#include "util/text.hpp"

namespace cachectl {

namespace {

std::string description(const MemoryNeed& need) {
    const std::string bytes = format_size(need.bytes);
    const std::string peak = format_size(need.peak);
    if (need.peak <= need.bytes || peak == bytes) {
        return fmt::format("the keys will take about {}, and ", bytes);
    }
    return fmt::format("the keys will take about {}, up to {} while they are written, and ", bytes,
                       peak);
}

}  // namespace

FitVerdict judge_fit(const MemoryNeed& need, const ServerMemory& memory, Eviction eviction) {
    using Kind = FitVerdict::Kind;
    const bool waits = memory.limit != 0 && eviction == Eviction::refused;
    const std::uint64_t peak = waits ? need.least_peak : need.peak;
    const bool fits_in_the_end = need.bytes <= memory.room();
    if ((fits_in_the_end && peak <= memory.room_at_once()) ||
        (memory.limit == 0 && memory.system == 0)) {
        return {};
    }
    const std::string needs = description(need);
    if (memory.limit == 0) {
        return {Kind::warned,
                needs + fmt::format("the server, which has no maxmemory, uses {} of its machine's "
                                    "{} already",
                                    format_size(memory.used), format_size(memory.system)),
                ""};
    }
    const std::uint64_t room = fits_in_the_end ? memory.room_at_once() : memory.room();
    const std::string message =
        needs + fmt::format("there is room for {}: ", format_size(room)) + memory.description();
    if (eviction == Eviction::allowed) {
        return {Kind::warned,
                message + (memory.evicts() ? "; other keys will be evicted"
                                           : "; --allow-eviction cannot help there: nothing is "
                                             "evicted, and writing stops when it is full"),
                ""};
    }
    constexpr std::string_view k_less = "write less (--where, --columns), raise maxmemory, or ";
    return {Kind::refused, message,
            std::string(k_less) + (memory.evicts()
                                       ? "let the server evict other keys with --allow-eviction"
                                       : "choose a policy that evicts: with noeviction, "
                                         "--allow-eviction alone cannot help")};
}

double share_that_exists(Client& client, const std::vector<std::string>& names) {
    if (names.empty()) {
        return 0;
    }
    std::uint64_t existing = 0;
    for (const std::string& name : names) {
        client.send({"EXISTS", name}, [&existing](const Reply& reply) {
            if (reply.is_integer() && reply.integer > 0) {
                ++existing;
            }
        });
    }
    client.drain();
    return static_cast<double>(existing) / static_cast<double>(names.size());
}

}  // namespace cachectl
