// CSV by RFC 4180, and TSV as programs write it: a header line, then rows of text.
//
//  - All is text, byte for byte, unless --types says otherwise; nothing is trimmed, `1` is no
//    number.
//  - An unquoted field with nothing in it is null, "" is empty text: so psql --csv writes them.
//    --null says another text that is null, and then a field with nothing in it is empty text.
//  - CSV: fields may be quoted; a quote within a field that is not makes a bad row, for programs
//    differ in what they mean by it.
//  - TSV: a quote is text. Whether a backslash is too, TsvStyle says.
//  - Lines end with LF or CRLF, or all with CR. A blank line is skipped, unless there is but one
//    column: there it is how psql writes a row that is null.
//  - A first column without a name, as of pandas and R, is left out; so are columns at the end
//    that have neither names nor values.
#pragma once

#include <string>
#include <vector>

#include "dump/csv_columns.hpp"
#include "dump/csv_splitter.hpp"
#include "dump/reader.hpp"
#include "dump/tsv_style.hpp"

namespace cachectl {

class CsvReader final : public RecordReader {
public:
    enum class Quoting { csv, tsv };

    /// Reads the header. Throws Error(bad_input) if a name in it occurs twice or is missing where
    /// that is no custom, or --types names a column that is not there.
    CsvReader(Source& source, Quoting quoting, const ReaderOptions& options);

    RowResult<Next> next() override;
    [[nodiscard]] const Record& record() const override { return m_record; }
    /// "CSV", "CSV with ';'", "TSV as mysql --batch writes it" …
    [[nodiscard]] std::string_view format_name() const override { return m_format_name; }
    /// Whether the last line has no line end, so that the file may have been cut; and choices that
    /// the user may want to make otherwise.
    [[nodiscard]] std::vector<std::string> header() const override;
    [[nodiscard]] std::string_view warning() const override { return m_warning; }
    [[nodiscard]] std::string doubt() const override { return m_doubt; }

private:
    CsvReader(Source& source, const CsvSyntax& syntax, const ReaderOptions& options);

    [[noreturn]] void fail(std::uint64_t line, std::string_view what, std::string hint = {}) const;
    void warn(std::uint64_t line, std::string_view what);
    void name_format();
    void skip_prologue();
    bool read_row();
    bool read_last_row();
    void read_header();
    void check_cut() const;
    void settle_style();
    [[nodiscard]] RowResult<> check_unnamed() const;
    RowResult<> fill_record();
    RowResult<> take_row();
    [[nodiscard]] bool is_null(const CsvSplitter::Field& field) const;
    [[nodiscard]] std::string_view raw_text(const CsvSplitter::Field& field) const {
        return m_row.substr(field.begin, field.end - field.begin);
    }
    bool text_of(const CsvSplitter::Field& field, std::string_view& text);

    Source& m_source;
    CsvSyntax m_syntax;
    CsvOptions m_options;
    SqlEscapes m_escapes;
    std::size_t m_max_record_bytes;
    CsvSplitter m_splitter;
    TsvStyle m_style;  // of CSV: no escapes
    std::string m_null_text;
    std::string m_format_name;
    std::string_view m_row;    // in the window, consumed
    std::uint64_t m_line = 1;  // of m_row
    std::uint64_t m_next_line = 1;
    bool m_row_ended = true;  // m_row has its line end
    bool m_has_held_row = false;
    CsvColumns m_columns;
    CsvTyper m_typer;
    std::string m_scratch;
    Record m_record;
    std::string m_warning;
    std::string m_doubt;
};

}  // namespace cachectl
