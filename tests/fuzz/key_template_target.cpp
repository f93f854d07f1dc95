// Templates: the input is a template and, behind a line break, NDJSON records to fill it with.
#include "warm/rows/key_template.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

std::string with_doubled_braces(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result.append(c == '{' || c == '}' ? 2 : 1, c);
    }
    return result;
}

/// What the template is to become, made by replacing each column's place in the text. Nothing where
/// a column is within another: {user.id}.
std::optional<std::string> filled(std::string_view text, const Record& record) {
    std::string result;
    while (!text.empty()) {
        if (text.starts_with("{{") || text.starts_with("}}")) {
            result += text[0];
            text.remove_prefix(2);
        } else if (text[0] == '{') {
            const std::size_t end = text.find('}');
            const auto* const value = record.find(text.substr(1, end - 1));
            if (value == nullptr) {
                return std::nullopt;
            }
            result += value->text;
            text.remove_prefix(end + 1);
        } else {
            result += text[0];
            text.remove_prefix(1);
        }
    }
    return result;
}

void check_literal(std::string_view text, const Record& record) {
    if (text.empty()) {
        return;
    }
    const KeyTemplate literal = KeyTemplate::parse(with_doubled_braces(text));
    std::string out;
    expect(literal.columns().empty() && literal.render(record, out), "doubled braces are text");
    expect_same(text, out, "a text with its braces doubled is itself");
}

void check_columns(const Record& record) {
    for (std::size_t i = 0; i < record.size(); ++i) {
        std::string out;
        const auto column = KeyTemplate::of_column(record.name(i), KeyTemplate::Use::value);
        const bool rendered(column.render(record, out));
        expect(rendered == (record.value(i).kind != ValueKind::null) || record.name(i).empty(),
               "a column alone has any value but null");
        if (rendered && !record.name(i).empty()) {
            expect_same(record.value(i).text, out, "a column alone is its value");
        }
    }
}

}  // namespace

void fuzz_key_template(std::string_view input) {
    // Formats have a test of their own.
    const std::string_view text = input.substr(0, input.find_first_of("\n:"));
    const std::string_view records = input.substr(std::min(text.size() + 1, input.size()));
    check_literal(text, Record());
    for (const auto use : {KeyTemplate::Use::key, KeyTemplate::Use::value}) {
        try {
            const KeyTemplate key = KeyTemplate::parse(text, use);
            read_checked(
                records, {.format = DumpFormat::ndjson}, k_one_read,
                [&](const RecordReader& reader) {
                    std::string out;
                    const Record& record = reader.record();
                    check_columns(record);
                    if (const auto rendered = key.render(record, out)) {
                        expect_same(filled(text, record).value_or(out), out, "a filled template");
                    } else {
                        expect(rendered.bad_row().reason.find("column '") != std::string::npos,
                               "a refusal names the column");
                    }
                });
        } catch (const Error& error) {
            expect(error.code() == ExitCode::usage, "a bad template is a mistake of the user's");
        }
    }
}

}  // namespace cachectl
