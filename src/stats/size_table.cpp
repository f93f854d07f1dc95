// The part of stats/key_sizes.hpp that is for people.
#include <fmt/format.h>

#include <algorithm>

#include "output/chart.hpp"
#include "output/styled_line.hpp"
#include "stats/key_sizes.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_type_begin = 4, k_keys_end = 26, k_median_end = 39, k_largest_end = 52;
constexpr std::size_t k_chart_begin = 54;

std::string size_or_count(const KeySizes& sizes, std::uint64_t number) {
    return sizes.bytes ? format_size(number) : format_count(number);
}

/// One column for each power of two, from the smallest size of all types on.
std::vector<double> counts_by_power(const KeySizes& sizes) {
    std::vector<double> counts;
    for (const SizeBin& bin : sizes.bins) {
        std::size_t power = 0;
        for (std::uint64_t from = bin.from; from > 0; from /= 2) {
            ++power;
        }
        counts.resize(std::max(counts.size(), power + 1));
        counts[power] += static_cast<double>(bin.keys);
    }
    return counts;
}

}  // namespace

std::vector<std::string> size_lines(const std::vector<KeySizes>& sizes, const Display& display,
                                    std::size_t columns) {
    std::vector<std::string> lines;
    if (sizes.empty()) {
        return lines;
    }
    StyledLine header(display);
    header.add("DB", Style::bold)
        .pad_to(k_type_begin)
        .add("TYPE", Style::bold)
        .add_right("KEYS", k_keys_end, Style::bold)
        .add_right("MEDIAN", k_median_end, Style::bold)
        .add_right("LARGEST", k_largest_end, Style::bold)
        .pad_to(k_chart_begin)
        .add("FROM 0, 1, 2, 4 AND UP", Style::bold);
    lines.push_back(header.text(columns));
    for (const KeySizes& one : sizes) {
        StyledLine line(display);
        line.add(std::to_string(one.database))
            .pad_to(k_type_begin)
            .add(one.type)
            .add_right(format_count(one.keys()), k_keys_end)
            .add_right(size_or_count(one, one.median().from), k_median_end)
            .add_right(size_or_count(one, one.bins.back().from), k_largest_end)
            .pad_to(k_chart_begin)
            .add(sparkline(counts_by_power(one), display.glyphs), Style::cyan);
        lines.push_back(line.text(columns));
    }
    lines.push_back(StyledLine(display)
                        .add("sizes are at least what is shown and below twice that: bytes of "
                             "strings, elements of others",
                             Style::dim)
                        .text(columns));
    return lines;
}

}  // namespace cachectl
