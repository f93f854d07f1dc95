// The options of PostgreSQL's COPY.
#include "dump/sql/copy_reader.hpp"
#include "dump/sql/literal.hpp"

namespace cachectl {

namespace {

/// What was said; CSV has other defaults.
struct Said {
    CopyFormat format;
    std::optional<char> delimiter, quote, escape;
    std::optional<std::string> null;

    [[nodiscard]] CopyFormat settled() const {
        CopyFormat all = format;
        all.delimiter = delimiter.value_or(format.csv ? ',' : '\t');
        all.quote = quote.value_or('"');
        all.escape = escape.value_or(all.quote);
        all.null = null.value_or(format.csv ? "" : "\\N");
        return all;
    }
};

/// 'x', E'\t', with its escapes undone.
std::optional<std::string> take_string(SqlStatement& statement) {
    if (statement.ended() || statement.token().kind != SqlTokenKind::string) {
        return std::nullopt;
    }
    std::string scratch;
    const auto literal = statement.take_literal(scratch);
    return literal ? std::optional(std::string(literal->text)) : std::nullopt;
}

bool take_character(SqlStatement& statement, std::optional<char>& character) {
    const auto text = take_string(statement);
    if (!text || text->size() != 1) {
        return false;
    }
    character = text->front();
    return true;
}

/// Of an option that is on without a word behind it.
std::optional<bool> take_switch(SqlStatement& statement) {
    if (statement.ended() || statement.at_symbol(',') || statement.at_symbol(')')) {
        return true;
    }
    const std::string_view word = statement.text();
    const bool on = is_any_sql_word(word, {"TRUE", "ON", "1", "MATCH"});
    if (!on && !is_any_sql_word(word, {"FALSE", "OFF", "0"})) {
        return std::nullopt;
    }
    statement.skip();
    return on;
}

bool take_format(SqlStatement& statement, Said& said) {
    const auto name = statement.take_name();
    said.format.csv = name && is_sql_word(*name, "CSV");
    return name && is_any_sql_word(*name, {"CSV", "TEXT"});
}

/// One of the list in parentheses.
bool take_option(SqlStatement& statement, Said& said) {
    const auto name = statement.take_name();
    if (!name) {
        return false;
    }
    if (is_sql_word(*name, "FORMAT")) {
        return take_format(statement, said);
    }
    if (is_sql_word(*name, "DELIMITER")) {
        return take_character(statement, said.delimiter);
    }
    if (is_sql_word(*name, "QUOTE")) {
        return take_character(statement, said.quote);
    }
    if (is_sql_word(*name, "ESCAPE")) {
        return take_character(statement, said.escape);
    }
    if (is_sql_word(*name, "NULL")) {
        return (said.null = take_string(statement)).has_value();
    }
    if (is_sql_word(*name, "HEADER")) {
        const auto on = take_switch(statement);
        said.format.header = on.value_or(false);
        return on.has_value();
    }
    if (is_sql_word(*name, "FREEZE")) {
        return take_switch(statement).has_value();
    }
    if (is_sql_word(*name, "ENCODING")) {
        const auto encoding = take_string(statement);
        return encoding && is_any_sql_word(*encoding, {"UTF8", "UTF-8", "SQL_ASCII"});
    }
    return false;
}

/// The form of before PostgreSQL 9: words one behind the other.
bool take_old_option(SqlStatement& statement, Said& said) {
    if (statement.take_word("CSV")) {
        said.format.csv = true;
        return true;
    }
    if (statement.take_word("HEADER")) {
        said.format.header = true;
        return true;
    }
    if (statement.take_word("FREEZE")) {
        return true;
    }
    if (statement.take_words({"DELIMITER", "DELIMITERS"})) {
        statement.take_word("AS");
        return take_character(statement, said.delimiter);
    }
    if (statement.take_word("QUOTE")) {
        statement.take_word("AS");
        return take_character(statement, said.quote);
    }
    if (statement.take_word("ESCAPE")) {
        statement.take_word("AS");
        return take_character(statement, said.escape);
    }
    if (statement.take_word("NULL")) {
        statement.take_word("AS");
        return (said.null = take_string(statement)).has_value();
    }
    return false;
}

}  // namespace

std::optional<CopyFormat> parse_copy_options(SqlStatement& statement) {
    Said said;
    statement.take_word("WITH");
    if (statement.take_symbol('(')) {
        do {
            if (!take_option(statement, said)) {
                return std::nullopt;
            }
        } while (statement.take_symbol(','));
        if (!statement.take_symbol(')')) {
            return std::nullopt;
        }
    }
    while (!statement.ended()) {
        if (!take_old_option(statement, said)) {
            return std::nullopt;
        }
    }
    return said.settled();
}

}  // namespace cachectl
