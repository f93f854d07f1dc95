// Values that people type: what is taken is what it looks like, and what is not is a mistake of
// theirs that repeats no more than what they typed.
#include <cmath>
#include <limits>
#include <string>

#include "fuzz/target.hpp"
#include "keyspace/key_type.hpp"
#include "keyspace/value.hpp"
#include "redis/uri.hpp"
#include "redis/version.hpp"
#include "util/error.hpp"
#include "util/parse.hpp"
#include "walk/cursor.hpp"

namespace cachectl {

namespace {

template <typename Read>
void taken_or_usage(Read read) {
    try {
        read();
    } catch (const Error& error) {
        expect(error.code() == ExitCode::usage && *error.what() != '\0',
               "what is not taken is a mistake of the user's");
    }
}

void check_duration(std::string_view text) {
    const auto duration = parse_duration(text);
    expect(duration.count() >= 0 && duration <= k_longest_duration, "a duration is bounded");
    const std::string again = std::to_string(duration.count()) + "ms";
    expect(parse_duration(again) == duration, "milliseconds are the same duration");
}

void check_size(std::string_view text) {
    const std::uint64_t size = parse_size(text);
    expect(parse_size(std::to_string(size)) == size, "bytes are the same size");
    const std::uint64_t digits =
        parse_count(text.substr(0, text.find_first_not_of("0123456789")), "");
    expect(size >= digits, "a unit makes it no smaller");
}

void check_range(std::string_view text) {
    const CountRange range = parse_count_range(text);
    expect(range.min <= range.max, "a range has its beginning first");
    expect(range.contains(range.min) && range.contains(range.max), "both ends are in it");
    const std::string again = std::to_string(range.min) + ".." + std::to_string(range.max);
    expect(parse_count_range(again) == range, "a range is read as it is written");
}

void check_indexes(std::string_view text) {
    const IndexRange range = parse_index_range(std::string(text));
    for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{10}}) {
        const auto [first, count] = range.of(length);
        expect(count == 0 || (first < length && count <= length - first), "they are there");
    }
}

void check_cursor(std::string_view text) {
    const auto cursor = parse_cursor(text);
    const auto walked = fraction_walked(text);
    expect(cursor.has_value() == walked.has_value(), "a cursor is a number");
    if (!cursor) {
        return;
    }
    expect(*walked >= 0 && *walked <= 1, "a part has been walked");
    expect(reverse_bits(reverse_bits(*cursor)) == *cursor, "bits are turned and turned back");
    for (const Partition& part : {Partition::by_low_bits(2)[1], Partition::of_slots(5, 9)}) {
        const double fraction = part.fraction(*cursor);
        expect(part.ends_at(*cursor) ? fraction == 1 : fraction < 2,
               "a part of it has been walked");
    }
}

}  // namespace

void fuzz_option_values(std::string_view input) {
    taken_or_usage([&] { check_duration(input); });
    taken_or_usage([&] { check_size(input); });
    taken_or_usage([&] { check_range(input); });
    taken_or_usage([&] { check_indexes(input); });
    taken_or_usage([&] {
        const std::uint64_t count = parse_positive_count(input, "--limit");
        expect(count > 0 && parse_count(std::to_string(count), "") == count, "a count is one");
    });
    taken_or_usage([&] {
        const double share = parse_percent(input);
        expect(std::isfinite(share) && share >= 0 && share <= 1, "a percentage is a part of all");
    });
    taken_or_usage([&] { expect(parse_port(input, "-p") != 0, "a port is one"); });
    taken_or_usage([&] {
        expect(parse_db(input, "-n") <= unsigned{std::numeric_limits<int>::max()},
               "a database is one of a server");
    });
    taken_or_usage([&] { check_key_type(input); });
    check_cursor(input);
    Version::parse(input);
}

}  // namespace cachectl
