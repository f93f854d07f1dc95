#include "cli/lookup_interval.hpp"

#include <memory>
#include <vector>

#include "util/signals.hpp"

namespace cachectl {

namespace {

struct Counters {
    std::optional<std::int64_t> hits, misses;
};

using Readings = std::vector<Counters>;

Readings read_all(Client& client, std::span<const ServerNode> nodes) {
    const auto readings = std::make_shared<Readings>(nodes.size());
    const auto left = std::make_shared<std::size_t>(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].client->send({"INFO", "stats"}, [readings, left, i](const Reply& reply) {
            --*left;
            if (!reply.is_text()) {
                return;
            }
            const InfoFields info(reply.text);
            (*readings)[i] = {info.integer("keyspace_hits"), info.integer("keyspace_misses")};
        });
    }
    client.run_until([&] { return *left == 0; });
    return *readings;
}

}  // namespace

std::optional<IntervalLookups> read_lookups(Client& client, std::span<const ServerNode> nodes,
                                            std::chrono::milliseconds apart) {
    const Readings before = read_all(client, nodes);
    const auto begin = client.now();
    client.sleep(apart);
    if (stop_signal() != 0) {
        return std::nullopt;
    }
    const Readings after = read_all(client, nodes);
    IntervalLookups sum;
    sum.interval = std::chrono::duration_cast<std::chrono::milliseconds>(client.now() - begin);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const Counters &first = before[i], &second = after[i];
        if (!first.hits || !first.misses || !second.hits || !second.misses) {
            return std::nullopt;
        }
        if (*second.hits < *first.hits || *second.misses < *first.misses) {
            return std::nullopt;
        }
        sum.hits += *second.hits - *first.hits;
        sum.misses += *second.misses - *first.misses;
    }
    return sum;
}

}  // namespace cachectl
