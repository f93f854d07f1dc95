#include "dump/sql/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dump/sql/options.hpp"

namespace cachectl {

namespace {

/// Is `table` one of those in which SQLite keeps what a virtual table holds (FTS, R*Tree)?
bool is_part_of(std::string_view table, std::string_view virtual_table) {
    constexpr std::array<std::string_view, 11> k_parts = {
        "_data",   "_idx",  "_content", "_docsize", "_config", "_segments",
        "_segdir", "_stat", "_node",    "_rowid",   "_parent"};
    return table.starts_with(virtual_table) &&
           std::find(k_parts.begin(), k_parts.end(), table.substr(virtual_table.size())) !=
               k_parts.end();
}

/// The name that means the one and not the other; empty: none does.
std::string name_of(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    using enum SqlTableName::Quotes;
    SqlTableName name = SqlTableName::of(one, where_needed);
    if (name.matches(other)) {
        name = SqlTableName::of(one, everywhere);
    }
    return name.matches(other) ? std::string() : name.text();
}

/// What to say instead of a name that means both tables.
std::string choice(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const std::string of_a = name_of(a, b);
    const std::string of_b = name_of(b, a);
    return fmt::format("name one by all its parts: {}{}{}", of_a,
                       of_a.empty() || of_b.empty() ? "" : " or ", of_b);
}

}  // namespace

SqlTargets::SqlTargets(SqlCatalog& catalog, std::string file, const std::vector<std::string>& names)
    : m_catalog(catalog), m_file(std::move(file)) {
    for (const std::string& name : names) {
        m_wanted.push_back({SqlTableName::parse(name)});
    }
}

void SqlTargets::created(SqlTable& table) {
    const std::string& name = table.path.back();
    table.internal |= std::any_of(m_virtual_tables.begin(), m_virtual_tables.end(),
                                  [&](const std::string& of) { return is_part_of(name, of); });
    wants(table);
}

bool SqlTargets::wants(const SqlTable& table) {
    bool found = m_wanted.empty() && !table.internal;
    for (Wanted& wanted : m_wanted) {
        if (!wanted.name.matches(table.path)) {
            continue;
        }
        if (wanted.found != nullptr && wanted.found != &table) {
            throw SqlTableError(
                ExitCode::usage, wanted.name.text(),
                fmt::format("{} has two tables '{}': {} and {}", m_file, wanted.name.text(),
                            wanted.found->full_name(), table.full_name()),
                choice(wanted.found->path, table.path));
        }
        wanted.found = &table;
        found = true;
    }
    return found;
}

bool SqlTargets::names(const std::vector<std::string>& path) const {
    return m_wanted.empty() ||
           std::any_of(m_wanted.begin(), m_wanted.end(),
                       [&](const Wanted& wanted) { return wanted.name.matches(path); });
}

bool SqlTargets::wants_parent_of(const SqlTable& table) const {
    const auto all = table.lineage();
    return !m_wanted.empty() && std::any_of(all.begin() + 1, all.end(), [this](const auto* parent) {
        return names(parent->path);
    });
}

void SqlTargets::forget(const SqlTable& table) {
    for (Wanted& wanted : m_wanted) {
        wanted.found = wanted.found == &table ? nullptr : wanted.found;
    }
}

SqlTarget SqlTargets::find(const SqlHeader& header) {
    SqlTable& table = m_catalog.get(header.path);
    table.filled = true;
    const SqlRules& rules = m_catalog.rules();
    table.only_named = false;
    SqlTarget target{.table = &table, .named = !header.columns.empty()};
    target.wanted = wants(table);
    if (!m_wanted.empty() && !table.parents.empty()) {
        for (const SqlTable* one : table.lineage()) {
            if (one != &table && wants(*one)) {
                target.wanted = true;
                target.undefined_parent = one->created ? target.undefined_parent : one;
            }
        }
    }
    target.schema = rules.dialect == SqlDialect::sqlite &&
                    (table.path.back() == "sqlite_schema" || table.path.back() == "sqlite_master");
    if (!target.named) {
        target.columns = table.columns;
    }
    for (const std::string& name : header.columns) {
        const SqlColumn* column = table.find(name, rules);
        target.columns.push_back(column != nullptr ? *column : SqlColumn{.name = name});
    }
    target.plain = static_cast<std::size_t>(
        std::count_if(target.columns.begin(), target.columns.end(),
                      [](const SqlColumn& column) { return !column.generated; }));
    return target;
}

void SqlTargets::see_schema(const Record& row) {
    const Value* name = row.find("name");
    const Value* sql = row.find("sql");
    constexpr std::string_view k_create = "CREATE VIRTUAL TABLE";
    if (name != nullptr && sql != nullptr &&
        is_sql_word(sql->text.substr(0, k_create.size()), k_create)) {
        m_virtual_tables.emplace_back(name->text);
    }
}

void SqlTargets::check_all_found(SqlDefinitions& definitions, bool more_files) const {
    for (const Wanted& wanted : m_wanted) {
        if (wanted.found != nullptr) {
            definitions.add_found(wanted.name.text());
        }
        if (more_files || definitions.was_found(wanted.name.text())) {
            continue;
        }
        std::string hint;
        for (const SqlTable& table : m_catalog.tables()) {
            if (!table.internal && !table.dropped && !table.only_named) {
                hint += (hint.empty() ? "its tables: " : ", ") + table.full_name();
            }
        }
        throw SqlTableError(ExitCode::bad_input, wanted.name.text(),
                            fmt::format("{} has no table '{}'", m_file, wanted.name.text()),
                            hint.empty() ? "it has no tables" : hint);
    }
}

}  // namespace cachectl
