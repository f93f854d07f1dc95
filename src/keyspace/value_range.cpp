// The part of keyspace/value.hpp that is about positions in a list.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "keyspace/value.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

/// From the end on if it is negative; below the first element it is before it.
std::int64_t from_start(std::int64_t index, std::int64_t elements) {
    return index < 0 ? index + elements : index;
}

}  // namespace

std::pair<std::uint64_t, std::uint64_t> IndexRange::of(std::uint64_t elements) const {
    const auto count = static_cast<std::int64_t>(elements);
    const std::int64_t begin = std::max<std::int64_t>(from_start(first, count), 0);
    const std::int64_t end = std::min<std::int64_t>(from_start(last, count), count - 1);
    if (begin > end) {
        return {0, 0};
    }
    return {static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end - begin + 1)};
}

IndexRange parse_index_range(const std::string& text) {
    const auto number = [&](std::string_view part) {
        std::int64_t index = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
        if (error != std::errc() || end != part.data() + part.size()) {
            throw Error(ExitCode::usage,
                        fmt::format("'{}' is no position: write 3, 0..9, 10.. or -5..-1", text));
        }
        return index;
    };
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) {
        return {number(text), number(text)};
    }
    const std::string_view first = std::string_view(text).substr(0, dots);
    const std::string_view last = std::string_view(text).substr(dots + 2);
    if (first.empty() && last.empty()) {
        number("");
    }
    return {first.empty() ? 0 : number(first), last.empty() ? -1 : number(last)};
}

}  // namespace cachectl
