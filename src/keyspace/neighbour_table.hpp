// The table of programs that keep their own data in a Redis which is also a cache: job queues,
// sessions, locks. To add one, add a row to neighbour_table.cpp.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace cachectl {

/// What the last '*' of a pattern stands for.
enum class NeighbourTail {
    anything,
    made_id,  // an identifier that a generator made: see is_made_id()
};

/// Keys of a program, by name.
struct NeighbourPattern {
    std::string_view glob;
    NeighbourTail tail = NeighbourTail::anything;
};

/// A key that the program has wherever it runs.
struct NeighbourMark {
    std::string_view key;
    std::string_view type;  // as TYPE says it
};

struct NeighbourKind {
    std::string_view name;  // of the program, as people know it
    std::string_view what;  // what it keeps, in the plural: "jobs", "sessions", "locks"
    /// Names that mean this program by themselves.
    std::vector<NeighbourPattern> sure;
    /// Names that others use too. They count as the program's only if a key of `sure` was met, or
    /// if all of `marks` are there and have the types that are said here.
    std::vector<NeighbourPattern> likely;
    std::vector<NeighbourMark> marks;  // asked for with one TYPE each; none: `sure` decides alone
    std::string_view source;           // where the program says how it names its keys
};

std::span<const NeighbourKind> neighbour_table();

}  // namespace cachectl
