// A dump statement by statement, up to those that hold rows. CREATE TABLE goes into the catalog,
// SET into the session; all else is skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dump/row_result.hpp"
#include "dump/sql/change.hpp"
#include "dump/sql/copy_reader.hpp"
#include "dump/sql/schema.hpp"
#include "dump/sql/session.hpp"

namespace cachectl {

/// An INSERT or a COPY up to its rows.
struct SqlHeader {
    std::vector<std::string> path;     // of the table, with what the session adds to it
    std::vector<std::string> columns;  // as the statement names them; empty if it does not
    std::uint64_t line = 0;            // where it begins
    std::uint64_t byte = 0;
    CopyFormat copy;       // of a COPY
    bool assigns = false;  // INSERT … SET: instead of columns and rows, name = value, …
    /// If there are no rows to read: what there is instead. The statement is then behind.
    std::string instead;
};

class SqlScript {
public:
    /// What it finds goes into the catalog, which says the dialect too.
    SqlScript(Source& source, SqlCatalog& catalog, std::size_t max_bytes, SqlEscapes escapes);

    enum class Found { tuples, copy, created, changed, end };
    /// Reads on to the next statement that says something of a table: an INSERT or a COPY, whose
    /// rows come next; or a CREATE TABLE or a change(), which is done. Throws Error(bad_input)
    /// where the dump is cut.
    Found next();
    /// Of the INSERT or COPY. Its address and content stay while `same_header()`.
    [[nodiscard]] const SqlHeader& header() const noexcept { return m_header; }
    /// Is it, word by word, that of the statement before?
    [[nodiscard]] bool same_header() const noexcept { return m_same_header; }
    /// The table that was created, or nullptr.
    [[nodiscard]] SqlTable* created() const noexcept { return m_created; }

    /// What was changed. A CREATE OR REPLACE TABLE is a drop, and created() is there too.
    [[nodiscard]] const SqlChange& change() const noexcept { return m_change; }

    /// After the last row of an INSERT, when `token` was read behind it: goes to the next
    /// statement. What stands there and must not is a bad row.
    RowResult<> end_tuples(const SqlToken& token);
    /// Reads on to the end of the statement. Throws Error(bad_input) if another one begins before.
    void skip_statement();

    [[nodiscard]] SqlInput& input() noexcept { return m_input; }
    [[nodiscard]] SqlCatalog& catalog() noexcept { return m_catalog; }
    [[nodiscard]] SqlEncoding& encoding() noexcept { return m_session.encoding(); }

    /// Why a row may be missing or be one too many, with the line: "3: LOAD is not followed, …".
    enum class Doubt {
        not_followed,  // a command or a statement that may bring rows from elsewhere
        branches,      // psql's \if
        error,         // of the program that wrote the dump
    };
    /// The first one of each kind.
    [[nodiscard]] const std::vector<std::pair<Doubt, std::string>>& doubts() const noexcept {
        return m_doubts;
    }

private:
    void note(Doubt kind, std::string text);
    void note_not_followed(std::uint64_t line, std::string_view what);
    void see_aside(std::string_view line);
    void see_psql_line(std::string_view line);
    void take_client_line(char sign);
    void skip_other(const SqlToken& first);
    std::optional<Found> transaction(const SqlToken& first);
    [[noreturn]] void fail_without_end() const;
    [[nodiscard]] bool calls_known_functions_only() const;
    void see_rows_of_query(SqlStatement& statement);
    void see_moved_partitions(SqlStatement& statement);
    std::optional<Found> begin(const SqlToken& first);
    std::optional<Found> insert(const SqlToken& first);
    std::optional<Found> parse_insert(const SqlToken& first, const SqlToken& last);
    std::optional<Found> copy(const SqlToken& first);
    std::optional<Found> create(const SqlToken& first);
    std::optional<Found> create_table(const SqlToken& first, bool replaces);
    std::optional<Found> alter(const SqlToken& first);
    std::optional<Found> change(const SqlToken& first);
    std::optional<Found> changed(std::optional<SqlChange> change);
    SqlStatement collect(const SqlToken& first);
    SqlStatement collected() { return {m_input.text(), m_tokens, m_rules, &m_session.encoding()}; }
    void begin_without_word(const SqlToken& first);
    bool skip_what_tools_say(const SqlToken& first);
    /// The same for one that other statements may be parts of.
    void skip_whole_statement();
    enum class Within { no_statement, statements };
    void skip(Within within);
    bool begins_statement(SqlToken token);
    bool ends_before(const SqlToken& token);
    [[nodiscard]] bool begins_line(const SqlToken& token) const;
    [[noreturn]] void fail_begin(const SqlToken& first) const;
    void skip_trigger();
    void skip_routine();
    void set_delimiter(std::string_view rest);
    const SqlToken& next_within_statement();
    void note_terminator(const SqlToken& token);
    [[nodiscard]] bool ends_bare() const { return m_saw_go && !m_saw_semicolon; }
    [[noreturn]] void fail_cut() const;

    const SqlRules& m_rules;
    SqlInput m_input;
    SqlSession m_session;
    SqlCatalog& m_catalog;
    std::vector<SqlToken> m_tokens;
    SqlHeader m_header;
    std::string m_header_text;  // of the last INSERT, if nothing stood between
    bool m_same_header = false;
    SqlTable* m_created = nullptr;
    SqlChange m_change;
    std::uint64_t m_line = 1;   // of the statement at hand
    std::uint64_t m_begin = 0;  // the byte where it begins
    bool m_began = false;       // a statement was understood
    bool m_saw_semicolon = false;
    bool m_saw_go = false;
    std::vector<std::pair<Doubt, std::string>> m_doubts;
};

}  // namespace cachectl
