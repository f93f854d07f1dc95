// Arrays of PostgreSQL: what is one becomes JSON.
#include "dump/sql/pg_array.hpp"

#include "dump/json_text.hpp"
#include "fuzz/json_check.hpp"
#include "fuzz/target.hpp"

namespace cachectl {

namespace {

/// As PostgreSQL writes an array of one text.
std::string array_of(std::string_view element) {
    std::string text = "{\"";
    for (const char c : element) {
        text.append(c == '"' || c == '\\' ? 1 : 0, '\\');
        text += c;
    }
    return text + "\"}";
}

}  // namespace

void fuzz_pg_array(std::string_view input) {
    const PgElementWriter write = [](std::string_view element, std::string& out) {
        return append_json_string(element, out);
    };
    for (const char delimiter : {',', ';'}) {
        std::string out;
        if (append_pg_array(input, delimiter, write, out)) {
            expect(out.starts_with('[') && is_minified_json(out), "an array is JSON: " + out);
        }
    }
    std::string string;
    std::string array;
    const bool utf8 = append_json_string(input, string);
    expect(append_pg_array(array_of(input), ',', write, array) == utf8,
           "whatever is UTF-8 can be an element");
    if (utf8) {
        expect_same("[" + string + "]", array, "an element is what was quoted");
    }
}

}  // namespace cachectl
