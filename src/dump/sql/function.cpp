#include "dump/sql/function.hpp"

#include <algorithm>
#include <charconv>

#include "dump/sql/escapes.hpp"

namespace cachectl {

namespace {

using Kind = SqlLiteral::Kind;

/// Nothing if the text grows by more than a dump's replacements ever do, which make it shorter.
std::optional<SqlResult> replace_all(const std::string& text, const std::string& what,
                                     const std::string& with) {
    constexpr std::size_t k_most_growth = 1024 * 1024;
    SqlResult result{Kind::text, {}, {}, false};
    std::size_t from = 0;
    for (std::size_t at = 0; !what.empty() && (at = text.find(what, from)) != std::string::npos;) {
        result.text.append(text, from, at - from);
        result.text += with;
        from = at + what.size();
        if (result.text.size() > text.size() + k_most_growth) {
            return std::nullopt;
        }
    }
    result.text.append(text, from);
    return result;
}

std::optional<SqlResult> characters(const std::vector<SqlResult>& codes) {
    SqlResult result{Kind::text, {}, {}, false};
    for (const SqlResult& code : codes) {
        std::uint32_t number = 0;
        const char* const end = code.text.data() + code.text.size();
        if (std::from_chars(code.text.data(), end, number).ptr != end ||
            !append_code_point(number, result.text)) {
            return std::nullopt;
        }
    }
    return result;
}

}  // namespace

std::optional<SqlResult> call_sqlite(std::string_view name,
                                     const std::vector<SqlResult>& arguments) {
    const auto all = [&arguments](Kind kind) {
        return std::all_of(arguments.begin(), arguments.end(),
                           [kind](const SqlResult& result) { return result.kind == kind; });
    };
    if (is_sql_word(name, "REPLACE") && arguments.size() == 3 && all(Kind::text)) {
        return replace_all(arguments[0].text, arguments[1].text, arguments[2].text);
    }
    if (is_sql_word(name, "CHAR") && all(Kind::number)) {
        return characters(arguments);
    }
    if (is_sql_word(name, "UNISTR") && arguments.size() == 1 && all(Kind::text)) {
        SqlResult result{Kind::text, {}, {}, false};
        return append_unistr(arguments[0].text, result.text) ? std::optional(result) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace cachectl
