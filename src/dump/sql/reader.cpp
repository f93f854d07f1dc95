#include "dump/sql/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dump/sql/copy_rows.hpp"
#include "dump/sql/definitions.hpp"
#include "dump/sql/row_maker.hpp"
#include "dump/sql/script.hpp"
#include "dump/sql/targets.hpp"
#include "dump/sql/watch.hpp"

namespace cachectl {

class SqlReader::Impl {
public:
    Impl(Source& source, const ReaderOptions& options, Purpose purpose)
        : m_definitions(options.sql.definitions ? options.sql.definitions
                                                : std::make_shared<SqlDefinitions>()),
          m_more_files(options.sql.more_files),
          m_guess(m_definitions->dialect_of(source, options.sql.dialect)),
          m_catalog(m_definitions->begin_file(m_guess)),
          m_name(source.name()),
          m_script(source, m_catalog, options.max_record_bytes, options.sql.escapes),
          m_input(m_script.input()),
          m_targets(m_catalog, source.name(), options.sql.tables),
          m_watch(m_input, m_targets, source.name(), purpose == Purpose::rows),
          m_maker(m_input, m_script.encoding(), options.sql.binary),
          m_purpose(purpose),
          m_copy_rows(m_input),
          m_doubtful(!m_guess.recognised && options.sql.escapes == SqlEscapes::automatic) {
        if (m_doubtful) {
            m_input.set_hint(
                "no dialect was recognised; if backslashes escape quotes in it, say "
                "--dialect mysql");
        }
    }

    RowResult<Next> next() {
        while (m_state != State::ended) {
            auto step = m_state == State::statements ? next_statement()
                        : m_state == State::tuples   ? next_tuple()
                        : m_state == State::assigned ? end_assignments()
                                                     : next_copy_line();
            if (step) {
                return std::move(*step);
            }
        }
        return Next::end;
    }

    [[nodiscard]] const SqlRules& rules() const { return m_catalog.rules(); }
    [[nodiscard]] const Record& record() const { return m_record; }
    [[nodiscard]] const SqlTable* table() const { return m_target.table; }
    [[nodiscard]] SqlTargets& targets() { return m_targets; }
    [[nodiscard]] const SqlCatalog& catalog() const { return m_catalog; }
    [[nodiscard]] std::vector<std::string> warnings() const {
        std::vector<std::string> all = m_watch.warnings();
        for (const auto& [kind, text] : m_script.doubts()) {
            all.push_back(m_name + ':' + text);
        }
        return all;
    }
    [[nodiscard]] std::string doubt() const {
        const auto& doubts = m_script.doubts();
        return doubts.empty() ? m_watch.doubt() : m_name + ':' + doubts.front().second;
    }

private:
    enum class State { statements, tuples, assigned, copy, ended };
    /// What next() returns, or nothing yet.
    using Step = std::optional<RowResult<Next>>;

    [[nodiscard]] bool delivers() const { return m_target.wanted && m_purpose == Purpose::rows; }

    /// A bad row counts only where rows are wanted.
    [[nodiscard]] Step reject(std::uint64_t line, RowResult<> result,
                              std::string_view text = {}) const {
        if (result || !delivers()) {
            return std::nullopt;
        }
        BadRow row{std::move(result.bad_row().reason), line};
        row.keep_text(text);
        return RowResult<Next>(std::move(row));
    }

    /// The values of a row, between the brackets.
    [[nodiscard]] std::string_view text_of_cells() const {
        if (m_cells.empty()) {
            return {};
        }
        const std::size_t begin = m_cells.front().begin;
        return m_input.text().substr(begin, m_cells.back().end - begin);
    }

    Step next_statement() {
        const auto found = m_script.next();
        if (found == SqlScript::Found::end) {
            m_state = State::ended;
            if (!m_maker.converted_from().empty()) {
                m_watch.warn(fmt::format("{}: its text was converted from {} to UTF-8", m_name,
                                         m_maker.converted_from()));
            }
            m_targets.check_all_found(*m_definitions, m_more_files);
            return Next::end;
        }
        if (found == SqlScript::Found::changed) {
            m_watch.see(m_script.change());
        }
        if (found == SqlScript::Found::changed || found == SqlScript::Found::created) {
            if (m_script.created() != nullptr) {
                m_targets.created(*m_script.created());
            }
            return std::nullopt;
        }
        const SqlHeader& header = m_script.header();
        if (!m_script.same_header()) {
            m_target = m_targets.find(header);
        }
        if (header.assigns) {
            return next_assignments();
        }
        if (found == SqlScript::Found::copy) {
            if (m_target.wanted && !header.instead.empty()) {
                m_input.fail_at(
                    header.line, header.byte,
                    fmt::format("COPY with these options ({} …) cannot be read", header.instead),
                    "have pg_dump write it, or export the table as CSV");
            }
            check_columns_known();
            m_skips_header = header.copy.header;
            m_state = State::copy;
            return std::nullopt;
        }
        if (!header.instead.empty()) {
            if (!m_target.wanted && header.instead == "nothing") {
                // Its name may be what is broken.
                m_input.fail_at(header.line, header.byte, "this INSERT has no VALUES");
            }
            return reject(
                header.line,
                BadRow{fmt::format("its values come from {}, not from VALUES", header.instead)});
        }
        if (!m_target.wanted && !m_target.schema && m_purpose == Purpose::rows) {
            m_script.skip_statement();
            return std::nullopt;
        }
        check_columns_known();
        m_first_tuple = true;
        m_state = State::tuples;
        return std::nullopt;
    }

    /// Whether a backslash is one or escapes decides what a string is.
    void see_backslashes(std::uint64_t line) {
        const bool any = std::any_of(m_cells.begin(), m_cells.end(), [this](const SqlCell& cell) {
            return m_input.text().substr(cell.begin, cell.end - cell.begin).find('\\') !=
                   std::string_view::npos;
        });
        if (any) {
            m_doubtful = false;  // warned of once
            m_watch.warn(fmt::format(
                "{}:{}: a backslash in a string was kept as it is, for the SQL dialect was not "
                "recognised; say --dialect mysql if it escapes, or --dialect postgres or sqlite",
                m_name, line));
        }
    }

    void check_columns_known() {
        if (delivers()) {
            m_watch.deliver(*m_target.table, m_script.header().line);
        }
        const SqlHeader& header = m_script.header();
        if (delivers() && m_target.undefined_parent != nullptr) {
            m_input.fail_at(
                header.line, header.byte,
                fmt::format("the rows of {} are rows of {}, whose columns are not known: the dump "
                            "holds no CREATE TABLE for it",
                            m_target.table->full_name(), m_target.undefined_parent->full_name()),
                "dump that table's definition too, or give the file that has it before this one");
        }
        if (delivers() && m_target.columns.empty()) {
            m_input.fail_at(header.line, header.byte,
                            fmt::format("the columns of {} have no names: the dump holds no "
                                        "CREATE TABLE for it",
                                        m_target.table->full_name()),
                            "dump the table's definition too, or give the file that has it before "
                            "this one, or name the columns: pg_dump --column-inserts, mysqldump "
                            "--complete-insert");
        }
    }

    Step next_tuple() {
        m_input.drop();
        SqlToken token = m_input.next();
        if (!m_first_tuple) {
            if (!is_symbol(token, ',')) {
                m_state = State::statements;
                const std::uint64_t line = m_input.line_at(token.begin);
                return reject(line, m_script.end_tuples(token));
            }
            token = m_input.next();
        }
        m_first_tuple = false;
        if (token.kind == SqlTokenKind::word && is_sql_word(m_input.text_of(token), "ROW")) {
            token = m_input.next();  // MySQL's VALUES ROW(…), ROW(…)
        }
        ++m_target.table->rows;
        const std::uint64_t line = m_input.line_at(token.begin);
        if (!is_symbol(token, '(')) {
            m_state = State::statements;
            static_cast<void>(m_script.end_tuples(token));  // only goes on to the next statement
            return reject(line, BadRow{"it does not begin with '('"});
        }
        m_input.drop();
        if (!read_tuple(m_input, m_cells)) {
            m_state = State::statements;
            return reject(line, BadRow{"the statement ends in the middle of it"});
        }
        if (!delivers() && !m_target.schema) {
            return std::nullopt;
        }
        if (m_doubtful && delivers()) {
            see_backslashes(line);
        }
        auto filled = m_maker.fill(m_cells, m_target, line, m_record);
        if (m_target.schema && filled) {
            m_targets.see_schema(m_record);
        }
        return deliver(line, std::move(filled), text_of_cells());
    }

    /// MySQL's INSERT … SET: one row, whose columns stand beside its values.
    Step next_assignments() {
        SqlHeader header = m_script.header();
        const std::uint64_t line = m_input.line_at(m_input.token().begin);
        m_input.drop();
        const bool whole = read_assignments(m_input, header.columns, m_cells);
        m_target = m_targets.find(header);
        ++m_target.table->rows;
        check_columns_known();
        if (!whole) {
            static_cast<void>(m_script.end_tuples(SqlToken(m_input.token())));
            return reject(line, BadRow{"it is no list of names and values"});
        }
        m_state = State::assigned;  // what stands behind it is read when the row has been taken
        return delivers()
                   ? deliver(line, m_maker.fill(m_cells, m_target, line, m_record), text_of_cells())
                   : std::nullopt;
    }

    Step end_assignments() {
        m_state = State::statements;
        const SqlToken token = m_input.token();
        const std::uint64_t line = m_input.line_at(token.begin);
        return reject(line, m_script.end_tuples(token));
    }

    Step next_copy_line() {
        const std::uint64_t line = m_input.line();
        const auto text = m_copy_rows.next(m_script.header().copy);
        if (!text) {
            m_input.fail_at_end("the input ends in the middle of COPY data: was the dump cut?");
        }
        if (*text == k_copy_end) {
            m_state = State::statements;
            return std::nullopt;
        }
        if (std::exchange(m_skips_header, false)) {
            return std::nullopt;
        }
        ++m_target.table->rows;
        return delivers()
                   ? deliver(line,
                             m_maker.fill(*text, m_script.header().copy, m_target, line, m_record),
                             *text)
                   : std::nullopt;
    }

    [[nodiscard]] Step deliver(std::uint64_t line, RowResult<> filled,
                               std::string_view text) const {
        return filled && delivers() ? Step(Next::record) : reject(line, std::move(filled), text);
    }

    std::shared_ptr<SqlDefinitions> m_definitions;
    bool m_more_files;
    SqlGuess m_guess;
    SqlCatalog& m_catalog;
    std::string m_name;  // of the file
    SqlScript m_script;
    SqlInput& m_input;
    SqlTargets m_targets;
    SqlWatch m_watch;
    SqlRowMaker m_maker;
    Purpose m_purpose;
    State m_state = State::statements;
    SqlTarget m_target;
    bool m_first_tuple = true;
    std::vector<SqlCell> m_cells;
    CopyRows m_copy_rows;
    bool m_skips_header = false;
    Record m_record;
    bool m_doubtful;  // no dialect was recognised, and no backslash was met yet
};

SqlReader::SqlReader(Source& source, const ReaderOptions& options, Purpose purpose)
    : m_impl(std::make_unique<Impl>(source, options, purpose)) {}
SqlReader::~SqlReader() = default;

RowResult<Next> SqlReader::next() { return m_impl->next(); }
const Record& SqlReader::record() const { return m_impl->record(); }
std::string_view SqlReader::format_name() const { return m_impl->rules().dump_name; }
std::vector<std::string> SqlReader::warnings() const { return m_impl->warnings(); }
std::string SqlReader::doubt() const { return m_impl->doubt(); }
const SqlTable* SqlReader::table() const { return m_impl->table(); }
std::vector<const SqlTable*> SqlReader::known_tables() const {
    std::vector<const SqlTable*> known;
    for (const SqlTable& table : tables()) {
        known.push_back(&table);
    }
    return known;
}
const std::deque<SqlTable>& SqlReader::tables() const { return m_impl->catalog().tables(); }

}  // namespace cachectl
