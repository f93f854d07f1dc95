#include "dump/csv_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "util/error.hpp"

namespace cachectl {

namespace {

CsvType parse_type(std::string_view name) {
    constexpr std::pair<std::string_view, CsvType> k_names[] = {
        {"int", CsvType::integer}, {"number", CsvType::number}, {"bool", CsvType::boolean},
        {"json", CsvType::json},   {"text", CsvType::text},
    };
    for (const auto& [known, type] : k_names) {
        if (name == known) {
            return type;
        }
    }
    throw Error(ExitCode::usage,
                fmt::format("'{}' is not one of int, number, bool, json, text", name));
}

}  // namespace

char parse_csv_delimiter(const std::string& text) {
    if (text == "\\t" || text == "tab") {
        return '\t';
    }
    const bool usable = text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 &&
                        std::string_view("\"\r\n\\").find(text[0]) == std::string_view::npos;
    if (!usable) {
        throw Error(ExitCode::usage,
                    fmt::format("'{}' cannot separate columns: it must be one character", text),
                    "';' and '|' are usual, '\\t' is a tab");
    }
    return text[0];
}

std::vector<CsvOptions::Typed> parse_csv_types(const std::string& text) {
    std::vector<CsvOptions::Typed> types;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string item = text.substr(begin, end - begin);
        const std::size_t colon = item.rfind(':');
        if (colon == std::string::npos || colon == 0) {
            throw Error(ExitCode::usage, fmt::format("'{}' is no column with its type", item),
                        "types are like: id:int,price:number,active:bool,tags:json");
        }
        const std::string column = item.substr(0, colon);
        const auto same = [&](const CsvOptions::Typed& typed) { return typed.column == column; };
        if (std::ranges::any_of(types, same)) {
            throw Error(ExitCode::usage, fmt::format("it names '{}' twice", column));
        }
        types.push_back({column, parse_type(std::string_view(item).substr(colon + 1))});
        begin = end + 1;
    }
    return types;
}

}  // namespace cachectl
