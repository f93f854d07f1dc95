#include "util/parse.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <string>

#include "util/error.hpp"

namespace cachectl {

namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw Error(ExitCode::usage, "'" + std::string(text) + "' " + std::string(why));
}

enum class Digits { none, number, too_large };

/// Takes leading digits off `rest`. from_chars accepts no sign and no space for unsigned types.
Digits take_digits(std::string_view& rest, std::uint64_t& value) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error == std::errc::invalid_argument) {
        return Digits::none;
    }
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return error == std::errc{} ? Digits::number : Digits::too_large;
}

/// Counts are below 2^63, as those of the server, and as everything that reads our JSON has them.
Digits take_count(std::string_view& rest, std::uint64_t& value) {
    constexpr auto k_most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const Digits digits = take_digits(rest, value);
    return digits == Digits::number && value > k_most ? Digits::too_large : digits;
}

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Largest first: in "1h30m" each unit must be smaller than the one before.
constexpr Unit k_duration_units[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1},
};

constexpr std::uint64_t k_kibi = 1024;
constexpr std::uint64_t k_mebi = 1024 * k_kibi;
constexpr std::uint64_t k_gibi = 1024 * k_mebi;
constexpr std::uint64_t k_tebi = 1024 * k_gibi;
constexpr Unit k_size_units[] = {
    {"", 1},
    {"b", 1},
    {"k", k_kibi},
    {"kb", 1000},
    {"kib", k_kibi},
    {"m", k_mebi},
    {"mb", 1'000'000},
    {"mib", k_mebi},
    {"g", k_gibi},
    {"gb", 1'000'000'000},
    {"gib", k_gibi},
    {"t", k_tebi},
    {"tb", 1'000'000'000'000},
    {"tib", k_tebi},
};

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return result;
}

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
    constexpr std::string_view k_not_one =
        "is not a duration: give a number and a unit, such as 500ms, 30s, 5m, 2h or 7d";
    constexpr std::string_view k_too_long = "is too long a duration: the longest is 36500d";
    if (text == "0") {
        return std::chrono::milliseconds(0);
    }
    if (text.empty()) {
        refuse(text, k_not_one);
    }

    const auto longest = static_cast<std::uint64_t>(k_longest_duration.count());
    std::uint64_t total = 0;
    bool too_long = false;
    const Unit* next_allowed = std::begin(k_duration_units);
    for (std::string_view rest = text; !rest.empty();) {
        std::uint64_t number = 0;
        const Digits digits = take_digits(rest, number);
        const std::string_view name =
            rest.substr(0, std::min(rest.find_first_of("0123456789"), rest.size()));
        const Unit* unit = std::find_if(next_allowed, std::end(k_duration_units),
                                        [&](const Unit& u) { return u.name == name; });
        if (digits == Digits::none || unit == std::end(k_duration_units)) {
            refuse(text, k_not_one);
        }
        if (digits == Digits::too_large || number > (longest - total) / unit->factor) {
            too_long = true;  // said only once the rest is known to be well-formed
        } else {
            total += number * unit->factor;
        }
        next_allowed = unit + 1;
        rest.remove_prefix(name.size());
    }
    if (too_long) {
        refuse(text, k_too_long);
    }
    return std::chrono::milliseconds(total);
}

std::uint64_t parse_size(std::string_view text) {
    std::string_view rest = text;
    std::uint64_t number = 0;
    const Digits digits = take_digits(rest, number);
    const auto* unit = std::find_if(std::begin(k_size_units), std::end(k_size_units),
                                    [name = lower(rest)](const Unit& u) { return u.name == name; });
    if (digits == Digits::none || unit == std::end(k_size_units)) {
        refuse(text,
               "is not a size: give a whole number of bytes, or one with a unit, such as 512, "
               "10KiB, 1MiB or 2GB");
    }
    if (digits == Digits::too_large ||
        number > std::numeric_limits<std::uint64_t>::max() / unit->factor) {
        refuse(text, "is too large a size: it must be below 16777216TiB");
    }
    return number * unit->factor;
}

std::uint64_t parse_count(std::string_view text, std::string_view what) {
    std::string_view rest = text;
    std::uint64_t number = 0;
    const Digits digits = take_count(rest, number);
    if (digits == Digits::number && rest.empty()) {
        return number;
    }
    const bool digits_only = digits == Digits::too_large && rest.empty();
    throw Error(ExitCode::usage, std::string(what) + ": '" + std::string(text) +
                                     (digits_only ? "' is too large a number"
                                                  : "' is not a whole number, such as 500"));
}

std::uint64_t parse_positive_count(std::string_view text, std::string_view what) {
    const std::uint64_t number = parse_count(text, what);
    if (number != 0) {
        return number;
    }
    throw Error(ExitCode::usage,
                std::string(what) + ": '" + std::string(text) + "' is not 1 or more");
}

CountRange parse_count_range(std::string_view text) {
    constexpr std::string_view k_not_one =
        "is not a range of counts: give 10..500, 10.., ..500 or one whole number";
    // An end that is left out keeps its default.
    const auto parse_end = [&](std::string_view end, std::uint64_t value) {
        if (end.empty()) {
            return value;
        }
        const Digits digits = take_count(end, value);
        if (digits == Digits::none || !end.empty()) {
            refuse(text, k_not_one);
        }
        if (digits == Digits::too_large) {
            refuse(text, "is a range of counts that are too large");
        }
        return value;
    };

    CountRange range;
    if (text.empty() || text == "..") {
        refuse(text, k_not_one);
    }
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos) {
        range.min = range.max = parse_end(text, 0);
        return range;
    }
    range.min = parse_end(text.substr(0, dots), range.min);
    range.max = parse_end(text.substr(dots + 2), range.max);
    if (range.min > range.max) {
        refuse(text, "is not a range of counts: it ends before it begins");
    }
    return range;
}

double parse_percent(std::string_view text) {
    const char* const last = text.data() + text.size();
    double percent = 0;
    // Checked first, because from_chars would take a minus sign, "inf" and "nan".
    const bool starts_with_digit = !text.empty() && text.front() >= '0' && text.front() <= '9';
    const auto [end, error] = std::from_chars(text.data(), last, percent, std::chars_format::fixed);
    const std::string_view rest(end, static_cast<std::size_t>(last - end));
    if (!starts_with_digit || error != std::errc{} || rest != "%" || percent > 100) {
        refuse(text, "is not a percentage: give a number from 0 to 100 and the sign, such as 10%");
    }
    return percent / 100;
}

}  // namespace cachectl
