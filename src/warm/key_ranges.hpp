// Which keys of a run are done, by their place in it: nearly always all up to one place, and after
// an error a few behind it.
#pragma once

#include <cstdint>
#include <map>

namespace cachectl {

class KeyRanges {
public:
    void add(std::uint64_t index) { add(index, index + 1); }
    void add(std::uint64_t begin, std::uint64_t end);

    [[nodiscard]] bool contains(std::uint64_t index) const;
    /// By their beginnings; neither do they touch.
    [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& ranges() const { return m_ranges; }

private:
    std::map<std::uint64_t, std::uint64_t> m_ranges;
};

}  // namespace cachectl
