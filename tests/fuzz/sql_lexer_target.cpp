// The lexer: however the text is cut into pieces, the tokens are the same, they go forwards and lie
// within the text. The last byte chooses what a session may set.
#include <fmt/format.h>

#include <vector>

#include "dump/sql/guess.hpp"
#include "dump/sql/lexer.hpp"
#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"

namespace cachectl {

namespace {

struct Setting {
    SqlDialect dialect;
    unsigned flags;

    explicit Setting(std::string_view text)
        : dialect(guess_sql(text).dialect),
          flags(text.empty() ? 0U : static_cast<unsigned char>(text.back())) {}

    [[nodiscard]] SqlLexer lexer() const {
        SqlLexer lexer(rules_of(dialect));
        if ((flags & 1U) != 0) {
            lexer.set_backslash_escapes((flags & 2U) != 0);
        }
        lexer.set_ansi_quotes((flags & 4U) != 0);
        if ((flags & 24U) == 24U && lexer.rules().delimiter_command) {
            lexer.set_delimiter(";;");
        }
        return lexer;
    }
};

std::string describe(const SqlToken& token) {
    return fmt::format("{}-{} kind {} symbol {} inner {}-{}{}{}{}\n", token.begin, token.end,
                       static_cast<int>(token.kind), static_cast<int>(token.symbol),
                       token.inner_begin, token.inner_end, token.doubled ? " doubled" : "",
                       token.backslashes ? " backslashes" : "", token.unicode ? " unicode" : "");
}

void check_token(const SqlToken& token, std::size_t behind, std::size_t size) {
    expect(token.begin >= behind && token.end <= size, "tokens go forwards");
    expect((token.end > token.begin) == (token.kind != SqlTokenKind::end), "only the end is empty");
    if (token.kind == SqlTokenKind::name || token.kind == SqlTokenKind::string ||
        token.kind == SqlTokenKind::bytes || token.kind == SqlTokenKind::bits) {
        expect(token.begin < token.inner_begin && token.inner_begin <= token.inner_end &&
                   token.inner_end <= token.end,
               "the inside of a token lies inside");
    }
}

/// All tokens and asides of a text that arrives `piece` bytes at a time.
std::string tokens_of(std::string_view text, std::size_t piece, const Setting& setting) {
    SqlLexer lexer = setting.lexer();
    std::string all;
    lexer.on_aside([&all](std::string_view line) { all += fmt::format("aside {}\n", line); });
    std::size_t known = std::min(piece, text.size());
    std::size_t at = 0;
    std::size_t behind = 0;
    while (true) {
        SqlToken token;
        // Where a text ends in the middle of nowhere, so does this copy, for ASan to see.
        const std::vector<char> copy(text.begin(),
                                     text.begin() + static_cast<std::ptrdiff_t>(known));
        const bool ended = known == text.size();
        const auto result =
            lexer.scan({copy.data(), copy.size()}, at,
                       ended ? SqlLexer::Ending::final : SqlLexer::Ending::open, token);
        expect(at >= behind && at <= known, "the place is within the text");
        if (result == SqlLexer::Result::more) {
            expect(!ended, "nothing more is wanted at the end");
            known = std::min(known + piece, text.size());
            continue;
        }
        if (result == SqlLexer::Result::unclosed) {
            expect(ended, "nothing is unclosed before the end");
            return all + fmt::format("{}: unclosed {}\n", token.begin, lexer.unclosed());
        }
        check_token(token, behind, known);
        all += describe(token);
        if (token.kind == SqlTokenKind::end) {
            return all;
        }
        at = behind = token.end;
    }
}

}  // namespace

void fuzz_sql_lexer(std::string_view input) {
    const Setting setting(input);
    expect_same(tokens_of(input, input.size() + 1, setting),
                tokens_of(input, small_window(input), setting),
                "pieces make no difference to the tokens");
}

}  // namespace cachectl
