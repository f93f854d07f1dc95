// INFO keysizes, from Redis 8.0 on: how many keys there are of which size, by database and type, in
// powers of two (https://redis.io/docs/latest/commands/info/). The server counts it as it goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "output/display.hpp"
#include "redis/info.hpp"
#include "util/figures.hpp"

namespace cachectl {

/// Keys whose size is from `from` up to, and without, twice that; of 0 those that are empty.
struct SizeBin {
    std::uint64_t from = 0;
    std::uint64_t keys = 0;
};

/// The sizes of the keys of one type in one database, from the smallest on.
struct KeySizes {
    std::int64_t database = 0;
    std::string type;   // "strings", "zsets", as the server says it
    bool bytes = true;  // the sizes are bytes; else elements
    std::vector<SizeBin> bins;

    [[nodiscard]] std::uint64_t keys() const;
    /// The bin that holds the middle key.
    [[nodiscard]] SizeBin median() const;
};

/// Of INFO keysizes; empty where the server has none. Bins that are not what they claim to be are
/// left out.
std::vector<KeySizes> parse_key_sizes(const InfoFields& info);

/// Those of several servers as one.
std::vector<KeySizes> total_key_sizes(const std::vector<std::vector<KeySizes>>& servers);

/// [{bin, db, type, unit, from, below, keys}]: bin is "db0.strings.1024".
FigureGroup size_figures(const std::vector<KeySizes>& sizes);

/// For people: one line for each type, with its histogram; nothing if there are no keys.
std::vector<std::string> size_lines(const std::vector<KeySizes>& sizes, const Display& display,
                                    std::size_t columns);

}  // namespace cachectl
