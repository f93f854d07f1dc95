// A column that was chosen: where its value comes from, and what it is called.
#pragma once

#include <optional>
#include <string>

#include "dump/record.hpp"

namespace cachectl {

struct ColumnChoice {
    /// The column, or path into a nested value, of that name.
    ColumnChoice(std::string column)  // NOLINT(google-explicit-constructor)
        : name(std::move(column)), from(name) {}
    ColumnChoice(const char* column)  // NOLINT(google-explicit-constructor)
        : ColumnChoice(std::string(column)) {}

    /// 'title=name_fr' is 'name_fr' by the name of 'title', unless a column is called so.
    static ColumnChoice parse(const std::string& text);

    struct Constant {
        ValueKind kind = ValueKind::null;
        std::string text;

        friend bool operator==(const Constant&, const Constant&) = default;
    };

    std::string name;
    std::string from;
    std::string whole;                 // the text that parse() took apart; mostly empty
    std::optional<Constant> constant;  // the value, if it is taken from no column

    friend bool operator==(const ColumnChoice&, const ColumnChoice&) = default;
};

}  // namespace cachectl
