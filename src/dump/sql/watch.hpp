// Statements of a dump that change tables whose rows were read already. Those rows may have been
// written by then, so all there is to do is to warn or to end the run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dump/sql/change.hpp"
#include "dump/sql/input.hpp"
#include "dump/sql/targets.hpp"

namespace cachectl {

class SqlWatch {
public:
    /// `reads_rows`: are rows delivered at all? Both references have to live as long.
    SqlWatch(const SqlInput& input, SqlTargets& targets, std::string file, bool reads_rows)
        : m_input(input), m_targets(targets), m_file(std::move(file)), m_reads_rows(reads_rows) {}

    /// Rows of the table come next, in the statement of that line, and are delivered.
    void deliver(const SqlTable& table, std::uint64_t line);
    /// Throws Error(bad_input) if rows that were read are gone, or other rows are the wanted ones.
    void see(const SqlChange& change);

    void warn(std::string message) { m_warnings.push_back(std::move(message)); }
    /// At the end of the dump: of the warnings the first one that rows may not be what they should
    /// be; empty: none.
    [[nodiscard]] std::string doubt() const;
    /// At the end of the dump, or before it.
    [[nodiscard]] std::vector<std::string> warnings() const;

private:
    [[nodiscard]] std::vector<std::string> doubts() const;
    [[nodiscard]] bool was_read(const SqlTable& table) const;
    [[noreturn]] void fail_emptied(const SqlChange& change, const SqlTable& table) const;
    void check_rename(const SqlChange& change, const SqlChange::Table& renamed) const;
    void see_transaction(const SqlChange& change);
    void check_join(const SqlChange& change, const SqlTable& table) const;

    const SqlInput& m_input;
    SqlTargets& m_targets;
    std::string m_file;
    bool m_reads_rows;
    std::vector<const SqlTable*> m_delivered;
    bool m_reported_undefined = false;
    std::string m_edit;  // the first statement that changed some of these rows
    std::uint64_t m_edits = 0;
    bool m_pending = false;     // rows came since the last transaction began or ended
    std::uint64_t m_begun = 0;  // the line where the one at hand begins; 0: there is none
    std::string m_rolled_back;  // the first ROLLBACK behind such rows, as a warning
    std::vector<std::string> m_warnings;
};

}  // namespace cachectl
