#include "dump/sql/guess.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "dump/sql/lexer.hpp"
#include "dump/sql/marks.hpp"
#include "dump/sql/preamble.hpp"

namespace cachectl {

using namespace sql_marks;

namespace {

/// A line of the comment with which a tool's dump begins.
struct ToolLine {
    SqlDialect dialect;
    std::string_view start;
    std::string_view holds;  // anywhere behind that
};

constexpr std::array k_tool_lines = {
    ToolLine{k_pg, "PostgreSQL database dump", ""},
    ToolLine{k_pg, "PostgreSQL database cluster dump", ""},
    ToolLine{k_pg, "Dumped from database version", ""},
    ToolLine{k_pg, "Adminer", "PostgreSQL"},
    ToolLine{k_pg, "Source Server Type", "PostgreSQL"},
    ToolLine{k_my, "MySQL dump", ""},
    ToolLine{k_my, "MariaDB dump", ""},
    ToolLine{k_my, "phpMyAdmin SQL Dump", ""},
    ToolLine{k_my, "Adminer", "MySQL"},
    ToolLine{k_my, "Adminer", "MariaDB"},
    ToolLine{k_my, "Source Server Type", "MySQL"},
    ToolLine{k_my, "Source Server Type", "MariaDB"},
    ToolLine{k_my, "Sequel Pro SQL dump", ""},
    ToolLine{k_my, "Sequel Ace SQL dump", ""},
    ToolLine{k_my, "SQLyog", ""},
    ToolLine{k_my, "WordPress MySQL database backup", ""},
    ToolLine{k_my, "MySQL database dump", ""},
    ToolLine{k_lite, "Adminer", "SQLite"},
    ToolLine{k_lite, "Source Server Type", "SQLite"},
    ToolLine{k_lite, "File generated with SQLiteStudio", ""},
};

SqlDialect tool_of(std::string_view line) {
    const std::size_t begin = line.find_first_not_of("-#*/! \t");
    line.remove_prefix(std::min(begin, line.size()));
    for (const ToolLine& tool : k_tool_lines) {
        if (line.starts_with(tool.start) && line.find(tool.holds) != std::string_view::npos) {
            return tool.dialect;
        }
    }
    return SqlDialect::automatic;
}

/// Of the lines of the comments with which the text begins; automatic if none tells.
SqlDialect find_tool(std::string_view text) {
    if (text.starts_with("/*M!999999\\-") || text.starts_with("/*!999999\\-")) {
        return k_my;
    }
    bool in_block = false;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
        const bool block_begins = line.starts_with("/*") && !line.starts_with("/*!");
        const bool comment = in_block || block_begins || line.empty() || line.starts_with("--") ||
                             line.starts_with("#");
        if (!comment) {
            break;
        }
        if (const SqlDialect tool = tool_of(line); tool != SqlDialect::automatic) {
            return tool;
        }
        in_block = (in_block || block_begins) && line.find("*/") == std::string_view::npos;
    }
    return SqlDialect::automatic;
}

bool is_for_psql(std::string_view line) {
    constexpr std::array<std::string_view, 9> k_commands = {
        "\\restrict", "\\unrestrict", "\\connect", "\\c ", "\\set ",
        "\\encoding", "\\echo",       "\\i ",      "\\ir "};
    return std::any_of(k_commands.begin(), k_commands.end(),
                       [line](std::string_view command) { return line.starts_with(command); });
}

/// A backslash before a quote: the dialects disagree on where the string ends, and so on all that
/// is behind it.
enum class Upto { doubt, end };

/// The tokens of a text as k_marks has them.
class Tokens {
public:
    Tokens(std::string_view text, const SqlRules& rules, Upto upto) : m_text(text), m_lexer(rules) {
        m_lexer.on_aside([this](std::string_view line) {
            add(line.starts_with('#') ? "#" : is_for_psql(line) ? "\\" : "");
        });
        std::size_t at = 0;
        SqlToken token;
        while (m_lexer.scan(text, at, SqlLexer::Ending::open, token) == SqlLexer::Result::token) {
            see_gap(text.substr(m_end, token.begin - m_end));
            see(token);
            at = m_end = token.end;
            const bool doubtful =
                token.kind == SqlTokenKind::string && token.symbol == '\'' &&
                text.substr(token.begin, at - token.begin).find("\\'") != std::string_view::npos;
            if (doubtful && upto == Upto::doubt) {
                break;
            }
        }
        m_tokens += ' ';
    }

    [[nodiscard]] int weight(SqlDialect dialect) const {
        int sum = 0;
        for (const Mark& mark : k_marks) {
            const bool counts =
                mark.dialect == dialect && m_tokens.find(mark.tokens) != std::string::npos;
            sum += counts ? mark.weight : 0;
        }
        return sum;
    }

    [[nodiscard]] bool is_oracle() const {
        return std::any_of(k_oracle.begin(), k_oracle.end(), [this](std::string_view mark) {
            return m_tokens.find(mark) != std::string::npos;
        });
    }

private:
    void add(std::string_view token) {
        if (token.empty()) {
            return;
        }
        m_tokens += ' ';
        for (const char c : token) {
            m_tokens += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }

    /// What MySQL executes and others take for a comment begins between two tokens.
    void see_gap(std::string_view gap) {
        if (!m_lexer.rules().executable_comments) {
            return;
        }
        for (const std::string_view open : {"/*!", "/*M!"}) {
            const std::size_t at = gap.find(open);
            if (at == std::string_view::npos || at + open.size() >= gap.size()) {
                continue;
            }
            const std::size_t line = gap.substr(0, at).find_last_of('\n') + 1;
            const bool in_comment =
                gap.substr(line, at - line).find_first_of("-#*") != std::string_view::npos;
            if (!in_comment && std::isdigit(static_cast<unsigned char>(gap[at + open.size()]))) {
                add("/*!");
            }
        }
    }

    void see(const SqlToken& token) {
        const std::string_view text = m_text.substr(token.begin, token.end - token.begin);
        switch (token.kind) {
            case SqlTokenKind::name: {
                const std::string_view quote = text.substr(0, 1);
                const bool identifier =
                    text.size() > 2 &&
                    (std::isalpha(static_cast<unsigned char>(text[1])) != 0 || text[1] == '_');
                if (identifier) {
                    add(quote);
                    add(text);
                }
                break;
            }
            case SqlTokenKind::string:
                add(token.symbol == '$'                              ? "$$"
                    : text.starts_with('e') || text.starts_with('E') ? "E'"
                                                                     : "'");
                break;
            case SqlTokenKind::bytes:
            case SqlTokenKind::bits:
            case SqlTokenKind::number:
                add("0");
                break;
            case SqlTokenKind::terminator:
                add(text.size() == 2 && is_sql_word(text, "GO") ? "\nGO" : text);
                break;
            case SqlTokenKind::word:
            case SqlTokenKind::symbol:
                add(text.substr(0, 64));
                break;
            case SqlTokenKind::end:
                break;
        }
    }

    std::string_view m_text;
    SqlLexer m_lexer;
    std::string m_tokens;
    std::size_t m_end = 0;  // of the token before
};

SqlGuess measure(std::string_view text, Upto upto) {
    SqlGuess best;
    int most = k_least - 1;
    for (const SqlDialect dialect : {k_pg, k_my, k_lite, k_other}) {
        const Tokens tokens(text, rules_of(dialect), upto);
        const int weight = tokens.weight(dialect);
        if (weight > most) {
            most = weight;
            best = {dialect, true, {}};
            // Brackets alone are written for SQLite and others, too.
            if (dialect == k_other && weight >= k_certain) {
                best.foreign = tokens.is_oracle() ? "Oracle" : "SQL Server";
            }
        }
    }
    return best;
}

}  // namespace

SqlGuess guess_sql(std::string_view beginning) {
    beginning = beginning.substr(0, k_sql_guess_bytes);
    beginning.remove_prefix(tool_messages(beginning));
    if (const SqlDialect tool = find_tool(beginning); tool != SqlDialect::automatic) {
        return {tool, true, {}};
    }
    const SqlGuess guess = measure(beginning, Upto::doubt);
    return guess.recognised ? guess : measure(beginning, Upto::end);
}

}  // namespace cachectl
