#include "dump/tsv_style.hpp"

#include <algorithm>

namespace cachectl {

namespace {

constexpr std::string_view k_null_escape = "\\N";
constexpr std::string_view k_null_word = "NULL";

/// The letter of an escape and the byte that it stands for.
constexpr std::pair<char, char> k_escapes[] = {{'t', '\t'}, {'n', '\n'}, {'r', '\r'}, {'b', '\b'},
                                               {'f', '\f'}, {'v', '\v'}, {'0', '\0'}, {'\\', '\\'}};

const std::pair<char, char>* find_escape(char letter) {
    const auto* found = std::ranges::find(k_escapes, letter, &std::pair<char, char>::first);
    return found == std::end(k_escapes) ? nullptr : found;
}

struct Signs {
    bool null_escape = false;
    bool null_word = false;
    bool escape = false;
    bool of_copy = false;    // an escape that mysql --batch does not write
    bool backslash = false;  // that is no escape

    /// A field that is cut may end in the middle of an escape.
    void add(std::string_view field, bool cut) {
        null_escape |= field == k_null_escape;
        null_word |= field == k_null_word;
        if (field == k_null_escape) {
            return;
        }
        for (std::size_t at = 0; (at = field.find('\\', at)) != std::string_view::npos; at += 2) {
            if (cut && at + 1 == field.size()) {
                return;
            }
            const char letter = at + 1 < field.size() ? field[at + 1] : ' ';
            const bool known = find_escape(letter) != nullptr;
            escape |= known;
            of_copy |= std::string_view("bfrv").find(letter) != std::string_view::npos;
            backslash |= !known;
        }
    }
};

Signs signs_in(std::string_view rows, char delimiter, char line_end) {
    Signs signs;
    const char ends[] = {delimiter, line_end};
    while (!rows.empty()) {
        const std::size_t end = std::min(rows.find_first_of({ends, 2}), rows.size());
        std::string_view field = rows.substr(0, end);
        const bool last = end < rows.size() && rows[end] == line_end;
        field.remove_suffix(last && field.ends_with('\r') ? 1 : 0);
        signs.add(field, end == rows.size());
        rows.remove_prefix(std::min(end + 1, rows.size()));
    }
    return signs;
}

}  // namespace

TsvStyle judge_tsv(std::string_view rows, char delimiter, char line_end, SqlEscapes escapes) {
    const Signs signs = signs_in(rows, delimiter, line_end);
    const bool text =
        escapes == SqlEscapes::none || (escapes == SqlEscapes::automatic && signs.backslash);
    TsvStyle style{.name = "TSV", .settled = escapes != SqlEscapes::automatic || signs.backslash};
    if (signs.null_escape || (signs.of_copy && !text)) {
        style = {"TSV as COPY writes it", true, k_null_escape, true};
    } else if (signs.null_word || (signs.escape && !text)) {
        style = {"TSV as mysql --batch writes it", true, k_null_word, true};
    }
    style.escapes = !text && (style.escapes || escapes == SqlEscapes::backslash);
    if (text && style.null_text == k_null_escape) {
        style.name = "TSV with \\N for null";
    } else if (text && style.null_text == k_null_word) {
        style.name = "TSV with NULL for null";
    }
    return style;
}

bool unescape_tsv(std::string_view field, std::string& out) {
    out.clear();
    for (std::size_t at = 0; at < field.size(); ++at) {
        if (field[at] != '\\') {
            out += field[at];
            continue;
        }
        const auto* escape = at + 1 < field.size() ? find_escape(field[++at]) : nullptr;
        if (escape == nullptr) {
            return false;
        }
        out += escape->second;
    }
    return true;
}

}  // namespace cachectl
