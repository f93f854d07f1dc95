// The part of warm/rows/where.hpp that compares numbers as they are written, of any size.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "dump/sql/dialect.hpp"
#include "warm/rows/where.hpp"

namespace cachectl {

namespace {

/// A number as 0.DIGITS × 10^exponent; zero has no digits.
struct Decimal {
    bool negative = false;
    std::string digits;  // begins and ends with another digit than 0
    std::int64_t exponent = 0;
};

Decimal parse_decimal(std::string_view number) {
    Decimal decimal;
    decimal.negative = number.starts_with('-');
    number.remove_prefix(decimal.negative ? 1 : 0);
    const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
    std::string_view exponent = number.substr(std::min(mark + 1, number.size()));
    exponent.remove_prefix(exponent.starts_with('+') ? 1 : 0);
    const std::string_view mantissa = number.substr(0, mark);
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    decimal.digits = mantissa.substr(0, point);
    decimal.digits += mantissa.substr(std::min(point + 1, mantissa.size()));
    if (std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.exponent).ec ==
        std::errc::result_out_of_range) {
        decimal.exponent = exponent.starts_with('-') ? INT32_MIN : INT32_MAX;
    }
    decimal.exponent = std::clamp<std::int64_t>(decimal.exponent, INT32_MIN, INT32_MAX);
    decimal.exponent += static_cast<std::int64_t>(point);
    const std::size_t first =
        std::min(decimal.digits.find_first_not_of('0'), decimal.digits.size());
    decimal.digits.erase(0, first);
    decimal.exponent -= static_cast<std::int64_t>(first);
    decimal.digits.resize(decimal.digits.find_last_not_of('0') + 1);
    if (decimal.digits.empty()) {
        return {};
    }
    return decimal;
}

int sign(bool less, bool greater) { return less ? -1 : greater ? 1 : 0; }

int compare_magnitudes(const Decimal& a, const Decimal& b) {
    if (a.digits.empty() || b.digits.empty()) {
        return sign(a.digits.empty() && !b.digits.empty(), !a.digits.empty() && b.digits.empty());
    }
    if (a.exponent != b.exponent) {
        return a.exponent < b.exponent ? -1 : 1;
    }
    return sign(a.digits<b.digits, a.digits> b.digits);
}

/// Finite numbers are of rank 0.
enum Rank { minus_infinity = -1, finite = 0, infinity = 1, not_a_number = 2 };

Rank rank_of(std::string_view text) {
    const auto is = [](std::string_view word, std::string_view lower) {
        return word.size() == lower.size() &&
               std::equal(word.begin(), word.end(), lower.begin(),
                          [](char c, char wanted) { return lower_ascii(c) == wanted; });
    };
    if (is(text, "nan")) {
        return not_a_number;
    }
    const bool negative = text.starts_with('-');
    const std::string_view word = text.substr(negative ? 1 : 0);
    if (!is(word, "infinity") && !is(word, "inf")) {
        return finite;
    }
    return negative ? minus_infinity : infinity;
}

}  // namespace

bool is_beyond_numbers(std::string_view text) { return rank_of(text) != finite; }

int compare_numbers(std::string_view a, std::string_view b) {
    const Rank rank_a = rank_of(a);
    const Rank rank_b = rank_of(b);
    if (rank_a != finite || rank_b != finite) {
        return sign(rank_a<rank_b, rank_a> rank_b);
    }
    const Decimal x = parse_decimal(a);
    const Decimal y = parse_decimal(b);
    if (x.negative != y.negative) {
        return x.negative ? -1 : 1;
    }
    const int order = compare_magnitudes(x, y);
    return x.negative ? -order : order;
}

}  // namespace cachectl
