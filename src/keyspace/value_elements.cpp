#include "keyspace/value_elements.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "util/text.hpp"
#include "values/layout.hpp"
#include "values/reading.hpp"

namespace cachectl {

namespace {

/// In a table the label would say nothing, and plain lines keep to the fields that they began with.
std::vector<Field> element_fields(const KeyRecord& record, Format format) {
    const bool is_table = format == Format::table;
    Field label{"label", is_table ? "" : "LABEL"};
    if (record.type == "hash") {
        const bool has_ttls = std::any_of(record.elements.begin(), record.elements.end(),
                                          [](const ValueElement& e) { return e.ttl.has_value(); });
        return {label,
                {"field", "FIELD"},
                {"ttl", is_table && has_ttls ? "TTL" : "", Field::Kind::milliseconds, "never"},
                {"value", "VALUE", Field::Kind::text, "?"}};
    }
    if (record.type == "stream") {
        constexpr auto k_once = Field::InGroup::blank;
        return {label,
                {"id", "ID", Field::Kind::text, "", Style::plain, k_once},
                {"field", "FIELD"},
                {"value", "VALUE"}};
    }
    if (record.type == "zset") {
        return {label, {"score", "SCORE", Field::Kind::number}, {"member", "MEMBER"}};
    }
    if (record.type == "list") {
        return {
            label, {"index", is_table ? "INDEX" : "", Field::Kind::number}, {"element", "ELEMENT"}};
    }
    return {label, {"element", "ELEMENT"}};
}

class ElementWriter {
public:
    ElementWriter(Writer& out, const RowsStyle& style, const KeyRecord& record)
        : m_record(record),
          m_style(style),
          m_rows(out, style, element_fields(record, style.format)) {}

    DecodedElements run() {
        if (m_record.type == "hash") {
            write_hash();
        } else if (m_record.type == "stream") {
            write_stream();
        } else {
            write_members();
        }
        m_rows.finish();
        return std::move(m_decoded);
    }

private:
    void write_hash() {
        for (const ValueElement& element : m_record.elements) {
            if (!element.unread_bytes) {
                m_rows.row({"value", element.name, element.ttl, readable(element.bytes)});
                continue;
            }
            const std::string unread = "(" + format_size(*element.unread_bytes) + ", not read)";
            m_rows.row({"value", element.name, element.ttl,
                        is_table() ? FieldValue::absent(unread, Style::yellow)
                                   : std::optional<std::string_view>()});
        }
    }

    void write_stream() {
        for (const ValueElement& element : m_record.elements) {
            auto group = Rows::Group::begins;
            for (const auto& [name, bytes] : element.fields) {
                m_rows.row({"value", element.name, name, readable(bytes)}, group);
                group = Rows::Group::goes_on;
            }
        }
    }

    void write_members() {
        std::uint64_t index = m_record.first_index;
        for (const ValueElement& element : m_record.elements) {
            if (m_record.type == "zset") {
                m_rows.row({"value", element.score, readable(element.bytes)});
            } else if (m_record.type == "list") {
                m_rows.row({"value", std::to_string(index), readable(element.bytes)});
            } else {
                m_rows.row({"value", readable(element.bytes)});
            }
            ++index;
        }
    }

    [[nodiscard]] bool is_table() const { return m_style.format == Format::table; }

    /// For a table: what is decoded, in one line.
    std::string readable(const std::string& bytes) {
        if (!is_table()) {
            return bytes;
        }
        const ValueReading reading =
            read_value(bytes, m_record.elements_cut ? Extent::beginning : Extent::whole,
                       {.nodes = 500, .depth = 16, .text_bytes = 500});
        if (!reading.has_tree() && !reading.is_unpacked()) {
            return bytes;
        }
        ++m_decoded.by_name[reading.full_name()];
        if (reading.has_tree()) {
            LaidOut line = lay_out_in_line(reading.tree, m_style.display, line_columns());
            m_decoded.shortened = m_decoded.shortened || line.shortened;
            return line.text;
        }
        return reading.text;
    }

    /// Room for what stands before it is left.
    [[nodiscard]] std::size_t line_columns() const {
        constexpr std::size_t k_before = 24;
        const std::size_t columns = m_style.display.columns;
        return columns == 0 ? 200 : std::max<std::size_t>(columns, 2 * k_before) - k_before;
    }

    const KeyRecord& m_record;
    RowsStyle m_style;
    Rows m_rows;
    DecodedElements m_decoded;
};

}  // namespace

DecodedElements write_elements(Writer& out, const RowsStyle& style, const KeyRecord& record) {
    return ElementWriter(out, style, record).run();
}

std::string length_text(const KeyRecord& record) {
    const std::uint64_t length = *record.length;
    if (record.type == "string") {
        return format_count(length) + (length == 1 ? " byte" : " bytes");
    }
    std::string noun = record.type == "hash"     ? "field"
                       : record.type == "stream" ? "entry"
                                                 : "element";
    if (length != 1) {
        noun = noun == "entry" ? "entries" : noun + 's';
    }
    return format_count(length) + ' ' + noun;
}

}  // namespace cachectl
