// A condition on the columns of a row: `active = true and price >= 10 and note is null`.
//
//  - =, != (also <>), <, <=, >, >=, "is null", "is not null", joined by "and".
//  - A column's name stands bare, or in "…" or `…`; "user.id" is a member of a nested value.
//  Values:
//    numbers, 'text' ('' for a quote), true, false.
//  - Against a number, numbers are compared exactly, whatever their length, and so is text that is
//    a number, be it written as 007, +5, .5 or with spaces around it (CSV knows no other); true is
//    1 and false 0. Infinity, -Infinity and NaN, which are text, are ordered as PostgreSQL does.
//    Any other value does not match, "=" or "!=".
//  - Against text, values are compared byte by byte; a number against '10' as a number.
//  - Against true and false (= and != only): booleans, 1 and 0, and the texts of boolean_word().
//  - As in SQL, null matches nothing but "is null".
//  - A row that lacks one of the columns is bad, whatever the others are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/record.hpp"
#include "dump/row_result.hpp"

namespace cachectl {

class Where {
public:
    /// Throws Error(usage), with the place, for what is no condition.
    static Where parse(std::string_view text);

    /// The text that it was parsed from.
    [[nodiscard]] const std::string& text() const noexcept { return m_text; }

    /// The row is bad if it lacks a column.
    [[nodiscard]] RowResult<bool> matches(const Record& row) const;

    /// The columns that it names, each as often as it is named.
    [[nodiscard]] std::vector<std::string_view> columns() const;

    enum class Comparison { equal, unequal, less, at_most, greater, at_least, null, not_null };

private:
    friend class WhereParser;
    struct Term {
        std::string column;
        Comparison comparison;
        ValueKind kind = ValueKind::null;  // number, text or boolean
        std::string value;
    };
    static bool holds(const Term& term, const Value& value);

    std::string m_text;
    std::vector<Term> m_terms;
};

/// What databases write for a float that is no number of JSON: "NaN", "-Infinity", "inf", in any
/// letter case.
bool is_beyond_numbers(std::string_view text);

/// Less than, equal to or greater than 0, as `a` is less than, equal to or greater than `b`: exact,
/// both being numbers of JSON or beyond them. As PostgreSQL orders them, NaN is greater than all
/// and equal to itself.
int compare_numbers(std::string_view a, std::string_view b);

}  // namespace cachectl
