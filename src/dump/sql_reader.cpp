#include "dump/sql_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dump/copy_reader.hpp"
#include "dump/sql_row_maker.hpp"
#include "dump/sql_script.hpp"
#include "dump/sql_targets.hpp"

namespace cachectl {

namespace {

const SqlRules& find_rules(Source& source, SqlDialect told) {
    constexpr std::size_t k_look_ahead = 64 * 1024;
    if (told != SqlDialect::automatic) {
        return rules_of(told);
    }
    while (source.window().size() < k_look_ahead && source.fill()) {
    }
    return rules_of(guess_sql_dialect(source.window().substr(0, k_look_ahead)));
}

bool is_symbol(const SqlToken& token, char symbol) {
    return token.kind == SqlTokenKind::symbol && token.symbol == symbol;
}

}  // namespace

class SqlReader::Impl {
public:
    Impl(Source& source, const ReaderOptions& options, Purpose purpose)
        : m_rules(find_rules(source, options.sql.dialect)),
          m_script(source, m_rules, options.max_record_bytes, options.sql.escapes),
          m_input(m_script.input()),
          m_targets(m_script.catalog(), source.name(), options.sql.tables),
          m_maker(m_input, options.sql.binary),
          m_purpose(purpose) {}

    Next next() {
        while (m_state != State::ended) {
            const auto result = m_state == State::statements ? next_statement()
                                : m_state == State::tuples   ? next_tuple()
                                                             : next_copy_line();
            if (result) {
                return *result;
            }
        }
        return Next::end;
    }

    [[nodiscard]] const SqlRules& rules() const { return m_rules; }
    [[nodiscard]] const Record& record() const { return m_record; }
    [[nodiscard]] const BadRow& bad_row() const { return m_bad_row; }
    [[nodiscard]] const SqlTable* table() const { return m_target.asked; }
    [[nodiscard]] SqlTargets& targets() { return m_targets; }
    [[nodiscard]] const SqlCatalog& catalog() { return m_script.catalog(); }

private:
    enum class State { statements, tuples, copy, ended };

    [[nodiscard]] bool delivers() const { return m_target.wanted && m_purpose == Purpose::rows; }

    std::optional<Next> reject(std::uint64_t line, std::string reason) {
        if (!delivers()) {
            return std::nullopt;
        }
        m_bad_row = {line, std::move(reason)};
        return Next::bad_row;
    }

    std::optional<Next> next_statement() {
        const auto found = m_script.next();
        if (found == SqlScript::Found::end) {
            m_state = State::ended;
            m_targets.check_all_found();
            return Next::end;
        }
        if (found == SqlScript::Found::created) {
            m_targets.created(*m_script.created());
            return std::nullopt;
        }
        const SqlHeader& header = m_script.header();
        if (!m_script.same_header()) {
            m_target = m_targets.find(header);
        }
        if (found == SqlScript::Found::copy) {
            if (m_target.wanted && !header.instead.empty()) {
                m_input.fail_at(
                    header.line, header.byte,
                    fmt::format("COPY with options ({} …) cannot be read", header.instead),
                    "have pg_dump write it, or export the table as CSV");
            }
            check_columns_known();
            m_state = State::copy;
            return std::nullopt;
        }
        if (!header.instead.empty()) {
            return reject(header.line,
                          fmt::format("its values come from {}, not from VALUES", header.instead));
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

    void check_columns_known() {
        if (delivers() && m_target.columns.empty()) {
            const SqlHeader& header = m_script.header();
            m_input.fail_at(header.line, header.byte,
                            fmt::format("the columns of {} have no names: the dump holds no "
                                        "CREATE TABLE for it",
                                        m_target.table->full_name()),
                            "dump the table's definition too, or name the columns: "
                            "pg_dump --column-inserts, mysqldump --complete-insert");
        }
    }

    std::optional<Next> next_tuple() {
        m_input.drop();
        SqlToken token = m_input.next();
        if (!m_first_tuple) {
            if (!is_symbol(token, ',')) {
                m_state = State::statements;
                m_script.end_tuples(token);
                return std::nullopt;
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
            m_script.end_tuples(token);
            return reject(line, "it does not begin with '('");
        }
        m_input.drop();
        if (!read_tuple(m_input, m_cells)) {
            m_state = State::statements;
            return reject(line, "the statement ends in the middle of it");
        }
        if (!delivers() && !m_target.schema) {
            return std::nullopt;
        }
        const auto result = deliver(line, m_maker.fill(m_cells, m_target, line, m_record));
        if (m_target.schema && result == Next::record) {
            m_targets.see_schema(m_record);
        }
        return delivers() ? result : std::nullopt;
    }

    std::optional<Next> next_copy_line() {
        const std::uint64_t line = m_input.line();
        const auto text = m_input.take_copy_line();
        if (!text) {
            m_input.fail_at_end("the input ends in the middle of COPY data: was the dump cut?");
        }
        if (*text == k_copy_end) {
            m_state = State::statements;
            return std::nullopt;
        }
        ++m_target.table->rows;
        return delivers() ? deliver(line, m_maker.fill(*text, m_target, line, m_record))
                          : std::nullopt;
    }

    std::optional<Next> deliver(std::uint64_t line, std::string why_not) {
        if (why_not.empty()) {
            return Next::record;
        }
        m_bad_row = {line, std::move(why_not)};
        return Next::bad_row;
    }

    const SqlRules& m_rules;
    SqlScript m_script;
    SqlInput& m_input;
    SqlTargets m_targets;
    SqlRowMaker m_maker;
    Purpose m_purpose;
    State m_state = State::statements;
    SqlTarget m_target;
    bool m_first_tuple = true;
    std::vector<SqlCell> m_cells;
    Record m_record;
    BadRow m_bad_row;
};

SqlReader::SqlReader(Source& source, const ReaderOptions& options, Purpose purpose)
    : m_impl(std::make_unique<Impl>(source, options, purpose)) {}
SqlReader::~SqlReader() = default;

Next SqlReader::next() { return m_impl->next(); }
const Record& SqlReader::record() const { return m_impl->record(); }
const BadRow& SqlReader::bad_row() const { return m_impl->bad_row(); }
std::string_view SqlReader::format_name() const { return m_impl->rules().dump_name; }
const SqlTable* SqlReader::table() const { return m_impl->table(); }
const std::deque<SqlTable>& SqlReader::tables() const { return m_impl->catalog().tables(); }

std::vector<SqlTable> list_tables(Source& source, const ReaderOptions& options) {
    SqlReader reader(source, options, SqlReader::Purpose::count);
    reader.next();
    std::vector<SqlTableName> names;
    for (const std::string& name : options.sql.tables) {
        names.push_back(SqlTableName::parse(name));
    }
    const auto asked_for = [&names](const SqlTable* table) {
        for (; table != nullptr; table = table->partition_of) {
            for (const SqlTableName& name : names) {
                if (name.matches(table->path)) {
                    return true;
                }
            }
        }
        return false;
    };
    std::vector<SqlTable> tables;
    for (const SqlTable& table : reader.tables()) {
        if (names.empty() ? !table.internal : asked_for(&table)) {
            tables.push_back(table);
        }
    }
    for (SqlTable& table : tables) {
        table.partition_of = nullptr;  // it was the reader's
    }
    return tables;
}

}  // namespace cachectl
