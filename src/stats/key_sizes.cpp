#include "stats/key_sizes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;

constexpr std::string_view k_distribution = "_distrib_";

/// "512", "1K", "2M": a size as INFO keysizes labels it, in powers of 1024.
std::optional<std::uint64_t> bin_size(std::string_view label) {
    std::uint64_t size = 0;
    const auto read = std::from_chars(label.data(), label.data() + label.size(), size);
    const std::string_view unit = label.substr(static_cast<std::size_t>(read.ptr - label.data()));
    if (read.ec != std::errc() || unit.size() > 1) {
        return std::nullopt;
    }
    if (unit.empty()) {
        return size;
    }
    const std::size_t power = std::string_view("KMGTPE").find(unit.front());
    if (power == std::string_view::npos || size >= 1024) {
        return std::nullopt;
    }
    // 1023E would not fit.
    const std::uint64_t factor = std::uint64_t{1} << (10 * (power + 1));
    return size <= ~std::uint64_t{0} / factor ? std::optional(size * factor) : std::nullopt;
}

/// "db0_distrib_strings_sizes" is of the strings of database 0, in bytes; "…_items" are elements.
std::optional<KeySizes> named_sizes(std::string_view name) {
    const std::size_t at = name.find(k_distribution);
    if (!name.starts_with("db") || at == std::string_view::npos) {
        return std::nullopt;
    }
    KeySizes sizes;
    const std::string_view number = name.substr(2, at - 2);
    const auto read = std::from_chars(number.data(), number.data() + number.size(), sizes.database);
    if (number.empty() || read.ec != std::errc() || read.ptr != number.data() + number.size()) {
        return std::nullopt;
    }
    const std::string_view rest = name.substr(at + k_distribution.size());
    const std::size_t unit = std::min(rest.rfind('_'), rest.size());
    sizes.type = rest.substr(0, unit);
    sizes.bytes = rest.substr(unit) == "_sizes";
    // Other distributions, of memory for example, are not of sizes.
    const bool are_sizes = sizes.bytes || rest.substr(unit) == "_items";
    return are_sizes ? std::optional(std::move(sizes)) : std::nullopt;
}

std::uint64_t end_of(const SizeBin& bin) { return bin.from == 0 ? 1 : 2 * bin.from; }

}  // namespace

std::uint64_t KeySizes::keys() const {
    std::uint64_t sum = 0;
    for (const SizeBin& bin : bins) {
        sum += bin.keys;
    }
    return sum;
}

SizeBin KeySizes::median() const {
    const std::uint64_t half = (keys() + 1) / 2;
    std::uint64_t seen = 0;
    for (const SizeBin& bin : bins) {
        seen += bin.keys;
        if (seen >= half) {
            return bin;
        }
    }
    return {};
}

std::vector<KeySizes> parse_key_sizes(const InfoFields& info) {
    constexpr std::uint64_t k_most_keys = std::uint64_t{1} << 53;
    std::vector<KeySizes> all;
    for (const auto& [name, text] : info.all()) {
        auto sizes = named_sizes(name);
        if (!sizes) {
            continue;
        }
        const InfoParts parts(text);
        for (const auto& [label, value] : parts.all()) {
            const auto from = bin_size(label);
            const auto keys = parts.count(label);
            if (from && keys && *keys > 0 && *keys <= k_most_keys) {
                sizes->bins.push_back({*from, *keys});
            }
        }
        std::sort(sizes->bins.begin(), sizes->bins.end(),
                  [](const SizeBin& a, const SizeBin& b) { return a.from < b.from; });
        if (!sizes->bins.empty()) {
            all.push_back(std::move(*sizes));
        }
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const KeySizes& a, const KeySizes& b) { return a.database < b.database; });
    return all;
}

std::vector<KeySizes> total_key_sizes(const std::vector<std::vector<KeySizes>>& servers) {
    std::map<std::pair<std::int64_t, std::string>, std::map<std::uint64_t, std::uint64_t>> sums;
    std::map<std::string, bool> are_bytes;
    for (const auto& server : servers) {
        for (const KeySizes& sizes : server) {
            are_bytes[sizes.type] = sizes.bytes;
            for (const SizeBin& bin : sizes.bins) {
                sums[{sizes.database, sizes.type}][bin.from] += bin.keys;
            }
        }
    }
    std::vector<KeySizes> total;
    for (const auto& [name, bins] : sums) {
        KeySizes sizes{name.first, name.second, are_bytes[name.second], {}};
        for (const auto& [from, keys] : bins) {
            sizes.bins.push_back({from, keys});
        }
        total.push_back(std::move(sizes));
    }
    return total;
}

FigureGroup size_figures(const std::vector<KeySizes>& sizes) {
    FigureGroup group{"sizes", FigureGroup::Shape::list, {}, "bin"};
    for (const KeySizes& one : sizes) {
        const auto all = static_cast<double>(one.keys());
        const Unit unit = one.bytes ? Unit::bytes : Unit::none;
        for (const SizeBin& bin : one.bins) {
            Figure keys{"keys", static_cast<std::int64_t>(bin.keys), Kind::gauge, Unit::none,
                        "Keys of that size"};
            keys.fraction = static_cast<double>(bin.keys) / all;
            group.rows.push_back(
                {{"bin", fmt::format("db{}.{}.{}", one.database, one.type, bin.from), Kind::text,
                  Unit::none, "Database, type and least size"},
                 {"db", one.database, Kind::gauge, Unit::none, "Number of the database"},
                 {"type", one.type, Kind::text, Unit::none, "Type of the keys"},
                 {"unit", std::string(one.bytes ? "bytes" : "elements"), Kind::text, Unit::none,
                  "What sizes are counted in"},
                 {"from", static_cast<std::int64_t>(bin.from), Kind::gauge, unit, "Least size"},
                 {"below", static_cast<std::int64_t>(end_of(bin)), Kind::gauge, unit,
                  "Sizes are below it"},
                 std::move(keys)});
        }
    }
    return group;
}

}  // namespace cachectl
