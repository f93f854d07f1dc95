// Splits rows of separated text into fields, however the text is cut into pieces.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace cachectl {

struct CsvSyntax {
    char delimiter = ',';
    bool quotes = true;    // fields may stand in "…"; if not, a quote is text
    char line_end = '\n';  // with a CR before it or not; '\r' alone in files of old spreadsheets
};

class CsvSplitter {
public:
    struct Field {
        std::size_t begin;  // a quoted field begins behind its quote
        std::size_t end;
        bool quoted;
        bool doubled;  // has "" for each quote of its text
    };
    enum class Result {
        complete,  // length() is the row's length with its line end
        more,
    };

    explicit CsvSplitter(const CsvSyntax& syntax);
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
    /// A line with nothing in it.
    [[nodiscard]] bool is_blank() const noexcept {
        return m_fields.size() == 1 && !m_fields[0].quoted && m_fields[0].begin == m_fields[0].end;
    }

private:
    enum class State { field_start, unquoted, quoted, after_quote, after_quoted_cr };
    void end_field(std::size_t end);
    void end_unquoted(std::string_view text);
    bool step(std::string_view text);

    CsvSyntax m_syntax;
    std::array<bool, 256> m_stops{};
    State m_state = State::field_start;
    std::size_t m_position = 0;
    Field m_field{};
    std::vector<Field> m_fields;
    const char* m_fault = nullptr;
};

/// The text of a field, whose quotes are doubled, once more with each quote once.
void undouble_quotes(std::string_view text, std::string& out);

}  // namespace cachectl
