// Any bytes on their way out: harmless for a terminal, one word for a shell, JSON, CSV that reads
// back.
#include <algorithm>
#include <string>

#include "fuzz/json_check.hpp"
#include "fuzz/target.hpp"
#include "fuzz/tree_check.hpp"
#include "output/csv.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

void check_utf8(std::string_view text) {
    bool all_valid = true;
    for (std::string_view rest = text; !rest.empty();) {
        const Utf8Step step = decode_utf8(rest);
        expect(step.bytes >= 1 && step.bytes <= std::min<std::size_t>(rest.size(), 4),
               "a step goes on");
        expect(!step.valid || step.code_point <= 0x10FFFF, "a code point is one");
        all_valid &= step.valid;
        rest.remove_prefix(step.bytes);
    }
    expect(is_utf8(text) == all_valid, "text is UTF-8 if all of it is");
}

void check_terminal(std::string_view text) {
    const std::string escaped = escape_for_terminal(text);
    expect_harmless(escaped);
    expect(escaped.find('\n') == std::string::npos, "a name is one line");
    expect_same(unescape(escaped), text, "what is escaped can be read back");
    std::string lines = escape_for_terminal(text, Newlines::keep);
    replace_all(lines, "\t", "");
    expect_harmless(lines);
    const std::size_t width = display_width(escaped);
    for (const std::size_t columns : {std::size_t{1}, std::size_t{7}, width}) {
        const std::string cut = cut_to_width(escaped, columns, "…");
        expect(display_width(cut) <= columns, "what is cut fits");
        expect(columns < width || cut == escaped, "what fits is not cut");
    }
}

/// What a shell takes the word for that shell_word() has made, which may have only '…' and $'…'.
std::string as_shell_reads(std::string_view word) {
    std::string text;
    bool dollar = false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (word[i] == '$' && word.substr(i + 1).starts_with('\'')) {
            dollar = true;
        } else if (word[i] == '\'') {
            for (++i; i < word.size() && word[i] != '\''; ++i) {
                if (!dollar || word[i] != '\\') {
                    text += word[i];
                } else if (word[i + 1] >= '0' && word[i + 1] <= '7') {
                    int byte = 0;
                    for (int digit = 0; digit < 3; ++digit) {
                        byte = byte * 8 + (word[++i] - '0');
                    }
                    text += static_cast<char>(byte);
                } else {
                    text += word[++i];
                }
            }
            dollar = false;
        } else if (word[i] == '\\') {
            text += word[++i];
        } else {
            text += word[i];
        }
    }
    return text;
}

void check_json(std::string_view text) {
    std::string json;
    Writer out(json);
    JsonWriter writer(out, JsonLayout::compact);
    writer.begin_object();
    writer.bytes_field("key", text);
    writer.field(text, text);
    writer.end_object();
    out.flush();
    json.resize(json.size() - (json.ends_with('\n') ? 1 : 0));
    expect(is_minified_json(json), "any bytes become JSON");
}

void check_csv(std::string_view text) {
    std::string csv;
    Writer out(csv);
    CsvWriter writer(out);
    writer.field(text);
    writer.field("x");
    writer.end_row();
    out.flush();
    std::string read;
    std::size_t at = 0;
    if (csv.starts_with('"')) {
        for (at = 1; csv[at] != '"' || csv[at + 1] == '"'; ++at) {
            at += csv[at] == '"' ? 1 : 0;
            read += csv[at];
        }
        ++at;
    } else {
        at = csv.find(',');
        read = csv.substr(0, at);
    }
    expect_same(read, text, "a field is read back");
    expect_same(csv.substr(at), ",x\r\n", "a field ends where the next begins");
}

}  // namespace

void fuzz_output_text(std::string_view input) {
    check_utf8(input);
    check_terminal(input);
    check_json(input);
    check_csv(input);
    if (input.find('\0') == std::string_view::npos) {
        expect_same(as_shell_reads(shell_word(input)), input, "a word is one word of a shell");
        expect_same(as_shell_reads(shell_word_if_needed(input)), input,
                    "also if it needs no quotes");
        expect_harmless(shell_word(input));
    }
}

}  // namespace cachectl
