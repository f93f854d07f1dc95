// A dataset: which rows of a dump are meant, what they become, and how long that shall live.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/reader.hpp"
#include "dump/sql/schema.hpp"
#include "keyspace/ttl_choice.hpp"
#include "util/error.hpp"
#include "warm/rows/if_exists.hpp"
#include "warm/rows/row_maker.hpp"
#include "warm/rows/where.hpp"

namespace cachectl {

/// As the user said it.
struct DatasetOptions {
    RowOptions rows;
    std::vector<std::string> tables;  // of an SQL dump; none: it has but one
    bool needs_tables = false;        // its own 'schema' defines them
    std::optional<Where> where;
    std::optional<std::chrono::milliseconds> ttl;
    double jitter = 0;
    IfExists if_exists = IfExists::skip;
    bool says_if_exists = false;                             // it was given, and is not the default
    std::optional<std::chrono::milliseconds> refresh_below;  // for IfExists::refresh
    std::string place;  // "warm.json:12": where a manifest says it; empty: on the command line

    /// Throws Error(usage) if `refresh_below` is missing, or means nothing.
    void check_if_exists() const;
    /// The message with the place in the manifest before it and its names of the options; on the
    /// command line as it is.
    [[nodiscard]] std::string located(const std::string& message) const;
    /// The same for an error; of a manifest it is Error(bad_input).
    [[nodiscard]] Error located(const Error& error) const;
};

/// Every Error is located().
class Dataset {
public:
    /// The policies give a time to live where the options have none. Throws Error(usage) for
    /// options that contradict each other.
    Dataset(DatasetOptions options, std::vector<KeyPolicy> policies);

    /// Call it before the first record of each file: what the rows become depends on their shape.
    /// Throws Error if the options do not fit.
    void begin_file(RecordShape shape);
    /// Call it after begin_file() with the names of the file's columns, if it has a header. Throws
    /// Error(bad_input) if the options name another one.
    void check_header(const std::vector<std::string>& columns) const;
    /// Whether rows of this table are meant, or those of one of its parents, which they are too:
    /// then the records that take() gets are of it, and of a parent have its columns only. Throws
    /// Error(bad_input) if the options name none and there are several.
    [[nodiscard]] bool wants(const SqlTable& table);

    enum class Disposition {
        passed_over,  // --where says so
        made,         // key() and value() are to be written
        gathered,     // among what make_gathered() gives later
    };
    /// Throws Error(bad_input) if the options name a column that the file, or the table of a dump,
    /// has not; that is known from its first record on. Each record of JSON has its own columns: if
    /// one lacks, that record is a bad row. Throws too if too much is gathered.
    [[nodiscard]] RowResult<Disposition> take(const Record& record);

    /// Both are valid until the next take() or make_gathered(), and until the reader goes on.
    [[nodiscard]] const std::string& key() const { return m_key; }
    [[nodiscard]] const Encoded& value() const { return m_value; }
    /// Notes that a row of this dataset could not be read.
    void note_bad_row() { m_has_bad_rows = true; }

    /// How many keys have been gathered; make_gathered() makes one of them key() and value().
    [[nodiscard]] std::size_t gathered_keys() const;
    void make_gathered(std::size_t index) { m_gatherer->get(index, m_key, m_value); }
    /// Frees what has been gathered.
    void drop_gathered() { m_gatherer.reset(); }
    /// Records that a later one of the same name has replaced: of --collect-by, and of the hashes
    /// and zsets that make_gathered() has made.
    [[nodiscard]] std::uint64_t replaced() const { return m_gatherer ? m_gatherer->replaced() : 0; }

    /// How long a key of it shall live; absent: for ever.
    [[nodiscard]] std::optional<std::chrono::milliseconds> ttl(std::string_view key) {
        return m_ttl.for_key(key);
    }
    /// Why the key would be refreshed as soon as it is written: the policy gives it less time than
    /// --refresh-below asks for. Empty if it would not.
    [[nodiscard]] std::string refreshed_at_once(std::string_view key) const;
    /// Call it at the end of a dump with the tables that it defines. Throws Error(bad_input) if the
    /// options name a column that a table without rows does not have.
    void check_empty_tables(const std::vector<const SqlTable*>& tables);
    /// The tables that the options name and no row belonged to.
    [[nodiscard]] std::vector<std::string> tables_without_rows() const;
    [[nodiscard]] bool may_expire() const { return m_ttl.may_expire(); }
    [[nodiscard]] const DatasetOptions& options() const { return m_options; }

private:
    template <typename Action>
    auto locate(Action action) const;
    [[nodiscard]] const SqlTable* meant(const SqlTable& table);
    [[nodiscard]] const Record& as_meant(const Record& record);
    void check_columns(const Record& record) const;
    void check_filled(const Record& record) const;
    void check_rows() const;
    RowResult<Disposition> make(const Record& record);

    DatasetOptions m_options;
    std::vector<SqlTableName> m_tables;
    std::vector<bool> m_have_rows;  // for each of m_tables, whether a row belonged to it
    TtlChoice m_ttl;
    std::optional<RowMaker> m_maker;
    std::optional<RowGatherer> m_gatherer;
    bool m_has_bad_rows = false;
    RecordShape m_shape = RecordShape::row;
    const SqlTable* m_table = nullptr;         // of the file's first row, if the options name none
    const SqlTable* m_record_table = nullptr;  // that the records at hand are meant as rows of
    const SqlTable* m_row_table = nullptr;     // that they stand in: it, or one of its heirs
    Record m_meant;                            // such a record, without the columns of the heir
    bool m_columns_checked = false;            // of the file, or of that table
    std::string m_key;
    Encoded m_value;
};

}  // namespace cachectl
