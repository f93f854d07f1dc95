#include "warm/rows/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "util/text.hpp"
#include "warm/rows/option_text.hpp"

namespace cachectl {

template <typename Action>
auto Dataset::locate(Action action) const {
    try {
        return action();
    } catch (const Error& error) {
        throw m_options.located(error);
    }
}

Dataset::Dataset(DatasetOptions options, std::vector<KeyPolicy> policies)
    : m_options(std::move(options)), m_ttl(m_options.ttl, std::move(policies), m_options.jitter) {
    locate([this] {
        m_options.rows.check();
        m_options.check_if_exists();
        if (m_options.jitter != 0 && !m_ttl.may_expire()) {
            throw OptionError(ExitCode::usage,
                              option("jitter") + " shortens a time to live, and there is none",
                              "give " + option("ttl") + " or --policy too");
        }
        for (const std::string& name : m_options.tables) {
            m_tables.push_back(SqlTableName::parse(name));
        }
        m_have_rows.resize(m_tables.size());
        check_rows();
    });
}

// Options that fit neither rows nor the members of an object are wrong whatever the file holds.
void Dataset::check_rows() const {
    const auto check = [this](RecordShape shape) {
        if (m_options.rows.gathers()) {
            const RowGatherer gatherer(m_options.rows, shape);
        } else {
            const RowMaker maker(m_options.rows, shape);
        }
    };
    try {
        check(RecordShape::row);
    } catch (const Error&) {
        const bool may_be_entries = m_options.tables.empty() && m_options.rows.columns.empty();
        if (!may_be_entries) {
            throw;
        }
        check(RecordShape::entry);
    }
}

void Dataset::begin_file(RecordShape shape) {
    m_table = m_record_table = m_row_table = nullptr;
    m_columns_checked = false;
    locate([&] {
        if (m_options.rows.gathers()) {
            if (!m_gatherer) {
                m_gatherer.emplace(m_options.rows, shape);
            }
            if (m_gatherer->shape() != shape) {
                throw Error(ExitCode::bad_input,
                            "rows and the members of a JSON object cannot be gathered together");
            }
        } else if (!m_maker || m_shape != shape) {
            m_maker.emplace(m_options.rows, shape);
        }
    });
    m_shape = shape;
}

void Dataset::check_header(const std::vector<std::string>& columns) const {
    if (columns.empty()) {
        return;
    }
    Record record;
    record.begin(1);
    for (const std::string& name : columns) {
        record.add(name, ValueKind::null, {});
    }
    locate([&] {
        check_columns(record);
        check_filled(record);
    });
}

bool Dataset::wants(const SqlTable& table) {
    const SqlTable* const as = meant(table);
    if (as != nullptr && (m_record_table != as || m_row_table != &table)) {
        m_record_table = as;
        m_row_table = &table;
        m_columns_checked = false;
    }
    return as != nullptr;
}

/// The nearest table that the options name of those whose row a row of this one is; nullptr: none.
const SqlTable* Dataset::meant(const SqlTable& table) {
    if (m_tables.empty()) {
        // The rows of different tables are different things: to take both, both are to be named.
        if (m_table != nullptr && m_table != &table) {
            throw m_options.located(OptionError{ExitCode::bad_input,
                                                "the dump has rows of several tables, " +
                                                    m_table->full_name() + " and " +
                                                    table.full_name(),
                                                option("table") + " NAME chooses one"});
        }
        m_table = &table;
        return &table;
    }
    const SqlTable* nearest = nullptr;
    for (const SqlTable* one : table.lineage()) {
        for (std::size_t i = 0; i < m_tables.size(); ++i) {
            if (m_tables[i].matches(one->path)) {
                m_have_rows[i] = true;
                nearest = nearest == nullptr ? one : nearest;
            }
        }
    }
    return nearest;
}

/// A table that inherits from another may have columns of its own, which a row of that has not.
const Record& Dataset::as_meant(const Record& record) {
    if (m_record_table == m_row_table || m_record_table == nullptr) {
        return record;
    }
    const auto& columns = m_record_table->columns;
    m_meant.begin(record.line());
    for (std::size_t i = 0; i < record.size(); ++i) {
        const bool has = std::any_of(columns.begin(), columns.end(), [&](const SqlColumn& column) {
            return column.name == record.name(i);
        });
        if (has) {
            m_meant.add(record.name(i), record.value(i).kind, record.value(i).text);
        }
    }
    return m_meant;
}

std::string Dataset::refreshed_at_once(std::string_view key) const {
    if (!m_options.refresh_below || m_options.ttl) {
        return {};  // check_if_exists() has compared the two
    }
    const auto shortest = m_ttl.shortest(key);
    if (!shortest || *shortest > *m_options.refresh_below) {
        return {};
    }
    const OptionText why =
        fmt::format("the policy lets '{}' live for {}{}, which is not more than ", key,
                    format_duration(*shortest), m_options.jitter == 0 ? "" : " at least") +
        option("refresh-below") +
        fmt::format(" {}: what has just been written would be refreshed at once",
                    format_duration(*m_options.refresh_below));
    return m_options.located(OptionError(ExitCode::guard, why)).what();
}

void Dataset::check_empty_tables(const std::vector<const SqlTable*>& tables) {
    for (const SqlTable* table : tables) {
        bool is_wanted = m_tables.empty() && m_table == nullptr && tables.size() == 1;
        for (std::size_t i = 0; i < m_tables.size(); ++i) {
            is_wanted = is_wanted || (!m_have_rows[i] && m_tables[i].matches(table->path));
        }
        if (!is_wanted || table->rows != 0 || table->columns.empty()) {
            continue;
        }
        std::vector<std::string> columns;
        for (const SqlColumn& column : table->columns) {
            columns.push_back(column.name);
        }
        m_record_table = table;
        check_header(columns);
    }
    m_record_table = m_row_table = nullptr;
}

std::vector<std::string> Dataset::tables_without_rows() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < m_tables.size(); ++i) {
        if (!m_have_rows[i]) {
            names.push_back(m_options.tables[i]);
        }
    }
    return names;
}

// A member of a column that holds JSON is looked for in each row.
void Dataset::check_columns(const Record& record) const {
    if (m_shape == RecordShape::entry || !record.json().empty()) {
        return;
    }
    const auto has = [&](std::string_view name) {
        if (record.find(name) != nullptr) {
            return true;
        }
        // A statement may leave out what the table has.
        return m_record_table != nullptr &&
               std::any_of(m_record_table->columns.begin(), m_record_table->columns.end(),
                           [name](const SqlColumn& column) { return column.name == name; });
    };
    const auto check = [&](const OptionText& flag, const std::string& name, bool is_template) {
        if (has(name) || has(name.substr(0, name.find('.')))) {
            return;
        }
        const std::string why =
            is_template ? not_in_row(record, name) : missing_column(record, name);
        throw OptionError(
            ExitCode::bad_input,
            flag +
                (m_record_table == nullptr ? std::string(": ")
                                           : ": " + m_record_table->full_name() + ": ") +
                why);
    };
    const auto check_template = [&](const OptionText& flag,
                                    const std::optional<std::string>& text) {
        if (!text) {
            return;
        }
        const auto names = KeyTemplate::parse(*text, KeyTemplate::Use::value).columns(has);
        for (const std::string& name : names) {
            check(flag, name, true);
        }
    };
    const RowOptions& rows = m_options.rows;
    check_template(option("key"), rows.key);
    check_template(option("group"), rows.group);
    check_template(option("value"), rows.value);
    for (const ColumnChoice& column : rows.columns) {
        if (column.constant || (!column.whole.empty() && has(column.whole))) {
            continue;
        }
        check(option("columns"), column.from, false);
    }
    if (rows.collect_by) {
        check(option("collect-by"), *rows.collect_by, false);
    }
    if (!m_options.where) {
        return;
    }
    for (const std::string_view name : m_options.where->columns()) {
        check(option("where"), std::string(name), false);
    }
}

// A template's {name} could mean the value that was set or the column: all rows might become one.
void Dataset::check_filled(const Record& record) const {
    for (const std::string& name : m_options.rows.filled) {
        if (record.find(name) == nullptr) {
            continue;
        }
        throw Error(ExitCode::bad_input,
                    "'{" + name + "}' is set to a value, and the rows have a column of that name",
                    "give one of them another name");
    }
}

RowResult<Dataset::Disposition> Dataset::take(const Record& row) {
    const Record& record = as_meant(row);
    if (!m_columns_checked) {
        locate([&] {
            check_columns(record);
            check_filled(record);
        });
        m_columns_checked = true;
    }
    auto made = locate([&] { return make(record); });
    if (!made) {
        made.bad_row().line = record.line();
        note_bad_row();
    }
    return made;
}

RowResult<Dataset::Disposition> Dataset::make(const Record& record) {
    if (m_options.where) {
        auto matches = m_options.where->matches(record);
        if (!matches) {
            return std::move(matches.bad_row());
        }
        if (!*matches) {
            return Disposition::passed_over;
        }
    }
    auto made = m_gatherer ? m_gatherer->add(record) : m_maker->make(record, m_key, m_value);
    if (!made) {
        return std::move(made.bad_row());
    }
    return m_gatherer ? Disposition::gathered : Disposition::made;
}

// A collection that replaces an older one does so when it is empty too, but not if rows that should
// have been in it were bad.
std::size_t Dataset::gathered_keys() const {
    using OfNothing = RowGatherer::OfNothing;
    const bool replaces = m_options.if_exists != IfExists::skip && !m_has_bad_rows;
    return m_gatherer ? m_gatherer->keys(replaces ? OfNothing::empty_value : OfNothing::no_key) : 0;
}

}  // namespace cachectl
