// A row becomes what Redis is to hold: a string, or the parts of a hash, list, set or sorted set.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/column_choice.hpp"
#include "dump/json_element.hpp"
#include "dump/reader.hpp"
#include "warm/rows/key_template.hpp"

namespace cachectl {

enum class EncodeAs { json, string, hash, list, set, zset };

/// Does it make a Redis string, which one SET writes whole?
inline bool is_string(EncodeAs as) { return as == EncodeAs::json || as == EncodeAs::string; }

/// json, string, hash, list, set, zset; nothing for any other name.
std::optional<EncodeAs> parse_encode_as(std::string_view name) noexcept;

struct EncodeOptions {
    EncodeAs as = EncodeAs::json;
    std::vector<ColumnChoice> columns;          // none: all
    std::optional<std::string> value_template;  // for EncodeAs::string
    RecordShape shape = RecordShape::row;
};

/// The arguments behind the key in SET, HSET, RPUSH, SADD or ZADD. The parts are views: they are
/// valid until the next encode() and until the reader goes on.
struct Encoded {
    Encoded() = default;
    Encoded(const Encoded&) = delete;  // a part may lie in itself
    Encoded& operator=(const Encoded&) = delete;

    EncodeAs as = EncodeAs::json;  // json and string both are SET's
    /// string and json: the value. hash: field, value, field, value … list and set: the elements.
    /// zset: score, member, score, member …
    std::vector<std::string_view> parts;

    [[nodiscard]] std::size_t bytes() const noexcept;
    std::string text;  // holds a part that is not in the record as it is
};

/// SET, HSET, RPUSH, SADD or ZADD.
std::string_view write_verb(EncodeAs as);

/// Why something cannot be written as JSON, and what helps.
std::string not_utf8(std::string_view subject);

class Encoder {
public:
    /// Throws Error(usage) if the options contradict each other: string wants a template or one
    /// column; zset two columns, the member's and the score's; a column counts once.
    explicit Encoder(EncodeOptions options);

    /// The row is bad if it has no such value:
    ///  - a chosen column is missing; a JSON record is not filled up with nulls;
    ///  - json: a text is not UTF-8, so no JSON stands for it (strings and hashes keep any bytes);
    ///  - string: the column is null;
    ///  - hash, list, set: nulls are left out, and nothing else is there;
    ///  - zset: the score is no finite number.
    /// json is the whole record as it stood in the dump, or an object of the chosen columns in
    /// their order. In the other kinds a nested value is its minified JSON.
    /// Of an entry (RecordShape::entry) it is the value that is encoded: any for json and string,
    /// an object's members for hash and zset (member → score), an array's elements for list, set.
    RowResult<> encode(const Record& record, Encoded& out);

private:
    RowResult<> select(const Record& record);
    RowResult<> select(const ColumnChoice& choice, const Record& record);
    RowResult<> encode_json(const Record& record, Encoded& out);
    RowResult<> encode_parts(const Record& record, Encoded& out);
    RowResult<> encode_hash(Encoded& out) const;
    RowResult<> encode_elements(Encoded& out) const;
    RowResult<> encode_zset(const Record& record, Encoded& out) const;
    const std::string& label(std::size_t index, std::string_view name);
    RowResult<> unfold(const Record& entry);

    struct Column {
        std::string_view name;
        Value value;
    };
    struct Label {
        std::string name;
        std::string json;  // `"name":`, or empty if the name is not UTF-8
    };

    EncodeOptions m_options;
    std::optional<KeyTemplate> m_template;
    std::vector<Column> m_selected;      // of the row at hand
    std::vector<std::string> m_scratch;  // of each chosen column, where a text may lie
    std::vector<Label> m_labels;         // of the row before; the names are mostly the same
    JsonElementParser m_parser;          // for the values of entries
    std::string m_nested;
    Record m_unfolded;  // the members or elements of an entry's value
};

/// Appends the value as JSON. False, and nothing appended, for text that is not UTF-8.
[[nodiscard]] bool append_json(const Value& value, std::string& out);

}  // namespace cachectl
