#include "output/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "output/escape.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using Kind = Field::Kind;

std::vector<std::size_t> order_for_people(const std::vector<Field>& fields) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!fields[i].title.empty()) {
            order.push_back(i);
        }
    }
    std::stable_partition(order.begin(), order.end(),
                          [&](std::size_t i) { return fields[i].kind != Kind::key; });
    return order;
}

std::vector<Column> columns_of(const std::vector<Field>& fields,
                               const std::vector<std::size_t>& order) {
    std::vector<Column> columns;
    for (const std::size_t i : order) {
        const Kind kind = fields[i].kind;
        const bool is_number = kind == Kind::count || kind == Kind::bytes ||
                               kind == Kind::seconds || kind == Kind::milliseconds ||
                               kind == Kind::number;
        columns.push_back({std::string(fields[i].title),
                           is_number ? ColumnKind::right : ColumnKind::left, fields[i].overflow});
    }
    return columns;
}

std::string number_for_people(Kind kind, std::int64_t number) {
    switch (kind) {
        case Kind::bytes:
            return format_size(static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0)));
        case Kind::seconds:
            return format_duration(std::chrono::seconds(number));
        case Kind::milliseconds:
            return format_duration(std::chrono::milliseconds(number));
        default:
            return number < 0 ? fmt::to_string(number)
                              : format_count(static_cast<std::uint64_t>(number));
    }
}

/// "2026-07-01T12:00:00Z" under a title that says UTC
std::string date_for_people(std::string_view date) {
    std::string text(date);
    if (const auto t = text.find('T'); t != std::string::npos) {
        text[t] = ' ';
    }
    if (text.ends_with('Z')) {
        text.pop_back();
    }
    return text;
}

std::string_view none_of(const Field& field, const FieldValue& value) {
    return value.none.value_or(field.none);
}

Cell cell_of(const Field& field, const FieldValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value.value)) {
        return number_for_people(field.kind, *number);
    }
    if (const auto* yes = std::get_if<bool>(&value.value)) {
        return *yes ? "yes" : "no";
    }
    if (const auto* text = std::get_if<std::string_view>(&value.value)) {
        return field.kind == Kind::date ? Cell(date_for_people(*text)) : Cell(*text);
    }
    return {none_of(field, value), value.none ? value.none_style : field.none_style};
}

/// What scripts read of a value that is there.
template <typename Take>
void as_text(const FieldValue& value, const Take& take) {
    if (const auto* text = std::get_if<std::string_view>(&value.value)) {
        take(*text);
    } else if (const auto* number = std::get_if<std::int64_t>(&value.value)) {
        const fmt::format_int digits(*number);
        take(std::string_view(digits.data(), digits.size()));
    } else if (const auto* yes = std::get_if<bool>(&value.value)) {
        take(*yes ? "true" : "false");
    }
}

bool is_absent(const FieldValue& value) {
    return std::holds_alternative<std::monostate>(value.value) ||
           std::holds_alternative<const WriteNested*>(value.value);
}

/// A table of a single field is no table, but as Markdown, of which bare names would be a part.
Format form_of(Format format, std::size_t fields) {
    const bool of_one = fields == 1 && current_table_markup() == Markup::none;
    return format == Format::table && of_one ? Format::plain : format;
}

}  // namespace

Rows::Rows(Writer& out, const RowsStyle& style, std::vector<Field> fields)
    : m_out(out),
      m_style(style),
      m_fields(std::move(fields)),
      m_for_people(order_for_people(m_fields)),
      m_form(form_of(style.format, m_for_people.size())),
      m_json(out, layout_of(style.format)),
      m_csv(out) {
    if (m_form == Format::table) {
        m_table.emplace(out, style.display, columns_of(m_fields, m_for_people));
    }
    if (m_form == Format::json) {
        m_json.begin_array();
    }
    if (m_form == Format::csv) {
        for (const Field& field : m_fields) {
            if (!field.name.empty()) {
                m_csv.field(field.name);
            }
        }
        m_csv.end_row();
    }
}

void Rows::row(std::initializer_list<FieldValue> values, Group group) {
    assert(values.size() == m_fields.size());
    switch (m_form) {
        case Format::table:
            write_cells(values.begin(), group);
            return;
        case Format::plain:
            write_line(values.begin());
            return;
        case Format::json:
        case Format::ndjson:
            write_object(values.begin());
            return;
        case Format::csv:
            write_record(values.begin());
            return;
        case Format::prometheus:
        case Format::folded:
        case Format::ncdu:
        case Format::nagios:
        case Format::sarif:
        case Format::junit:
        case Format::github:
            return;
    }
}

void Rows::finish() {
    if (m_form == Format::json) {
        m_json.end_array();
    }
    if (m_table) {
        m_table->finish();
    }
}

void Rows::write_cells(const FieldValue* values, Group group) {
    std::vector<Cell> cells;
    cells.reserve(m_for_people.size());
    for (const std::size_t i : m_for_people) {
        const Field& field = m_fields[i];
        const bool blank = group == Group::goes_on && field.in_group == Field::InGroup::blank;
        cells.push_back(blank ? Cell("") : cell_of(field, values[i]));
    }
    m_table->row(std::move(cells));
}

void Rows::write_line(const FieldValue* values) {
    const auto* only = std::get_if<std::string_view>(&values[0].value);
    if (m_fields.size() == 1 && only != nullptr && !m_style.escaped) {
        m_out.write(*only);  // most lists are such lines, of millions of keys
        m_out.write({&m_style.line_end, 1});
        return;
    }
    m_line.clear();
    const auto add = [this](std::string_view text) {
        m_style.escaped ? m_line += escape_for_terminal(text) : m_line += text;
    };
    const char* separator = "";
    for (const std::size_t i : m_for_people) {
        m_line += separator;
        separator = "\t";
        if (is_absent(values[i])) {
            m_line += none_of(m_fields[i], values[i]);
        } else {
            as_text(values[i], add);
        }
    }
    m_line += m_style.line_end;
    m_out.write(m_line);
}

void Rows::write_object(const FieldValue* values) {
    m_json.begin_object();
    for (std::size_t i = 0; i < m_fields.size(); ++i) {
        const Field& field = m_fields[i];
        if (field.name.empty()) {
            continue;
        }
        const auto* text = std::get_if<std::string_view>(&values[i].value);
        if (text != nullptr && field.kind == Kind::key) {
            m_json.bytes_field(field.name, *text);
        } else if (text != nullptr) {
            m_json.field(field.name, *text);
        } else if (const auto* number = std::get_if<std::int64_t>(&values[i].value)) {
            m_json.field(field.name, *number);
        } else if (const auto* yes = std::get_if<bool>(&values[i].value)) {
            m_json.field(field.name, *yes);
        } else if (const auto* nested = std::get_if<const WriteNested*>(&values[i].value)) {
            m_json.key(field.name);
            (**nested)(m_json);
        } else {
            m_json.field(field.name, nullptr);
        }
    }
    m_json.end_object();
}

void Rows::write_record(const FieldValue* values) {
    for (std::size_t i = 0; i < m_fields.size(); ++i) {
        if (m_fields[i].name.empty()) {
            continue;
        }
        if (is_absent(values[i])) {
            m_csv.field("");
        } else {
            as_text(values[i], [this](std::string_view text) { m_csv.field(text); });
        }
    }
    m_csv.end_row();
}

}  // namespace cachectl
