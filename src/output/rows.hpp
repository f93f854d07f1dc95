// Rows of a listing, in each of the formats: a command says once which fields its rows have, and
// then gives the rows as it finds them. None is held, but for the first ones of a table, which
// its widths are measured by.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "output/csv.hpp"
#include "output/display.hpp"
#include "output/format.hpp"
#include "output/json.hpp"
#include "output/table.hpp"
#include "output/writer.hpp"

namespace cachectl {

struct Field {
    enum class Kind {
        key,   // bytes of the server or of a file; people read it last in the row
        text,  // text that is ours, or the server's own
        flag,
        count,
        bytes,
        seconds,
        milliseconds,
        number,  // text that reads as a number, as the server writes it
        date,    // ISO 8601 in UTC; the title has to say UTC
    };
    /// What a table has in the row of a group's second and further members.
    enum class InGroup { again, blank };

    std::string_view name;   // in JSON and CSV; empty: neither has the field
    std::string_view title;  // in a table; empty: neither people nor plain lines have the field
    Kind kind = Kind::text;
    std::string_view none;  // for people and in plain lines, where a row has no value
    Style none_style = Style::plain;
    InGroup in_group = InGroup::again;
    Overflow overflow = Overflow::keep;
};

using WriteNested = std::function<void(JsonWriter&)>;

/// One field of one row. It only refers to text, which has to last until the row is written.
struct FieldValue {
    FieldValue(std::string_view text) : value(text) {}
    FieldValue(const std::string& text) : value(std::string_view(text)) {}
    FieldValue(const char* text) : value(std::string_view(text)) {}
    FieldValue(std::same_as<bool> auto yes) : value(yes) {}
    FieldValue(std::integral auto number) requires(!std::same_as<decltype(number), bool>)
        : value(static_cast<std::int64_t>(number)) {}
    /// It is counted in its own unit, which has to be the field's.
    template <typename Rep, typename Period>
    FieldValue(std::chrono::duration<Rep, Period> duration) : FieldValue(duration.count()) {}
    /// What only JSON can say: it writes one value there, and is nothing elsewhere. It is called
    /// before row() returns.
    FieldValue(const WriteNested& nested) : value(&nested) {}
    template <typename T>
    FieldValue(const std::optional<T>& maybe) {
        if (maybe) {
            *this = FieldValue(*maybe);
        }
    }

    /// No value, and for people another text than the field's.
    static FieldValue absent(std::string_view none, Style style) {
        FieldValue absent{std::optional<bool>()};
        absent.none = none;
        absent.none_style = style;
        return absent;
    }

    std::variant<std::monostate, std::string_view, bool, std::int64_t, const WriteNested*> value;
    std::optional<std::string_view> none = {};
    Style none_style = Style::plain;
};

struct RowsStyle {
    Format format = Format::plain;
    Display display = {};
    bool escaped = false;  // what a terminal would act on, in plain lines
    char line_end = '\n';  // of plain lines
};

class Rows {
public:
    /// Writes what stands before the first row. Format::prometheus writes nothing.
    Rows(Writer& out, const RowsStyle& style, std::vector<Field> fields);

    enum class Group { begins, goes_on };

    /// A value for each field, in the fields' order. Throws what Writer throws.
    void row(std::initializer_list<FieldValue> values, Group group = Group::begins);

    /// Writes the rows that are still held; the widths of the table are then decided.
    void show() {
        if (m_table) {
            m_table->show();
        }
    }
    /// Writes what stands behind the last row.
    void finish();

    /// Whether the rows are plain lines: so is a table of a single field, but as Markdown.
    [[nodiscard]] bool are_lines() const { return m_form == Format::plain; }

private:
    void write_cells(const FieldValue* values, Group group);
    void write_line(const FieldValue* values);
    void write_object(const FieldValue* values);
    void write_record(const FieldValue* values);

    Writer& m_out;
    RowsStyle m_style;
    std::vector<Field> m_fields;
    std::vector<std::size_t> m_for_people;  // indices of the fields they read, in their order
    Format m_form;
    JsonWriter m_json;
    CsvWriter m_csv;
    std::optional<Table> m_table;
    std::string m_line;
};

}  // namespace cachectl
