// What a user may say of CSV and TSV.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace cachectl {

/// What the text of a column stands for.
enum class CsvType {
    text,
    integer,  // digits, with a minus before them or not
    number,   // a number of JSON
    boolean,  // as boolean_word() knows them
    json,     // any JSON value
};

struct CsvOptions {
    struct Typed {
        std::string column;
        CsvType type = CsvType::text;
        bool operator==(const Typed&) const = default;
    };

    std::optional<char> delimiter;         // none: what the first lines agree on
    std::vector<std::string> header;       // none: it is the first line
    std::vector<Typed> types;              // of the columns that are not text
    std::optional<std::string> null_text;  // none: a field with nothing in it, or what TSV has

    bool operator==(const CsvOptions&) const = default;
    /// Whether the file is said to be CSV or TSV, whatever it looks like.
    [[nodiscard]] bool says_separated() const { return delimiter || !header.empty(); }
    /// Whether something is said that only CSV and TSV have.
    [[nodiscard]] bool any() const {
        return delimiter || !header.empty() || !types.empty() || null_text;
    }
};

/// One character, or `\t` or `tab`. Throws Error(usage) for what cannot separate fields.
char parse_csv_delimiter(const std::string& text);

/// `id:int,active:bool`: int, number, bool, json, text. Throws Error(usage).
std::vector<CsvOptions::Typed> parse_csv_types(const std::string& text);

}  // namespace cachectl
