// Neighbours: the keys among those of a walk that look like another program's own data. They are
// counted by name; where a name alone would not do, the server is asked for a few marks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "redis/client.hpp"

namespace cachectl {

struct NeighbourCount {
    std::string name;  // "Sidekiq"
    std::string what;  // "jobs"
    std::uint64_t keys = 0;
    std::vector<std::string> patterns;  // those of the table that keys matched
};

/// "1,200 keys of Sidekiq (queue:*, queues)"; of many patterns the first three.
std::string describe(const NeighbourCount& neighbour);

/// The same programs' counts together, most keys first.
std::vector<NeighbourCount> merge(std::vector<NeighbourCount> some,
                                  const std::vector<NeighbourCount>& others);

class NeighbourCounter {
public:
    /// Marks are asked of `client`, each at most once: with a TYPE that is sent when the first key
    /// is met that would need it, so before that key, or the mark, can be deleted.
    explicit NeighbourCounter(Client& client);

    enum class Counts { no, yes };
    /// A key that was met, and counts or may count later.
    void meet(std::string_view key, Counts counts = Counts::no);
    /// A key that was met before.
    void count(std::string_view key);
    /// Nothing is counted any more. What is known of marks is kept.
    void reset();

    /// Most keys first. To be called when the replies have come. A mark that the server did not
    /// tell of, for want of a right or of a connection, is taken to be there.
    [[nodiscard]] std::vector<NeighbourCount> rows() const;

private:
    struct Row;

    Client& m_client;
    std::shared_ptr<std::vector<Row>> m_rows;  // by the table; replies come to it
};

}  // namespace cachectl
