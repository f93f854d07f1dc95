// What a row becomes: a key and its value, or a part of a value that many rows make together.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "warm/rows/collect.hpp"
#include "warm/rows/encode.hpp"
#include "warm/rows/key_template.hpp"

namespace cachectl {

/// As the user gave them.
struct RowOptions {
    std::optional<std::string> key;         // --key
    std::optional<EncodeAs> as;             // --as
    std::optional<std::string> value;       // --value
    std::vector<ColumnChoice> columns;      // --columns
    std::optional<std::string> collect;     // --collect
    std::optional<std::string> collect_by;  // --collect-by
    std::optional<std::string> group;       // --group
    std::vector<std::string> filled;        // names that --set has put values for in templates
    std::size_t max_memory = std::size_t{512} * 1024 * 1024;
    std::shared_ptr<GatheredMemory> memory;  // of all datasets of a run

    [[nodiscard]] bool gathers() const { return collect || group; }
    /// Throws Error(usage) for options that contradict each other, whatever the dump is.
    void check() const;
    /// What a dump that is a single JSON object must be for these options to make sense. How many
    /// rows a file has today must not decide what they become: one row is a row.
    [[nodiscard]] LoneObject lone_object() const;
    /// The columns that the options name.
    [[nodiscard]] std::vector<std::string> named_columns() const;
};

/// Makes one key of one row.
class RowMaker {
public:
    /// Throws Error(usage) if the options do not fit rows of this shape.
    RowMaker(const RowOptions& options, RecordShape shape);

    RowResult<> make(const Record& record, std::string& key, Encoded& value);

private:
    KeyTemplate m_key;
    Encoder m_encoder;
    std::optional<Encoder> m_null_encoder;  // for entries, whose strings stand for themselves
};

/// Gathers rows, to be written when all have been read.
class RowGatherer {
public:
    RowGatherer(const RowOptions& options, RecordShape shape);

    /// Throws Error(bad_input) when it holds too much.
    RowResult<> add(const Record& record);

    [[nodiscard]] RecordShape shape() const { return m_shape; }
    /// What --collect makes of no rows.
    enum class OfNothing { no_key, empty_value };
    [[nodiscard]] std::size_t keys(OfNothing of_nothing = OfNothing::no_key) const;
    /// Sets `key` and `value` to those of the key with that index.
    void get(std::size_t index, std::string& key, Encoded& value);
    /// Rows of --collect-by, and of the hashes and zsets that get() has given, that a later one of
    /// the same name has replaced.
    [[nodiscard]] std::uint64_t replaced() const;

private:
    RecordShape m_shape;
    std::string m_collect_key;
    std::optional<Collect> m_collect;  // this or m_group
    std::optional<Group> m_group;
};

}  // namespace cachectl
