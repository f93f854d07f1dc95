// Readers of JSON dumps. Their memory is that of the longest record, not of the file: an array or
// an object of many gigabytes goes through element by element.
#pragma once

#include "dump/json_element.hpp"
#include "dump/json_extent.hpp"
#include "dump/reader.hpp"

namespace cachectl {

/// What the JSON readers share: the place in the source, and messages that name it.
class JsonReader : public RecordReader {
public:
    JsonReader(Source& source, const ReaderOptions& options);
    [[nodiscard]] const Record& record() const override { return m_record; }

protected:
    /// Throws; `at` is where in the window the fault lies.
    [[noreturn]] void fail(std::size_t at, std::string_view what) const;
    void check_length(std::size_t at, std::size_t length) const;
    /// Parses `text` into m_record.
    RowResult<Next> parse(std::string_view text);
    /// Drops bytes of the window and counts their lines.
    void consume(std::size_t count);

    Source& m_source;
    std::size_t m_max_record_bytes;
    std::uint64_t m_line = 1;  // of the first byte of the window
    Record m_record;

private:
    JsonElementParser m_parser;
};

/// One object a line. A line that is none is a bad row; a last line that ends in mid-object, as of
/// a truncated file, stops the reading. Blank lines are skipped.
class NdjsonReader final : public JsonReader {
public:
    using JsonReader::JsonReader;
    RowResult<Next> next() override;
    [[nodiscard]] std::string_view format_name() const override { return "NDJSON"; }

private:
    void check_truncation(std::string_view line) const;
};

/// One array of objects, or objects in a row. An element whose end is found but which is no valid
/// object is a bad row; after anything else that is wrong there is no telling where the next
/// element begins, so it stops the reading.
class JsonArrayReader : public JsonReader {
public:
    enum class Framing { array, objects_in_a_row };

    JsonArrayReader(Source& source, const ReaderOptions& options, Framing framing);
    RowResult<Next> next() override;
    [[nodiscard]] std::string_view format_name() const override;

protected:
    /// For elements between other brackets.
    JsonArrayReader(Source& source, const ReaderOptions& options, char opener, char closer);

    /// The window begins with an element; takes it.
    virtual RowResult<Next> take_element();
    /// Skips whitespace from `at` on; false at the end of the input.
    bool skip_space(std::size_t& at);
    /// Behind the closing bracket, at `at`: throws if something is there that must not be.
    virtual void check_end(std::size_t at);
    /// The length of the value that begins at `at`, which is then all in the window.
    std::size_t extent(std::size_t at);

private:
    enum class State { before, opened, between, ended };
    bool seek_element();

    char m_opener;  // '\0' for objects in a row
    char m_closer;
    State m_state = State::before;
    JsonExtent m_extent;
};

/// One object, each member an entry with a key and a value of any kind. A key that occurs twice is
/// two entries: telling would mean to remember all keys.
class JsonObjectReader final : public JsonArrayReader {
public:
    JsonObjectReader(Source& source, const ReaderOptions& options);
    [[nodiscard]] const Record& record() const override { return m_entry; }
    [[nodiscard]] RecordShape shape() const override { return RecordShape::entry; }
    [[nodiscard]] std::string_view format_name() const override { return "JSON object"; }

private:
    RowResult<Next> take_element() override;

    std::string m_member;  // made an object of its own, for the parser
    Record m_entry;
};

}  // namespace cachectl
