// CSV by RFC 4180, and TSV: a header line, then rows of text.
//
//  - An unquoted empty field is null, "" is empty text: so psql --csv writes them.
//  - All else is text, byte for byte; nothing is trimmed, `1` is no number and `\N` no null.
//  - Fields may be quoted in TSV too, but there a quote within an unquoted field is text; in CSV
//    it makes a bad row, for programs differ in what they mean by it.
//  - Lines end with LF or CRLF. A blank line is skipped, unless there is but one column: there it
//    is how psql writes a row that is null.
#pragma once

#include <array>
#include <vector>

#include "dump/reader.hpp"

namespace cachectl {

/// Splits rows into fields however the text is cut into pieces.
class CsvSplitter {
public:
    struct Field {
        std::size_t begin;  // within the quotes
        std::size_t end;
        bool quoted;
        bool doubled;  // has "" for each quote of its text
    };
    enum class Result {
        complete,  // length() is the row's length with its line end
        more,
    };

    explicit CsvSplitter(char delimiter);
    /// `text` begins with the row. After `more`, call again with the same text, longer, or
    /// finish().
    Result scan(std::string_view text);
    /// At the end of the input: the row ends with `text`. False if it does not: a quote is open.
    bool finish(std::string_view text);
    void reset();

    [[nodiscard]] std::size_t length() const noexcept { return m_position; }
    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return m_fields; }
    /// Why the row is bad, or nullptr.
    [[nodiscard]] const char* fault() const noexcept { return m_fault; }
    /// Where the field being read begins.
    [[nodiscard]] std::size_t field_begin() const noexcept { return m_field.begin; }

private:
    enum class State { field_start, unquoted, quoted, after_quote, after_quoted_cr };
    void end_field(std::size_t end);
    void end_unquoted(std::string_view text);
    bool step(std::string_view text);

    char m_delimiter;
    std::array<bool, 256> m_stops{};
    State m_state = State::field_start;
    std::size_t m_position = 0;
    Field m_field{};
    std::vector<Field> m_fields;
    const char* m_fault = nullptr;
};

class CsvReader final : public RecordReader {
public:
    /// Reads the header. Throws Error(bad_input) if a name in it is empty or occurs twice.
    CsvReader(Source& source, char delimiter, const ReaderOptions& options);

    Next next() override;
    [[nodiscard]] const Record& record() const override { return m_record; }
    [[nodiscard]] const BadRow& bad_row() const override { return m_bad_row; }
    [[nodiscard]] std::string_view format_name() const override;
    /// That the last line has no line end: the file may have been cut.
    [[nodiscard]] std::string_view warning() const override { return m_warning; }

private:
    [[noreturn]] void fail(std::uint64_t line, std::string_view what) const;
    bool read_row();
    void read_header();
    void fill_record();
    std::string_view text_of(const CsvSplitter::Field& field, std::string& scratch) const;

    Source& m_source;
    char m_delimiter;
    std::size_t m_max_record_bytes;
    CsvSplitter m_splitter;
    std::string_view m_row;    // in the window, consumed
    std::uint64_t m_line = 1;  // of m_row
    std::uint64_t m_next_line = 1;
    std::vector<std::string> m_header;
    std::string m_scratch;
    Record m_record;
    BadRow m_bad_row;
    std::string m_warning;
};

}  // namespace cachectl
