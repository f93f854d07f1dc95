#include "support/warm_formats.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/random_table.hpp"
#include "support/warm_sheet.hpp"

namespace cachectl::test {

namespace {

using Kind = Cell::Kind;

constexpr const char* k_table = "items";

// JSON

std::string utf16_escape(std::uint32_t code) {
    if (code < 0x10000) {
        return fmt::format("\\u{:04X}", code);
    }
    code -= 0x10000;
    return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (code >> 10U), 0xDC00 + (code & 0x3FFU));
}

/// With escapes that need not be there.
std::string wordy_json_text(RandomData& random, const std::string& text) {
    if (!random.one_in(4)) {
        return json_of_text(text);
    }
    std::string json = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::uint32_t code = length == 1 ? lead : lead & (0x7FU >> length);
        for (std::size_t i = 1; i < length; ++i) {
            code = code << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
        }
        if (text[at] == '/') {
            json += "\\/";
        } else if (lead < 0x20 || lead == '"' || lead == '\\' || random.one_in(3)) {
            json += utf16_escape(code);
        } else {
            json += text.substr(at, length);
        }
        at += length;
    }
    return json + '"';
}

std::string json_object(RandomData& random, const std::vector<std::string>& columns,
                        const ModelRow& row, const std::string& space) {
    std::string json = "{" + space;
    bool is_first = true;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
        const Cell& cell = row.cells[i];
        if (cell.kind == Kind::missing) {
            continue;
        }
        json += is_first ? "" : "," + space;
        is_first = false;
        json += wordy_json_text(random, columns[i]) + ":" + space;
        json += cell.kind == Kind::text ? wordy_json_text(random, cell.text) : json_of(cell);
    }
    return json + space + "}";
}

void write_json(RandomData& random, const WarmFormat& format, Sheet& sheet,
                std::vector<ModelRow>& rows) {
    const bool lines = format.format == RowFormat::ndjson;
    const std::string space = random.any_of({"", " ", lines ? "\t" : "\n  "});
    if (!lines) {
        sheet.add(format.format == RowFormat::json_wrapped
                      ? R"({"meta": {"count": 3}, "data": {"items": [)"
                      : "[");
        sheet.add(space);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!lines && i != 0) {
            sheet.add("," + space);
        }
        sheet.begin(rows[i]);
        if (!rows[i].is_readable) {
            sheet.add(random.any_of({"17", R"(["id", 5])", R"("text")"}));
        } else {
            sheet.add(json_object(random, format.columns, rows[i], space));
        }
        if (lines) {
            sheet.add(random.one_in(9) ? "\r\n" : "\n");
        }
    }
    if (!lines) {
        sheet.add(format.format == RowFormat::json_wrapped ? "], \"next\": null}}" : "]\n");
    }
}

void write_entries(RandomData& random, Sheet& sheet, std::vector<ModelRow>& rows) {
    const std::string space = random.any_of({"", " ", "\n"});
    sheet.add("{" + space);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i != 0) {
            sheet.add("," + space);
        }
        sheet.begin(rows[i]);
        const Cell& value = rows[i].cells[1];
        sheet.add(wordy_json_text(random, rows[i].cells[0].text) + ":" + space);
        sheet.add(value.kind == Kind::text ? wordy_json_text(random, value.text) : json_of(value));
    }
    sheet.add(space + "}");
}

// CSV and TSV

/// What a column of such a file holds once it has been read: text, unless its type is said.
void become_separated(RandomData& random, const WarmFormat& format, ModelRow& row,
                      std::vector<std::string>& fields) {
    static const std::vector<std::string> k_yes = {"true", "t", "yes", "y", "on", "1"};
    static const std::vector<std::string> k_no = {"false", "f", "no", "n", "off", "0"};
    fields.clear();
    for (Cell& cell : row.cells) {
        std::string field = cell.text;
        if (cell.kind == Kind::boolean) {
            field = random.any_of(cell.text == "true" ? k_yes : k_no);
        }
        fields.push_back(field);
        if (cell.kind != Kind::null && !format.is_typed) {
            cell = {Kind::text, field};
        }
    }
}

std::string csv_field(RandomData& random, const WarmFormat& format, const Cell& cell,
                      const std::string& field) {
    if (cell.kind == Kind::null) {
        return format.null_text.value_or("");
    }
    const bool is_odd =
        field.find_first_of(std::string("\"\r\n") + format.delimiter) != std::string::npos ||
        field.find_first_of(" \t\v\f") == 0;
    const bool is_null_text = field == format.null_text || (field.empty() && !format.null_text);
    if (!is_odd && !is_null_text && !random.one_in(4)) {
        return field;
    }
    return quoted(field, '"');
}

}  // namespace

std::string tsv_field(const WarmFormat& format, const Cell& cell, const std::string& field) {
    const bool copy = format.format == RowFormat::tsv_copy;
    if (cell.kind == Kind::null) {
        return copy ? "\\N" : format.format == RowFormat::tsv_batch ? "NULL" : "";
    }
    if (format.format == RowFormat::tsv_plain) {
        return field;
    }
    std::string text;
    for (const char c : field) {
        const std::string_view plain =
            copy ? std::string_view("\b\f\n\r\t\v\\") : std::string_view("\n\t\\");
        const std::string_view letters = copy ? "bfnrtv\\" : "nt\\";
        const std::size_t at = plain.find(c);
        if (at == std::string_view::npos) {
            text += c;
        } else {
            text.append(1, '\\').append(1, letters[at]);
        }
    }
    return text;
}

namespace {

/// Without what the format has no way to say.
void keep_to_tsv(const WarmFormat& format, std::vector<ModelRow>& rows) {
    for (ModelRow& row : rows) {
        for (Cell& cell : row.cells) {
            if (cell.kind != Kind::text && cell.kind != Kind::json) {
                continue;
            }
            if (cell.kind == Kind::json && format.format == RowFormat::tsv_plain &&
                cell.text.find('\\') != std::string::npos) {
                cell = {Kind::json, "{}"};
            }
            if (cell.kind == Kind::json) {
                continue;
            }
            if (format.format == RowFormat::tsv_plain) {
                std::erase_if(cell.text, [](char c) { return c == '\t' || c == '\\'; });
            }
            if (format.format == RowFormat::tsv_batch) {
                std::erase(cell.text, '\r');  // at an end of a line it would be half of that
            }
            const bool is_word = cell.text.empty() || cell.text == "NULL" || cell.text == "\\N";
            if (is_word && format.format != RowFormat::tsv_copy) {
                cell.text = "x";
            }
        }
    }
    // The style shows in what the fields hold.
    if (!rows.empty() && format.format != RowFormat::tsv_plain) {
        rows.front().cells[Column::name] = {Kind::null, ""};
    }
}

void write_separated(RandomData& random, const WarmFormat& format, Sheet& sheet,
                     std::vector<ModelRow>& rows) {
    const bool is_csv = format.format == RowFormat::csv;
    const std::string line_end = format.crlf ? "\r\n" : "\n";
    const char delimiter = is_csv ? format.delimiter : '\t';
    if (!is_csv) {
        keep_to_tsv(format, rows);
    }
    std::string line;
    if (format.has_header) {
        for (const std::string& column : format.columns) {
            line += (line.empty() ? "" : std::string(1, delimiter)) + column;
        }
        sheet.add(line + line_end);
    }
    std::vector<std::string> fields;
    for (ModelRow& row : rows) {
        become_separated(random, format, row, fields);
        sheet.begin(row);
        line.clear();
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (i != 0) {
                line += delimiter;
            }
            line += is_csv ? csv_field(random, format, row.cells[i], fields[i])
                           : tsv_field(format, row.cells[i], fields[i]);
        }
        if (!row.is_readable) {
            line.append(1, delimiter).append("one too many");
        }
        sheet.add(line + line_end);
    }
}

const char* format_word(const WarmFormat& format) {
    if (format.is_sql()) {
        return "sql";
    }
    if (format.format == RowFormat::csv) {
        return "csv";
    }
    if (!format.is_json()) {
        return "tsv";
    }
    return format.format == RowFormat::ndjson ? "ndjson" : "json";
}

}  // namespace

RowRules WarmFormat::rules() const {
    RowRules rules;
    rules.can_miss = rules.any_kind = is_json();
    rules.exponents = !is_sql();
    rules.nul = !is_sql() || format == RowFormat::mysql;
    rules.any_bytes = !is_json() && !is_sql();
    rules.line_ends = format != RowFormat::tsv_plain;
    rules.has_bytes = is_sql();
    return rules;
}

std::string WarmFormat::file_name() const {
    return is_sql() ? "rows.sql" : is_json() ? "rows.json" : "rows.txt";
}

std::map<std::string, std::string> WarmFormat::options() const {
    std::map<std::string, std::string> options;
    const bool is_separated = !is_json() && !is_sql();
    if (is_separated || says_format) {
        options["format"] = format_word(*this);
    }
    if (format == RowFormat::json_wrapped) {
        options["rows"] = "/data/items";
    }
    if (format == RowFormat::csv) {
        options["delimiter"] = std::string(1, delimiter);
    }
    if (format == RowFormat::csv && delimiter == '\t') {
        options["delimiter"] = "tab";
    }
    if (null_text && format == RowFormat::csv) {
        options["null"] = *null_text;
    }
    if (is_separated && !has_header) {
        for (const std::string& column : columns) {
            options["header"] += (options["header"].empty() ? "" : ",") + column;
        }
    }
    if (is_separated && is_typed) {
        options["types"] = columns[Column::id] + ":int," + columns[Column::number] + ":number," +
                           columns[Column::boolean] + ":bool," + columns[Column::nested] + ":json";
    }
    if (is_sql() && !binary.empty()) {
        options["binary"] = binary;
    }
    if (has_other_table) {
        options["table"] = k_table;
    }
    return options;
}

std::vector<ModelRow> WarmFormat::rows(RandomData& random, std::size_t count) const {
    if (has_entries()) {
        return random_entries(random, count);
    }
    std::vector<ModelRow> all = random_rows(random, count, rules());
    if (!breaks_rows) {
        return all;
    }
    for (ModelRow& row : all) {
        row.is_readable = !random.one_in(12);
    }
    return all;
}

WrittenFile WarmFormat::write(RandomData& random, std::vector<ModelRow> rows) const {
    WrittenFile file;
    Sheet sheet(file);
    if (has_bom) {
        sheet.add("\ufeff");
    }
    if (has_entries()) {
        write_entries(random, sheet, rows);
    } else if (is_json()) {
        write_json(random, *this, sheet, rows);
    } else if (is_sql()) {
        write_sql(random, *this, sheet, rows);
    } else {
        write_separated(random, *this, sheet, rows);
    }
    file.rows = std::move(rows);
    return file;
}

WarmFormat random_format(RandomData& random) {
    WarmFormat format;
    format.format = static_cast<RowFormat>(random.below(12));
    format.columns = {"id", "g", random.any_of({"name", "na me", "na\u00efve", "select"}),
                      "n",  "b", "j"};
    if (format.has_entries()) {
        format.columns = {"key", "value"};
    }
    if (format.is_sql()) {
        format.columns.emplace_back("x");
    }
    format.delimiter = random.any_of({",", ";", "|", "\t"})[0];
    format.crlf = format.format == RowFormat::csv && random.one_in(3);
    if (random.one_in(3)) {
        format.null_text = random.any_of({"NULL", "\\N", "-"});
    }
    format.has_header = !random.one_in(4);
    format.is_typed = random.one_in(2);
    format.has_bom = (format.is_json() || format.format == RowFormat::csv) && random.one_in(8);
    format.breaks_rows = random.one_in(4);
    format.says_format = format.breaks_rows || random.one_in(4);
    format.has_other_table = format.is_sql() && random.one_in(3);
    format.binary = random.any_of({"", "base64", "hex"});
    return format;
}

}  // namespace cachectl::test
