#include "dump/sql/table_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dump/recognise.hpp"

namespace cachectl {

namespace {

std::optional<Error> read_to_end(SqlReader& reader) {
    try {
        while (reader.next() != Next::end) {
        }
    } catch (const SqlTableError&) {
        throw;
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

}  // namespace

TableList list_tables(Source& source, const ReaderOptions& options, Failure failure) {
    SqlReader reader(source, options, SqlReader::Purpose::count);
    std::optional<Error> failed = read_to_end(reader);
    std::vector<SqlTableName> names;
    for (const std::string& name : options.sql.tables) {
        names.push_back(SqlTableName::parse(name));
    }
    const auto asked_for = [&names](const SqlTable* table) {
        const auto lineage = table->lineage();
        return std::any_of(lineage.begin(), lineage.end(), [&names](const SqlTable* one) {
            return std::any_of(names.begin(), names.end(),
                               [one](const auto& name) { return name.matches(one->path); });
        });
    };
    TableList list{
        .dialect = std::string(reader.format_name()), .tables = {}, .failure = std::move(failed)};
    std::vector<SqlTable>& tables = list.tables;
    for (const SqlTable& table : reader.tables()) {
        if (!table.dropped && !table.only_named &&
            (names.empty() ? !table.internal : asked_for(&table))) {
            tables.push_back(table);
        }
    }
    for (SqlTable& table : tables) {
        table.parents.clear();  // they were the reader's
    }
    if (list.failure && (failure == Failure::thrown || tables.empty())) {
        throw *list.failure;
    }
    return list;
}

TableList list_tables_of(Source& source, const ReaderOptions& options, Failure failure) {
    refuse_unreadable(source);
    if (recognise(source, options) != DumpKind::sql) {
        throw Error(ExitCode::bad_input,
                    fmt::format("{} is no SQL dump, so it has no tables", source.name()),
                    "if it is one all the same, say --format sql");
    }
    return list_tables(source, options, failure);
}

}  // namespace cachectl
