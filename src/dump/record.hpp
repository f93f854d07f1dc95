// One row of a dump: named, typed values, each with its exact text. Every reader fills the same
// Record over and over, so that after the first rows none costs an allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

enum class ValueKind {
    null,     // no text
    boolean,  // "true" or "false"
    number,   // the token as it was written: 1.10, 1e400 and 2^53+1 stay what they are
    text,     // the exact bytes; from CSV they need not be UTF-8
    json,     // an object or an array, as minified JSON
};

struct Value {
    ValueKind kind = ValueKind::null;
    std::string_view text;  // valid until the reader goes on to the next row
};

class Record {
public:
    Record() = default;
    Record(const Record&) = delete;  // its values may lie in itself
    Record& operator=(const Record&) = delete;

    [[nodiscard]] std::uint64_t line() const noexcept { return m_line; }
    [[nodiscard]] std::size_t size() const noexcept { return m_values.size(); }
    [[nodiscard]] const std::string& name(std::size_t index) const { return m_names[index]; }
    [[nodiscard]] const Value& value(std::size_t index) const { return m_values[index]; }

    /// nullptr if the record has no value of that name.
    [[nodiscard]] const Value* find(std::string_view name) const noexcept;

    /// The whole record as it stood in a JSON file, minified; empty for rows of any other format.
    [[nodiscard]] std::string_view json() const;

    // What follows is for readers.

    /// Starts a row at `line` (1 is the first). keep() then has room for `keepable` bytes.
    void begin(std::uint64_t line, std::size_t keepable = 0);
    /// `text` must live as long as the row: in the source's window, in keep() or in a constant.
    void add(std::string_view name, ValueKind kind, std::string_view text);
    /// Copies bytes that exist nowhere else (an unescaped string) to where the row keeps them.
    std::string_view keep(std::string_view bytes);
    /// `raw` is the valid JSON text that the row was parsed from, with its whitespace.
    void set_json(std::string_view raw) noexcept { m_raw_json = raw; }
    /// The first name that occurs a second time, or nullptr. Free while rows have the same names.
    [[nodiscard]] const std::string* duplicate_name();

private:
    std::uint64_t m_line = 0;
    std::vector<std::string>
        m_names;  // may be longer than m_values: those of an earlier, wider row
    std::vector<Value> m_values;
    std::size_t m_distinct = 0;  // how many leading names are known to differ from each other
    std::string m_kept;
    std::string_view m_raw_json;
    mutable std::string m_minified;
};

}  // namespace cachectl
