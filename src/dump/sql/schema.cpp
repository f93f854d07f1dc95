#include "dump/sql/schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

struct TypeName {
    std::string_view name;
    SqlType type;
};

constexpr std::array k_types = {
    TypeName{"smallint", SqlType::integer},  TypeName{"int", SqlType::integer},
    TypeName{"integer", SqlType::integer},   TypeName{"bigint", SqlType::integer},
    TypeName{"tinyint", SqlType::integer},   TypeName{"mediumint", SqlType::integer},
    TypeName{"int1", SqlType::integer},      TypeName{"int2", SqlType::integer},
    TypeName{"int3", SqlType::integer},      TypeName{"int4", SqlType::integer},
    TypeName{"int8", SqlType::integer},      TypeName{"smallserial", SqlType::integer},
    TypeName{"serial", SqlType::integer},    TypeName{"bigserial", SqlType::integer},
    TypeName{"serial2", SqlType::integer},   TypeName{"serial4", SqlType::integer},
    TypeName{"serial8", SqlType::integer},   TypeName{"decimal", SqlType::decimal},
    TypeName{"numeric", SqlType::decimal},   TypeName{"dec", SqlType::decimal},
    TypeName{"fixed", SqlType::decimal},     TypeName{"number", SqlType::decimal},
    TypeName{"float", SqlType::floating},    TypeName{"float4", SqlType::floating},
    TypeName{"float8", SqlType::floating},   TypeName{"real", SqlType::floating},
    TypeName{"double", SqlType::floating},   TypeName{"bool", SqlType::boolean},
    TypeName{"boolean", SqlType::boolean},   TypeName{"json", SqlType::json},
    TypeName{"jsonb", SqlType::json},        TypeName{"bytea", SqlType::binary},
    TypeName{"blob", SqlType::binary},       TypeName{"tinyblob", SqlType::binary},
    TypeName{"mediumblob", SqlType::binary}, TypeName{"longblob", SqlType::binary},
    TypeName{"binary", SqlType::binary},     TypeName{"varbinary", SqlType::binary},
    TypeName{"image", SqlType::binary},
};

constexpr std::array k_mysql_types = {
    TypeName{"bool", SqlType::integer},        TypeName{"boolean", SqlType::integer},
    TypeName{"year", SqlType::integer},        TypeName{"bit", SqlType::bit},
    TypeName{"geometry", SqlType::binary},     TypeName{"point", SqlType::binary},
    TypeName{"linestring", SqlType::binary},   TypeName{"polygon", SqlType::binary},
    TypeName{"multipoint", SqlType::binary},   TypeName{"multilinestring", SqlType::binary},
    TypeName{"multipolygon", SqlType::binary}, TypeName{"geometrycollection", SqlType::binary},
    TypeName{"vector", SqlType::binary},
};

/// SQL Server's.
constexpr std::array k_generic_types = {
    TypeName{"bit", SqlType::boolean},
    TypeName{"money", SqlType::decimal},
    TypeName{"smallmoney", SqlType::decimal},
};

template <std::size_t N>
SqlType find_type(const std::array<TypeName, N>& types, std::string_view word, SqlType otherwise) {
    const auto found = std::find_if(types.begin(), types.end(), [word](const TypeName& type) {
        return same_sql_name(type.name, word);
    });
    return found == types.end() ? otherwise : found->type;
}

SqlType affinity(std::string_view declared) {
    std::string upper(declared);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const auto has = [&upper](std::string_view word) {
        return upper.find(word) != std::string::npos;
    };
    if (upper == "JSON" || upper == "JSONB") {
        return SqlType::json;  // no affinity of its own, but what whoever wrote it meant
    }
    if (has("INT")) {
        return SqlType::integer;
    }
    if (has("CHAR") || has("CLOB") || has("TEXT")) {
        return SqlType::text;
    }
    if (upper.empty() || has("BLOB")) {
        return SqlType::unknown;
    }
    if (has("REAL") || has("FLOA") || has("DOUB")) {
        return SqlType::floating;
    }
    return SqlType::decimal;
}

/// PostgreSQL's own names of arrays: _text is text[].
bool is_array_name(std::string_view declared) {
    constexpr std::array<std::string_view, 14> k_more = {
        "text", "varchar", "bpchar", "char", "name",      "uuid",        "date",
        "time", "timetz",  "inet",   "cidr", "timestamp", "timestamptz", "citext"};
    if (!declared.starts_with('_')) {
        return false;
    }
    const std::string_view element = declared.substr(1, declared.find('(') - 1);
    return std::find(k_more.begin(), k_more.end(), element) != k_more.end() ||
           find_type(k_types, element, SqlType::unknown) != SqlType::unknown;
}

/// "text" of "text[3][]"
std::string_view without_dimensions(std::string_view declared) {
    while (declared.ends_with(']')) {
        declared = declared.substr(0, std::min(declared.rfind('['), declared.size() - 1));
    }
    return declared;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b, const SqlRules& rules) noexcept {
    return rules.exact_names ? a == b : same_sql_name(a, b);
}

SqlColumn describe_type(std::string_view declared, SqlDialect dialect) {
    SqlColumn column{.declared = std::string(declared)};
    if (dialect == SqlDialect::sqlite) {
        column.type = affinity(declared);
        return column;
    }
    if (const std::string_view element = without_dimensions(declared);
        element.size() < declared.size()) {
        column.array = true;
        declared = element;
    } else if (declared.size() > 6 && is_sql_word(declared.substr(declared.size() - 6), " ARRAY")) {
        column.array = true;
        declared.remove_suffix(6);
    }
    if (declared.starts_with("pg_catalog.")) {
        declared.remove_prefix(11);
    }
    if (dialect == SqlDialect::postgres && is_array_name(declared)) {
        column.array = true;
        declared.remove_prefix(1);
    }
    const std::string_view word = declared.substr(0, declared.find_first_of(" ("));
    column.type = find_type(k_types, word, SqlType::text);
    if (dialect == SqlDialect::mysql) {
        column.type = find_type(k_mysql_types, word, column.type);
    } else if (dialect == SqlDialect::generic) {
        column.type = find_type(k_generic_types, word, column.type);
    }
    return column;
}

void SqlTable::drop() {
    columns.clear();
    created = false;
    dropped = true;
    parents.clear();
}

std::string SqlTable::full_name() const { return fmt::format("{}", fmt::join(path, ".")); }

const SqlColumn* SqlTable::find(std::string_view name, const SqlRules& rules) const {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const SqlColumn& column) {
        return same_name(column.name, name, rules);
    });
    return found == columns.end() ? nullptr : &*found;
}

std::vector<const SqlTable*> SqlTable::lineage() const {
    std::vector<const SqlTable*> all = {this};
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const SqlTable* parent : all[i]->parents) {
            if (std::find(all.begin(), all.end(), parent) == all.end()) {
                all.push_back(parent);
            }
        }
    }
    return all;
}

bool SqlTable::descends_from(const SqlTable& table) const {
    if (parents.empty()) {
        return false;
    }
    const auto all = lineage();
    return std::find(all.begin() + 1, all.end(), &table) != all.end();
}

void add_parent(SqlTable* child, const SqlTable* parent) {
    if (child == nullptr || parent == nullptr || child == parent || parent->descends_from(*child)) {
        return;
    }
    auto& parents = child->parents;
    if (std::find(parents.begin(), parents.end(), parent) == parents.end()) {
        parents.push_back(parent);
    }
}

SqlCatalog::SqlCatalog(const SqlCatalog& other)
    : m_rules(other.m_rules),
      m_tables(other.m_tables),
      m_domains(other.m_domains),
      m_row_types(other.m_row_types) {
    for (SqlTable& table : m_tables) {
        for (const SqlTable*& parent : table.parents) {
            const auto old = std::find_if(other.m_tables.begin(), other.m_tables.end(),
                                          [&](const SqlTable& one) { return &one == parent; });
            parent = &m_tables[static_cast<std::size_t>(old - other.m_tables.begin())];
        }
    }
}

bool SqlCatalog::ends_with(const SqlTable& table, const std::vector<std::string>& path) const {
    return path.size() <= table.path.size() &&
           std::equal(path.rbegin(), path.rend(), table.path.rbegin(),
                      [this](const std::string& a, const std::string& b) {
                          return same_name(a, b, *m_rules);
                      });
}

SqlTable* SqlCatalog::find_exactly(const std::vector<std::string>& path) {
    const auto found = std::find_if(m_tables.begin(), m_tables.end(), [&](const SqlTable& table) {
        return !table.dropped && table.path.size() == path.size() && ends_with(table, path);
    });
    return found == m_tables.end() ? nullptr : &*found;
}

SqlTable* SqlCatalog::find(const std::vector<std::string>& path) {
    if (SqlTable* table = find_exactly(path)) {
        return table;
    }
    SqlTable* ending_so = nullptr;
    bool several = false;
    for (SqlTable& table : m_tables) {
        if (!table.dropped && ends_with(table, path)) {
            several |= ending_so != nullptr;
            ending_so = &table;
        }
    }
    return several ? nullptr : ending_so;
}

SqlTable& SqlCatalog::get(const std::vector<std::string>& path) {
    if (SqlTable* table = find(path)) {
        return *table;
    }
    for (SqlTable& table : m_tables) {  // one that was dropped and is made again
        if (table.dropped && table.path.size() == path.size() && ends_with(table, path)) {
            table.dropped = false;
            return table;
        }
    }
    SqlTable& table = m_tables.emplace_back();
    table.path = path;
    table.internal = m_rules->dialect == SqlDialect::sqlite && path.back().starts_with("sqlite_");
    return table;
}

void SqlCatalog::add_domain(std::string name, std::string declared) {
    m_domains.emplace_back(std::move(name), std::move(declared));
}

void SqlCatalog::add_row_type(std::string name, std::vector<SqlColumn> columns) {
    m_row_types.insert_or_assign(std::move(name), std::move(columns));
}

const std::vector<SqlColumn>* SqlCatalog::row_type(std::string_view name) const {
    const auto found = m_row_types.find(name);
    return found == m_row_types.end() ? nullptr : &found->second;
}

SqlColumn SqlCatalog::describe(std::string_view declared) const {
    return describe(declared, m_domains.size());
}

/// A domain may only be made of earlier ones, so this ends.
SqlColumn SqlCatalog::describe(std::string_view declared, std::size_t domains) const {
    const std::string_view name = without_dimensions(declared);
    while (domains-- > 0) {
        if (m_domains[domains].first == name) {
            SqlColumn column = describe(m_domains[domains].second, domains);
            column.array |= declared.size() > name.size();
            column.declared = declared;
            return column;
        }
    }
    return describe_type(declared, m_rules->dialect);
}

}  // namespace cachectl
