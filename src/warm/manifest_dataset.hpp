// What a manifest says of one dataset: which rows, what they become, and how its file is read.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/reader.hpp"
#include "util/error.hpp"
#include "util/json_file.hpp"
#include "warm/rows/dataset.hpp"

namespace cachectl {

/// The value of `parse`; its error names file, line and member.
template <typename Parse>
auto parse_text(const JsonValue& value, const std::string& text, Parse parse) {
    try {
        return parse(text);
    } catch (const Error& error) {
        value.fail(fmt::format("is wrong: {}", error.what()), error.hint());
    }
}
template <typename Parse>
auto parse_text(const JsonValue& value, Parse parse) {
    return parse_text(value, value.as_text(), parse);
}

/// A string, or an array of them.
std::vector<std::string> parse_names(const JsonValue& value);

/// A dataset's members, with the manifest's defaults behind them.
class Members {
public:
    Members(const JsonValue& dataset, const JsonValue* defaults)
        : m_dataset(dataset), m_defaults(defaults) {}

    [[nodiscard]] const JsonValue* find(std::string_view name) const {
        const JsonValue* value = m_dataset.find(name);
        return value == nullptr && m_defaults != nullptr ? m_defaults->find(name) : value;
    }
    [[nodiscard]] std::optional<std::string> text(std::string_view name) const {
        const JsonValue* value = find(name);
        return value == nullptr ? std::optional<std::string>() : value->as_text();
    }

private:
    const JsonValue& m_dataset;
    const JsonValue* m_defaults;
};

DatasetOptions parse_dataset(const JsonValue& value, const Members& members,
                             const std::string& manifest);
ReaderOptions parse_reading(const Members& members);
/// Whether both read a file in the same way.
bool same_reading(const ReaderOptions& a, const ReaderOptions& b);

}  // namespace cachectl
