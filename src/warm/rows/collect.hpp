// Many rows become one value: --collect makes one key of them all, --group one key of each group.
// Only these two hold rows in memory, so both count what they hold, and what more it will take to
// send it, and stop at a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "util/growing_text.hpp"
#include "warm/rows/encode.hpp"
#include "warm/rows/key_template.hpp"

namespace cachectl {

/// What those who share a limit hold, in bytes.
struct GatheredMemory {
    std::size_t held = 0;
    std::size_t largest = 0;  // of the values that will be made of it
    std::size_t copies = 0;   // of one value, that exist while it is sent and read back
};

struct GatherOptions {
    std::vector<ColumnChoice> columns;  // of each row's object; none: all
    std::size_t max_bytes = std::size_t{256} * 1024 * 1024;
    RecordShape shape = RecordShape::row;
    EncodeAs as = EncodeAs::json;  // what a group becomes; a collection is always JSON
    std::shared_ptr<GatheredMemory> memory = nullptr;  // nullptr: nobody else shares the limit
};

/// Names with the texts gathered under them, in order of first appearance.
class Gathered {
public:
    explicit Gathered(const GatherOptions& options);
    Gathered(const Gathered&) = delete;
    Gathered& operator=(const Gathered&) = delete;
    ~Gathered();

    struct Item {
        std::string name;
        GrowingText text;  // JSON, or parts of another kind of value, one after the other
        bool closed = false;
    };
    /// The item of that name, made if it is new. Call account() when it has been changed.
    Item& item(const std::string& name, bool& is_new);
    /// The item of that index as a JSON array, which takes no more.
    std::string_view closed(std::size_t index);
    /// Counts `more` bytes that it holds now, and a value of `value_size` bytes that will be made
    /// of them. Throws Error(bad_input), naming --max-memory, if that is more than the limit.
    void account(std::size_t more, std::size_t value_size);

    /// How much memory is held, in bytes.
    [[nodiscard]] std::size_t bytes() const noexcept { return m_bytes; }
    [[nodiscard]] const std::vector<Item>& items() const noexcept { return m_items; }

private:
    void hold(std::size_t more);

    std::size_t m_max_bytes;
    std::size_t m_copies;  // of a value, in the commands that write it
    std::size_t m_bytes = 0;
    std::shared_ptr<GatheredMemory> m_memory;
    std::vector<Item> m_items;
    std::unordered_map<std::string, std::size_t> m_index;
};

/// All rows as one JSON array, or as an object by a column.
class Collect {
public:
    Collect(const GatherOptions& options, std::optional<std::string> by);

    /// The row is bad if it cannot be JSON or the column cannot be a name. Throws Error(bad_input)
    /// at the limit.
    RowResult<> add(const Record& record);

    /// The array or object: after no rows [] or {}. It lies in here, and no more can be added.
    [[nodiscard]] std::string_view value();
    [[nodiscard]] std::uint64_t records() const noexcept { return m_records; }
    /// How many rows replaced an earlier one of the same name: the last wins.
    [[nodiscard]] std::uint64_t duplicates() const noexcept { return m_duplicates; }
    [[nodiscard]] std::size_t bytes() const noexcept { return m_gathered.bytes(); }

private:
    Encoder m_encoder;
    std::optional<KeyTemplate> m_by;
    Gathered m_gathered;
    Encoded m_encoded;
    std::string m_name;
    std::string m_quoted;
    std::string m_object;
    std::size_t m_object_size = 2;  // as it will be, in bytes
    std::uint64_t m_records = 0;
    std::uint64_t m_duplicates = 0;
};

/// For each key that the rows render, a JSON array of its rows, or a list, set, zset or hash of the
/// columns that were chosen. Of a hash's field or a zset's member that occurs twice the last
/// counts.
class Group {
public:
    /// Throws Error(usage) if the options contradict each other: a zset wants two columns, the
    /// member's and the score's, a hash the field's and the value's.
    Group(const GatherOptions& options, KeyTemplate key);

    /// As Collect::add().
    RowResult<> add(const Record& record);

    [[nodiscard]] std::size_t size() const noexcept { return m_gathered.items().size(); }
    [[nodiscard]] const std::string& key(std::size_t index) const {
        return m_gathered.items()[index].name;
    }
    /// Replaces `value` by that of this key, in the order of the rows. Its parts lie in here, and
    /// no more can be added.
    void get(std::size_t index, Encoded& value);
    [[nodiscard]] std::uint64_t records() const noexcept { return m_records; }
    /// Of the keys that get() has given: fields of a hash, members of a zset that a later row of
    /// the same name has replaced.
    [[nodiscard]] std::uint64_t duplicates() const noexcept { return m_duplicates; }
    [[nodiscard]] std::size_t bytes() const noexcept { return m_gathered.bytes(); }

private:
    void count_duplicates(std::size_t index, const std::vector<std::string_view>& parts);
    RowResult<> encode(const Record& record);

    EncodeAs m_as;
    Encoder m_encoder;
    KeyTemplate m_key;
    Gathered m_gathered;
    Encoded m_encoded;
    std::string m_name;
    std::uint64_t m_records = 0;
    std::uint64_t m_duplicates = 0;
    std::size_t m_counted = 0;  // keys whose duplicates are in it
};

}  // namespace cachectl
