#include "dump/sql/lexer.hpp"

#include <doctest/doctest.h>

#include <ctime>

#include "dump/sql/literal.hpp"

using namespace cachectl;
using namespace std::string_literals;

namespace {

struct Session {
    SqlDialect dialect = SqlDialect::generic;
    std::optional<bool> backslashes = {};
    bool ansi = false;
    std::string delimiter = ";";
};

/// "w:SELECT s:it's #:1 ;", with the text in pieces of `step` bytes.
std::string tokens_by(std::string_view text, const Session& session, std::size_t step) {
    constexpr std::string_view k_kinds = ".wnsxb#?;";
    SqlLexer lexer(rules_of(session.dialect));
    if (session.backslashes) {
        lexer.set_backslash_escapes(*session.backslashes);
    }
    lexer.set_ansi_quotes(session.ansi);
    lexer.set_delimiter(session.delimiter);
    std::string shown;
    std::size_t have = std::min(step, text.size());
    std::size_t at = 0;
    bool final = false;
    while (true) {
        SqlToken token;
        const auto ending = final ? SqlLexer::Ending::final : SqlLexer::Ending::open;
        const std::string_view seen = text.substr(0, have);
        const auto result = lexer.scan(seen, at, ending, token);
        if (result == SqlLexer::Result::more) {
            final = have == text.size();
            have = std::min(have + step, text.size());
            continue;
        }
        if (result == SqlLexer::Result::unclosed) {
            return shown + "OPEN " + std::string(lexer.unclosed()) + " at " +
                   std::to_string(token.begin);
        }
        if (token.kind == SqlTokenKind::end) {
            return shown.substr(0, shown.size() - (shown.empty() ? 0 : 1));
        }
        at = token.end;
        shown += k_kinds[static_cast<std::size_t>(token.kind)];
        if (token.kind == SqlTokenKind::symbol) {
            shown.back() = token.symbol;
            shown.insert(shown.size() - 1, token.symbol == ';' ? "SYMBOL" : "");
        } else if (token.kind == SqlTokenKind::name) {
            shown += ":" + decode_name(seen, token, lexer.rules());
        } else if (token.kind == SqlTokenKind::string) {
            std::string scratch;
            const auto literal = decode_literal(seen, token, session.dialect, scratch);
            shown += literal ? ":" + std::string(literal->text) : ":WRONG";
        } else if (token.kind != SqlTokenKind::terminator) {
            shown += ":" + std::string(seen.substr(token.begin, token.end - token.begin));
        }
        shown += ' ';
    }
}

/// The same whatever the pieces are.
std::string tokens(std::string_view text, const Session& session = {}) {
    const std::string whole = tokens_by(text, session, text.size() + 1);
    for (std::size_t step = 1; step <= text.size(); ++step) {
        CAPTURE(step);
        CHECK(tokens_by(text, session, step) == whole);
    }
    return whole;
}

const Session k_pg{.dialect = SqlDialect::postgres};
const Session k_mysql{.dialect = SqlDialect::mysql};
const Session k_sqlite{.dialect = SqlDialect::sqlite};

}  // namespace

TEST_CASE("words, numbers, symbols and terminators") {
    CHECK(tokens("INSERT into t1 (a,b) VALUES(1, -2.5e-3,.5,+7) ;x") ==
          "w:INSERT w:into w:t1 ( w:a , w:b ) w:VALUES ( #:1 , #:-2.5e-3 , #:.5 , #:+7 ) ; w:x");
    CHECK(tokens("1e300 1e 5. - 5 a-b 1.2.3") == "#:1e300 #:1 w:e #:5. - #:5 w:a - w:b #:1.2 #:.3");
    CHECK(tokens("caf\xC3\xA9$1 _x") == "w:caf\xC3\xA9$1 w:_x");
    CHECK(tokens("") == "");
    CHECK(tokens(" \t\r\n") == "");
}

TEST_CASE("quotes are doubled within quotes, in every dialect") {
    CHECK(tokens("'it''s' '' '''' 'a;b'") == "s:it's s: s:' s:a;b");
    CHECK(tokens("\"Weird \"\"Tbl\".x", k_pg) == "n:Weird \"Tbl . w:x");
    CHECK(tokens("`we``ird`", k_mysql) == "n:we`ird");
    CHECK(tokens("[a]]b] [c d]", k_sqlite) == "n:a]b n:c d");
    CHECK(tokens("[1] `", k_pg) == "[ #:1 ] `");
}

TEST_CASE("a backslash is an ordinary character in standard strings") {
    CHECK(tokens("'a\\' 'b\\\\'", k_pg) == "s:a\\ s:b\\\\");
    CHECK(tokens("'\\n'", k_sqlite) == "s:\\n");
    // A line that is exactly \. may stand in a string.
    CHECK(tokens("'line1\n\\.\nline3'", k_pg) == "s:line1\n\\.\nline3");
}

TEST_CASE("standard_conforming_strings = off: backslashes escape") {
    const Session off{.dialect = SqlDialect::postgres, .backslashes = true};
    CHECK(tokens("'\\\\x00' '\\\\.' 'it\\'s' 'a\\nb'", off) == "s:\\x00 s:\\. s:it's s:a\nb");
}

TEST_CASE("E'…' of PostgreSQL") {
    CHECK(tokens("E'a\\tb\\'c''d' e'\\\\'", k_pg) == "s:a\tb'c'd s:\\");
    CHECK(tokens("E'\\101\\x42\\u00e9\\U0001F600\\q'", k_pg) == "s:AB\xC3\xA9\xF0\x9F\x98\x80q");
    CHECK(tokens("E'\\uD83D\\uDE00'", k_pg) == "s:\xF0\x9F\x98\x80");
    CHECK(tokens("E'\\uD83D' E'\\uD83Dx' E'\\u12'", k_pg) == "s:WRONG s:WRONG s:WRONG");
    CHECK(tokens("e 'x' else'y'", k_pg) == "w:e s:x w:else s:y");
}

TEST_CASE("U&'…', N'…', X'…', B'…'") {
    CHECK(tokens("U&'d\\0061t\\+000061 \\\\'", k_pg) == "s:data \\");
    CHECK(tokens("u & U&x", k_pg) == "w:u & w:U & w:x");
    CHECK(tokens("N'a' n'b\\'c'", k_mysql) == "s:a s:b'c");
    CHECK(tokens("X'00fF' x''", k_sqlite) == "x:X'00fF' x:x''");
    CHECK(tokens("b'101' 0x4a 0b11 0 0.5", k_mysql) == "b:b'101' x:0x4a b:0b11 #:0 #:0.5");
}

TEST_CASE("$tag$ … $tag$ hides quotes, semicolons and other tags") {
    CHECK(tokens("$$a;'b$$ $_$ select 'x $$ y' $_$;", k_pg) == "s:a;'b s: select 'x $$ y'  ;");
    CHECK(tokens("$1 a$b$ $a$x$b$y$a$", k_pg) == "$ #:1 w:a$b$ s:x$b$y");
    CHECK(tokens("$$x", k_mysql) == "$ $ w:x");
    CHECK(tokens("$t$never", k_pg) == "OPEN string at 0");
}

TEST_CASE("MySQL's escapes") {
    CHECK(tokens("'\\0\\'\\\"\\b\\n\\r\\t\\Z\\\\'", k_mysql) == "s:\0'\"\b\n\r\t\x1A\\"s);
    CHECK(tokens("'\\x\\%\\_\\a'", k_mysql) == "s:x\\%\\_a");
    CHECK(tokens("'\t raw'", k_mysql) == "s:\t raw");
    CHECK(tokens("'a\\'", {.dialect = SqlDialect::mysql, .backslashes = false}) == "s:a\\");
}

TEST_CASE("double quotes of MySQL are strings, or names in ANSI mode") {
    CHECK(tokens("\"a\\\"b\"\"c\"", k_mysql) == "s:a\"b\"c");
    CHECK(tokens("\"we`ird\\\"", {.dialect = SqlDialect::mysql, .ansi = true}) == "n:we`ird\\");
}

TEST_CASE("comments of each dialect") {
    CHECK(tokens("a -- b 'c\nd /* e ; */ f --", k_pg) == "w:a w:d w:f");
    CHECK(tokens("a /* /* ' */ ' */ b", k_pg) == "w:a w:b");
    CHECK(tokens("a /* /* */ b */", k_sqlite) == "w:a w:b * /");
    CHECK(tokens("a # b\nc", k_mysql) == "w:a w:c");
    CHECK(tokens("a # b\nc", k_pg) == "w:a # w:b w:c");
    CHECK(tokens("5--3 -- c", k_mysql) == "#:5 - #:-3");
    CHECK(tokens("5--3", k_pg) == "#:5");
    CHECK(tokens("a /* b", k_pg) == "w:a OPEN comment at 2");
    CHECK(tokens("a /*/ b */ c", k_mysql) == "w:a w:c");
}

TEST_CASE("what looks like a comment within a string is text") {
    CHECK(tokens("'/*!50000 no */ -- no; DELIMITER //'", k_mysql) ==
          "s:/*!50000 no */ -- no; DELIMITER //");
    CHECK(tokens("'),(2,\\'x'", k_mysql) == "s:),(2,'x");
}

TEST_CASE("MySQL's conditional comments are read") {
    CHECK(tokens("/*!40101 SET a=1 */;/*!50003 CREATE*/ /*!50017 DEFINER=``*/x", k_mysql) ==
          "w:SET w:a = #:1 ; w:CREATE w:DEFINER = n: w:x");
    CHECK(tokens("/*M!100616 a */ /*! b */ /*More*/ /*Mb", k_mysql) ==
          "w:a w:b OPEN comment at 34");
    CHECK(tokens("/*!40101 a /* b */ c */ d", k_mysql) == "w:a w:c w:d");
    CHECK(tokens("/*!40101 a", k_mysql) == "w:a OPEN comment at 10");
    CHECK(tokens("/*!40101 a */ b", k_sqlite) == "w:b");
}

TEST_CASE("MariaDB's sandbox line is for its client") {
    CHECK(tokens("/*M!999999\\- enable the sandbox mode */ \nx", k_mysql) == "w:x");
    CHECK(tokens("/*!999999\\- enable the sandbox mode */\nx", k_mysql) == "w:x");
}

TEST_CASE("another delimiter") {
    const Session two{.dialect = SqlDialect::mysql, .delimiter = ";;"};
    CHECK(tokens("begin a; end;; c", two) == "w:begin w:a SYMBOL; w:end ; w:c");
    const Session slashes{.dialect = SqlDialect::mysql, .delimiter = "//"};
    CHECK(tokens("a / b // c", slashes) == "w:a / w:b ; w:c");
    CHECK(tokens("'//' //", slashes) == "s:// ;");
    // It ends a word too, though words may hold what it is made of.
    const Session dollars{.dialect = SqlDialect::mysql, .delimiter = "$$"};
    CHECK(tokens("a$b '$$' END$$ c 7$$$$", dollars) == "w:a$b s:$$ w:END ; w:c #:7 ; ;");
}

TEST_CASE("psql's commands are skipped to the end of their line") {
    CHECK(tokens("\\restrict abc'def\nSELECT 1; \\unrestrict x\n\\connect db", k_pg) ==
          "w:SELECT #:1 ;");
    CHECK(tokens("a \\ b", k_mysql) == "w:a \\ w:b");
}

TEST_CASE("a backslash and g end a statement where the client has commands, and nowhere else") {
    CHECK(tokens("a \\g b\n\\G c\n", k_mysql) == "w:a ; w:b ; w:c");
    CHECK(tokens("a \\g b\nc", k_pg) == "w:a ; w:c");
    CHECK(tokens("a \\g b", k_sqlite) == "w:a \\ w:g w:b");
}

TEST_CASE("GO on a line of its own ends a batch") {
    CHECK(tokens("a\nGO\nb\n  go \r\nc go\nGO x\ngone\nGO") ==
          "w:a ; w:b ; w:c w:go w:GO w:x w:gone ;");
    CHECK(tokens("a\nGO\n", k_pg) == "w:a w:GO");
}

TEST_CASE("what is never closed") {
    CHECK(tokens("a 'bc''") == "w:a OPEN string at 2");
    CHECK(tokens("'a\\'", k_mysql) == "OPEN string at 0");
    CHECK(tokens("'a\\", k_mysql) == "OPEN string at 0");
    CHECK(tokens("`a", k_mysql) == "OPEN quoted name at 0");
}

TEST_CASE("a blob in hex digits is looked at once, however many pieces it comes in") {
    const std::string text = "0x" + std::string(2'000'000, 'A') + " ";
    const auto cost = [&text](std::size_t step) {
        SqlLexer lexer(rules_of(SqlDialect::mysql));
        SqlToken token;
        std::size_t at = 0;
        std::size_t have = 0;
        const std::clock_t begin = std::clock();
        do {
            have = std::min(have + step, text.size());
        } while (lexer.scan(std::string_view(text).substr(0, have), at, SqlLexer::Ending::open,
                            token) == SqlLexer::Result::more);
        CHECK(token.inner_end == text.size() - 1);
        return std::clock() - begin;
    };
    const auto whole = cost(text.size());
    CHECK(cost(1000) < 50 * (whole + CLOCKS_PER_SEC / 1000));  // and not 1000 times
}

TEST_CASE("lines aside are told of, once each") {
    std::string asides;
    SqlLexer lexer(rules_of(SqlDialect::postgres));
    lexer.on_aside([&](std::string_view line) { asides += std::string(line) + "|"; });
    constexpr std::string_view k_text = "-- one\n\\connect two\n/* not */ '-- not' -- three";
    std::size_t at = 0;
    SqlToken token;
    for (std::size_t have = 0; have <= k_text.size(); ++have) {
        const auto ending =
            have == k_text.size() ? SqlLexer::Ending::final : SqlLexer::Ending::open;
        if (lexer.scan(k_text.substr(0, have), at, ending, token) == SqlLexer::Result::token) {
            at = token.end;
        }
    }
    lexer.scan(k_text, at, SqlLexer::Ending::final, token);
    CHECK(asides == "-- one|\\connect two|-- three|");
}

TEST_CASE("dialects have names") {
    CHECK(parse_sql_dialect("mariadb") == SqlDialect::mysql);
    CHECK(parse_sql_dialect("auto") == SqlDialect::automatic);
    CHECK(parse_sql_dialect("oracle") == std::nullopt);
}
