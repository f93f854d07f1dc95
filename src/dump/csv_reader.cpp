#include "dump/csv_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "dump/csv_layout.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_style_sample = std::size_t{256} * 1024;
constexpr const char* k_plain_remedy = "if a backslash is text there, say --no-backslash-escapes";

CsvSyntax syntax_of(Source& source, CsvReader::Quoting quoting, const CsvOptions& options) {
    const CsvSample sample = sample_lines(source);
    CsvSyntax syntax;
    syntax.quotes = quoting == CsvReader::Quoting::csv;
    const char usual = syntax.quotes ? ',' : '\t';
    const auto found = syntax.quotes ? find_separator(sample) : std::nullopt;
    syntax.delimiter = options.delimiter.value_or(found.value_or(usual));
    syntax.line_end = find_line_end(sample.text);
    return syntax;
}

/// Most rows are one line: its end is found at once.
std::uint64_t count_lines(std::string_view text, char line_end) {
    std::uint64_t count = 0;
    for (std::size_t at = 0; (at = text.find(line_end, at)) != std::string_view::npos; ++at) {
        ++count;
    }
    return count;
}

}  // namespace

CsvReader::CsvReader(Source& source, Quoting quoting, const ReaderOptions& options)
    : CsvReader(source, syntax_of(source, quoting, options.csv), options) {}

CsvReader::CsvReader(Source& source, const CsvSyntax& syntax, const ReaderOptions& options)
    : m_source(source),
      m_syntax(syntax),
      m_options(options.csv),
      m_escapes(options.sql.escapes),
      m_max_record_bytes(options.max_record_bytes),
      m_splitter(syntax) {
    if (m_syntax.line_end == '\r') {
        warn(1, "its lines end with a carriage return alone");
    }
    skip_prologue();
    m_style.settled = true;
    if (!m_syntax.quotes) {
        m_style = judge_tsv(sample_bytes(m_source, k_style_sample).text, m_syntax.delimiter,
                            m_syntax.line_end, m_escapes);
    }
    m_null_text = m_options.null_text.value_or(std::string(m_style.null_text));
    name_format();
    read_header();
}

void CsvReader::name_format() {
    m_format_name = m_syntax.quotes ? "CSV" : m_style.name;
    if (m_syntax.delimiter != (m_syntax.quotes ? ',' : '\t')) {
        m_format_name += m_syntax.delimiter == '\t' ? " with tabs"
                                                    : fmt::format(" with '{}'", m_syntax.delimiter);
    }
}

void CsvReader::fail(std::uint64_t line, std::string_view what, std::string hint) const {
    throw Error(ExitCode::bad_input, fmt::format("{}:{}: {}", m_source.name(), line, what),
                std::move(hint));
}

std::vector<std::string> CsvReader::header() const {
    std::vector<std::string> names;
    for (const CsvColumn& column : m_columns.columns) {
        names.push_back(column.name);
    }
    return names;
}

void CsvReader::warn(std::uint64_t line, std::string_view what) {
    m_warning += m_warning.empty() ? "" : "; ";
    m_warning += fmt::format("{}:{}: {}", m_source.name(), line, what);
}

void CsvReader::skip_prologue() {
    const CsvPrologue prologue = find_prologue(sample_lines(m_source).text);
    const std::string_view skipped = m_source.window().substr(0, prologue.bytes);
    m_next_line += count_lines(skipped, m_syntax.line_end);
    m_source.consume(prologue.bytes);
}

/// Splits the next row; false at the end of the input.
bool CsvReader::read_row() {
    if (m_has_held_row) {
        m_has_held_row = false;
        return true;
    }
    m_line = m_next_line;
    m_splitter.reset();
    while (m_splitter.scan(m_source.window()) == CsvSplitter::Result::more) {
        if (m_splitter.length() > m_max_record_bytes) {
            fail(m_line, fmt::format("a row is longer than {} bytes", m_max_record_bytes));
        }
        if (m_source.fill()) {
            continue;
        }
        if (!read_last_row()) {
            return false;
        }
        break;
    }
    if (m_splitter.length() > m_max_record_bytes) {
        fail(m_line, fmt::format("a row is longer than {} bytes", m_max_record_bytes));
    }
    m_row = m_source.window().substr(0, m_splitter.length());
    m_next_line += count_lines(m_row, m_syntax.line_end);
    m_source.consume(m_splitter.length());
    return true;
}

/// Ends the row that has no line end; false if there is none.
bool CsvReader::read_last_row() {
    const std::string_view rest = m_source.window();
    if (rest.empty()) {
        return false;
    }
    if (!m_splitter.finish(rest)) {
        const std::string_view above = rest.substr(0, m_splitter.field_begin());
        fail(m_line + count_lines(above, m_syntax.line_end),
             "the quote that opens here is never closed");
    }
    m_row_ended = false;
    return true;
}

/// The text that the field stands for: within the row, or in m_scratch. False at a bad escape.
bool CsvReader::text_of(const CsvSplitter::Field& field, std::string_view& text) {
    text = raw_text(field);
    if (field.doubled) {
        undouble_quotes(text, m_scratch);
        text = m_scratch;
    } else if (m_style.escapes && !text.empty() &&
               std::memchr(text.data(), '\\', text.size()) != nullptr) {
        if (!unescape_tsv(text, m_scratch)) {
            return false;
        }
        text = m_scratch;
    }
    return true;
}

void CsvReader::read_header() {
    std::vector<std::string> names = m_options.header;
    const bool has_row = read_row();
    if (!has_row && names.empty()) {
        fail(1, "there is no header line");
    }
    m_has_held_row = has_row && !names.empty();
    if (names.empty()) {
        if (m_splitter.fault() != nullptr) {
            fail(m_line, fmt::format("in the header: {}", m_splitter.fault()));
        }
        for (const CsvSplitter::Field& field : m_splitter.fields()) {
            std::string_view name;
            names.emplace_back(text_of(field, name) ? name : raw_text(field));
            if (names.back().find('\r') != std::string::npos) {
                fail(m_line, "in the header: a carriage return that ends no line");
            }
        }
    }
    if (const auto named = m_columns.take_header(names); !named) {
        fail(m_line, "in the header: " + named.bad_row().reason,
             m_options.header.empty()
                 ? "without its first line (tail -n +2) --header A,B,… names the columns"
                 : "");
    }
    if (const auto typed = m_columns.set_types(m_options.types); !typed) {
        fail(m_line, typed.bad_row().reason);
    }
    if (m_columns.has_index) {
        warn(m_line, "the first column has no name and was left out");
    }
}

/// A row that ends with the file and has fewer columns than the others was cut.
void CsvReader::check_cut() const {
    const bool escape_cut = m_style.escapes && m_row.ends_with('\\');
    if (m_row_ended || (m_splitter.fields().size() >= m_columns.fields && !escape_cut)) {
        return;
    }
    fail(m_line, "the input ends in the middle of a row: was it cut?");
}

/// Of TSV in which nothing has shown yet what a backslash means: does this row?
void CsvReader::settle_style() {
    const bool shows =
        m_row.find('\\') != std::string_view::npos || m_row.find("NULL") != std::string_view::npos;
    if (!shows) {
        return;
    }
    m_style = judge_tsv(m_row, m_syntax.delimiter, m_syntax.line_end, m_escapes);
    if (m_style.null_text.empty()) {
        return;
    }
    if (!m_options.null_text) {
        m_null_text = m_style.null_text;
    }
    warn(m_line,
         fmt::format("read as {} from here on; nothing before shows what it is", m_style.name));
}

bool CsvReader::is_null(const CsvSplitter::Field& field) const {
    const std::string_view raw = raw_text(field);
    return !field.quoted && (raw == m_null_text || (m_style.escapes && raw == "\\N"));
}

/// A field that has text needs a column that is named for it.
RowResult<> CsvReader::check_unnamed() const {
    for (std::size_t i = m_columns.named_end; i < m_columns.fields; ++i) {
        const CsvSplitter::Field& field = m_splitter.fields()[i];
        if (field.begin != field.end && !is_null(field)) {
            return BadRow{
                fmt::format("column {} has a value and the header no name for it", i + 1)};
        }
    }
    return {};
}

RowResult<> CsvReader::fill_record() {
    m_record.begin(m_line, m_row.size());
    for (const CsvColumn& column : m_columns.columns) {
        const CsvSplitter::Field& field = m_splitter.fields()[column.field];
        if (is_null(field)) {
            m_record.add(column.name, ValueKind::null, {});
            continue;
        }
        std::string_view text;
        if (!text_of(field, text)) {
            return BadRow{fmt::format("column '{}': a backslash that is no escape of {}; {}",
                                      column.name, m_style.name, k_plain_remedy)};
        }
        if (text.data() == m_scratch.data() && column.type != CsvType::json) {
            text = m_record.keep(text);
        }
        if (column.type == CsvType::text) {
            m_record.add(column.name, ValueKind::text, text);
        } else if (auto added = m_typer.add(column, text, m_record); !added) {
            return added;
        }
    }
    return check_unnamed();
}

/// The row that was read becomes the record.
RowResult<> CsvReader::take_row() {
    if (m_splitter.fault() != nullptr) {
        return BadRow{m_splitter.fault()};
    }
    const std::size_t fields = m_splitter.fields().size();
    if (fields != m_columns.fields) {
        return BadRow{fmt::format("it has {} {}, the header has {}", fields,
                                  fields == 1 ? "column" : "columns", m_columns.fields)};
    }
    if (!m_style.settled) {
        settle_style();
    }
    return fill_record();
}

RowResult<Next> CsvReader::next() {
    while (read_row()) {
        if (m_splitter.is_blank() && m_columns.fields > 1) {
            continue;
        }
        check_cut();
        if (!m_row_ended) {
            constexpr std::string_view k_cut = "the last line has no line end; was the file cut?";
            warn(m_line, k_cut);
            m_doubt = fmt::format("{}:{}: {}", m_source.name(), m_line, k_cut);
        }
        if (auto row = take_row(); !row) {
            row.bad_row().line = m_line;
            row.bad_row().keep_text(m_row);
            return std::move(row.bad_row());
        }
        return Next::record;
    }
    return Next::end;
}

}  // namespace cachectl
