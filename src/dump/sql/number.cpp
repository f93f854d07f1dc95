#include "dump/sql/number.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

#include "dump/json_text.hpp"
#include "dump/sql/escapes.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_digits = "0123456789";

/// Decimal digits of a number of any length in another base; false if a digit is none of it.
bool append_decimal(std::string_view digits, int base, std::string& out) {
    // PostgreSQL's numeric ends far behind that, and longer ones would take for ever.
    constexpr std::size_t k_most_digits = 4096;
    constexpr std::uint64_t k_part = 1'000'000'000;
    std::vector<std::uint64_t> parts = {0};  // the lowest first
    if (digits.empty() || digits.size() > k_most_digits) {
        return false;
    }
    for (const char c : digits) {
        const int digit = hex_digit(c);
        if (digit < 0 || digit >= base) {
            return false;
        }
        auto carry = static_cast<std::uint64_t>(digit);
        for (std::uint64_t& part : parts) {
            carry += part * static_cast<std::uint64_t>(base);
            part = carry % k_part;
            carry /= k_part;
        }
        if (carry != 0) {
            parts.push_back(carry);
        }
    }
    out += std::to_string(parts.back());
    for (auto part = parts.rbegin() + 1; part != parts.rend(); ++part) {
        const std::string text = std::to_string(*part);
        out.append(9 - text.size(), '0');
        out += text;
    }
    return true;
}

/// The 64 bits of a signed integer.
bool append_bits(std::string_view digits, bool negative, std::string& out) {
    std::uint64_t bits = 0;
    const char* const end = digits.data() + digits.size();
    const auto [behind, error] = std::from_chars(digits.data(), end, bits, 16);
    if (error != std::errc() || behind != end) {
        return false;
    }
    out += std::to_string(static_cast<std::int64_t>(negative ? 0 - bits : bits));
    return true;
}

}  // namespace

bool append_plain_number(std::string_view token, SqlDialect dialect, std::string& out) {
    std::string plain(token);
    plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
    std::string_view rest = plain;
    const bool negative = rest.starts_with('-');
    rest.remove_prefix(negative || rest.starts_with('+') ? 1 : 0);
    const char letter = rest.size() > 1 ? lower_ascii(rest[1]) : '\0';
    const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    if (base == 10) {
        out += plain;
        return true;
    }
    if (dialect == SqlDialect::sqlite) {
        return append_bits(rest.substr(2), negative, out);
    }
    out.append(negative ? 1 : 0, '-');
    return append_decimal(rest.substr(2), base, out);
}

std::optional<std::string_view> normal_number(std::string_view token, std::string& scratch) {
    if (is_json_number(token)) {
        return token;
    }
    std::string_view rest = token;
    scratch.clear();
    if (rest.starts_with('-') || rest.starts_with('+')) {
        scratch.append(rest.starts_with('-') ? 1 : 0, '-');
        rest.remove_prefix(1);
    }
    const std::size_t whole_end = std::min(rest.find_first_not_of(k_digits), rest.size());
    std::string_view whole = rest.substr(0, whole_end);
    rest.remove_prefix(whole_end);
    std::string_view fraction;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        fraction = rest.substr(0, std::min(rest.find_first_not_of(k_digits), rest.size()));
        rest.remove_prefix(fraction.size());
    }
    if (whole.empty() && fraction.empty()) {
        return std::nullopt;
    }
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    scratch += whole.empty() ? "0" : whole;
    if (!fraction.empty()) {
        scratch += '.';
        scratch += fraction;
    }
    scratch += rest;  // an exponent, or what makes it no number
    if (!is_json_number(scratch)) {
        return std::nullopt;
    }
    return scratch;
}

}  // namespace cachectl
