#include "dump/sql/watch.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cachectl {

void SqlWatch::deliver(const SqlTable& table, std::uint64_t line) {
    m_pending = true;
    if (std::find(m_delivered.begin(), m_delivered.end(), &table) == m_delivered.end()) {
        m_delivered.push_back(&table);
    }
    // SQLite's values have their types in themselves.
    if (table.created || m_reported_undefined || m_input.rules().dialect == SqlDialect::sqlite) {
        return;
    }
    m_reported_undefined = true;
    warn(fmt::format(
        "{}:{}: no CREATE TABLE tells of {}, so all its values are text, but for numbers and "
        "the like without quotes; give the file with the definitions too, before this one",
        m_file, line, table.full_name()));
}

bool SqlWatch::was_read(const SqlTable& table) const {
    return table.rows != 0 &&
           std::find(m_delivered.begin(), m_delivered.end(), &table) != m_delivered.end();
}

void SqlWatch::see(const SqlChange& change) {
    see_transaction(change);
    for (const SqlChange::Table& changed : change.tables) {
        SqlTable& table = *changed.table;
        if (change.kind == SqlChange::Kind::edited) {
            if (was_read(table) && m_edits++ == 0) {
                m_edit = fmt::format("{}:{}: {} of {}", m_file, change.line, change.statement,
                                     table.full_name());
            }
            continue;
        }
        if (change.kind == SqlChange::Kind::joined) {
            check_join(change, table);
            continue;
        }
        if (change.kind == SqlChange::Kind::renamed) {
            check_rename(change, changed);
            m_targets.forget(table);
            continue;
        }
        if (was_read(table)) {
            fail_emptied(change, table);
        }
        table.rows = 0;
        table.filled = false;
        if (table.dropped) {
            m_targets.forget(table);
        }
    }
}

void SqlWatch::see_transaction(const SqlChange& change) {
    using enum SqlChange::Kind;
    const bool partly = change.kind == partly_rolled_back;
    const bool rolls_back = partly || change.kind == rolled_back;
    if (!rolls_back && change.kind != begun && change.kind != committed) {
        return;
    }
    if (rolls_back && m_pending && m_rolled_back.empty()) {
        m_rolled_back = fmt::format(
            "{}:{}: {} comes after rows, which a database would not have and which were read",
            m_file, change.line, change.statement);
    }
    if (partly) {
        return;
    }
    m_pending = false;
    m_begun = change.kind == begun ? change.line : 0;
}

void SqlWatch::fail_emptied(const SqlChange& change, const SqlTable& table) const {
    m_input.fail_at(
        change.line, change.byte,
        fmt::format("{} takes away the rows of {}, of which {} had been read", change.statement,
                    table.full_name(), table.rows),
        change.kind == SqlChange::Kind::dropped
            ? fmt::format("if what comes before is out of date, leave it out: tail -n +{} FILE "
                          "| cachectl warm -; if both count, take out this statement",
                          change.line)
            : "take out the rows before it, if they are out of date, or this statement");
}

void SqlWatch::check_rename(const SqlChange& change, const SqlChange::Table& renamed) const {
    const SqlTable& table = *renamed.table;
    if (m_reads_rows && table.filled &&
        m_targets.names(renamed.path) != m_targets.names(table.path)) {
        m_input.fail_at(
            change.line, change.byte,
            fmt::format("{} gives {} another name, {}, and rows of it came before",
                        change.statement, fmt::join(renamed.path, "."), table.full_name()),
            "rename it in the file before its rows come, or leave out --table");
    }
}

void SqlWatch::check_join(const SqlChange& change, const SqlTable& table) const {
    if (m_reads_rows && table.filled && m_targets.wants_parent_of(table)) {
        m_input.fail_at(change.line, change.byte,
                        fmt::format("{} makes rows of {} those of a table that is wanted, and they "
                                    "came before",
                                    change.statement, table.full_name()),
                        "move that statement before the rows");
    }
}

std::vector<std::string> SqlWatch::doubts() const {
    std::vector<std::string> all;
    if (m_edits != 0) {
        all.push_back(fmt::format(
            "{} comes after rows of it, which stay as they were read{}", m_edit,
            m_edits == 1 ? "" : fmt::format("; so do {} more such statements", m_edits - 1)));
    }
    if (!m_rolled_back.empty()) {
        all.push_back(m_rolled_back);
    }
    if (m_begun != 0 && m_pending) {
        all.push_back(
            fmt::format("{}:{}: nothing ends the transaction that begins here, so that "
                        "a database would not have its rows: was the dump cut?",
                        m_file, m_begun));
    }
    return all;
}

std::string SqlWatch::doubt() const {
    const auto all = doubts();
    return all.empty() ? std::string() : all.front();
}

std::vector<std::string> SqlWatch::warnings() const {
    std::vector<std::string> all = m_warnings;
    for (std::string& doubt : doubts()) {
        all.push_back(std::move(doubt));
    }
    return all;
}

}  // namespace cachectl
