#include "dump/csv_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "dump/boolean_word.hpp"
#include "dump/json_text.hpp"
#include "dump/source.hpp"

namespace cachectl {

namespace {

bool is_integer(std::string_view text) {
    return is_json_number(text) && text.find_first_of(".eE") == std::string_view::npos;
}

std::string_view name_of(CsvType type) {
    switch (type) {
        case CsvType::integer:
            return "int";
        case CsvType::number:
            return "number";
        case CsvType::boolean:
            return "bool";
        case CsvType::json:
            return "JSON";
        case CsvType::text:
            break;
    }
    return "text";
}

BadRow misfit(const CsvColumn& column, std::string_view text) {
    constexpr std::size_t k_shown = 40;
    return {fmt::format("column '{}': '{}{}' is no {}", column.name, text.substr(0, k_shown),
                        text.size() > k_shown ? "…" : "", name_of(column.type))};
}

}  // namespace

RowResult<> CsvColumns::take_header(const std::vector<std::string>& header) {
    fields = named_end = header.size();
    while (named_end > 0 && header[named_end - 1].empty()) {
        --named_end;
    }
    if (named_end == 0) {
        return BadRow{"no column has a name"};
    }
    has_index = named_end > 1 && header[0].empty();
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = has_index ? 1 : 0; i < named_end; ++i) {
        if (header[i].empty()) {
            return BadRow{fmt::format("column {} has no name", i + 1)};
        }
        if (!seen.insert(header[i]).second) {
            return BadRow{fmt::format("two columns are named '{}'", header[i])};
        }
        columns.push_back({header[i], i, CsvType::text});
    }
    return {};
}

RowResult<> CsvColumns::set_types(const std::vector<CsvOptions::Typed>& types) {
    for (const CsvOptions::Typed& typed : types) {
        const auto column = std::ranges::find(columns, typed.column, &CsvColumn::name);
        if (column == columns.end()) {
            std::string names;
            for (const CsvColumn& known : columns) {
                names += (names.empty() ? "" : ", ") + known.name;
            }
            return BadRow{
                fmt::format("--types names a column '{}'; there are {}", typed.column, names)};
        }
        column->type = typed.type;
    }
    return {};
}

RowResult<> CsvTyper::add(const CsvColumn& column, std::string_view text, Record& record) {
    switch (column.type) {
        case CsvType::text:
            record.add(column.name, ValueKind::text, text);
            return {};
        case CsvType::integer:
        case CsvType::number:
            if (column.type == CsvType::integer ? is_integer(text) : is_json_number(text)) {
                record.add(column.name, ValueKind::number, text);
                return {};
            }
            break;
        case CsvType::boolean:
            if (const auto value = boolean_word(text)) {
                record.add(column.name, ValueKind::boolean, *value ? "true" : "false");
                return {};
            }
            break;
        case CsvType::json:
            return add_json(column, text, record);
    }
    return misfit(column, text);
}

RowResult<> CsvTyper::add_json(const CsvColumn& column, std::string_view text, Record& record) {
    m_json.assign(1, '[').append(text).append(1, ']');
    const std::size_t length = m_json.size();
    m_json.append(Source::k_padding, '\0');
    const auto array = std::string_view(m_json).substr(0, length);
    if (!m_parser.parse_array(array, record.line(), m_parsed) || m_parsed.size() != 1) {
        return misfit(column, text);
    }
    const Value& value = m_parsed.value(0);
    record.add(column.name, value.kind, record.keep(value.text));
    return {};
}

}  // namespace cachectl
