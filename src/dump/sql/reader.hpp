// SQL dumps of PostgreSQL, MySQL, MariaDB and SQLite: the rows of their INSERT and COPY statements,
// typed by their CREATE TABLE. What else they hold (functions, triggers, views, SET) is skipped and
// nothing of it obeyed. Memory is that of the longest row, or of the longest statement without
// rows, not of the longest INSERT.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dump/reader.hpp"
#include "dump/sql/schema.hpp"
#include "util/error.hpp"

namespace cachectl {

class SqlReader final : public RecordReader {
public:
    enum class Purpose {
        rows,
        count,  // next() returns nothing but the end; tables() then tell how many rows they have
    };
    /// Reads ahead to recognise the dialect, unless the options name it. Throws Error(usage) if the
    /// options name no table.
    SqlReader(Source& source, const ReaderOptions& options, Purpose purpose = Purpose::rows);
    ~SqlReader() override;

    /// Throws Error(bad_input) too where the dump is cut, where rows have no column names because
    /// the dump lacks the CREATE TABLE of a table that is wanted, and, at the end, if a wanted
    /// table does not occur in it; Error(usage) if a name means several tables.
    RowResult<Next> next() override;
    [[nodiscard]] const Record& record() const override;
    [[nodiscard]] std::string_view format_name() const override;
    /// Of a backslash where it is not known whether it escapes, of a table that no file defines, of
    /// rows that were changed after they had been read.
    [[nodiscard]] std::vector<std::string> warnings() const override;
    [[nodiscard]] std::string doubt() const override;
    [[nodiscard]] bool has_tables() const override { return true; }
    /// Of a good or a bad row: the one that the statement names. If another one was asked for, it
    /// is among the table's lineage().
    [[nodiscard]] const SqlTable* table() const override;

    [[nodiscard]] std::vector<const SqlTable*> known_tables() const override;
    /// The tables met so far, in the dump's order.
    [[nodiscard]] const std::deque<SqlTable>& tables() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

struct TableList {
    std::string dialect;  // as format_name() calls it
    std::vector<SqlTable> tables;
    /// Why the dump could not be read to its end: the tables are those before.
    std::optional<Error> failure;
};

/// What becomes of an Error in mid-dump.
enum class Failure { thrown, kept };

/// The tables of a dump with their columns and the number of their rows, decoding none. Reads it
/// to its end, with the errors of next(): that a table is missing, or a name means two, is always
/// thrown, and so are others if there was no table before. If the options name tables it is these,
/// with those whose rows are theirs, else all but the database's own. None has `parents`.
TableList list_tables(Source& source, const ReaderOptions& options = {},
                      Failure failure = Failure::thrown);

}  // namespace cachectl
