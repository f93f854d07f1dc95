#include "fuzz/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "fuzz/json_check.hpp"
#include "fuzz/target.hpp"
#include "support/dump_input.hpp"
#include "warm/rows/encode.hpp"

namespace cachectl {

namespace {

void check_value(const Value& value) {
    switch (value.kind) {
        case ValueKind::null:
            expect(value.text.empty(), "null has no text");
            return;
        case ValueKind::boolean:
            expect(value.text == "true" || value.text == "false", "a boolean is true or false");
            return;
        case ValueKind::number:
            expect(!value.text.empty() && (value.text[0] == '-' || value.text[0] < 'A') &&
                       is_minified_json(value.text),
                   fmt::format("a number is one of JSON: {}", value.text));
            return;
        case ValueKind::json:
            expect((value.text.starts_with('{') || value.text.starts_with('[')) &&
                       is_minified_json(value.text),
                   fmt::format("json is an object or an array: {}", value.text));
            return;
        case ValueKind::text:
            return;
    }
}

class RowChecks {
public:
    explicit RowChecks(std::string_view text)
        : m_last_line(
              1 + static_cast<std::uint64_t>(std::count_if(
                      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }))) {}

    void check_line(std::uint64_t line) {
        expect(line >= m_line, fmt::format("line {} comes behind line {}", m_line, line));
        expect(line <= m_last_line, fmt::format("there is no line {}", line));
        m_line = line;
    }

    void check(const RecordReader& reader) {
        const Record& record = reader.record();
        check_line(record.line());
        std::unordered_set<std::string_view> names;
        for (std::size_t i = 0; i < record.size(); ++i) {
            expect(names.insert(record.name(i)).second,
                   fmt::format("two columns are named {}", record.name(i)));
            check_value(record.value(i));
        }
        if (reader.shape() == RecordShape::row && m_encoder.encode(record, m_encoded)) {
            expect(is_minified_json(m_encoded.parts.at(0)), "a row becomes JSON");
        }
    }

private:
    std::uint64_t m_line = 1;
    std::uint64_t m_last_line;
    Encoder m_encoder{EncodeOptions{}};
    Encoded m_encoded;
};

}  // namespace

FuzzReading read_checked(std::string_view text, const ReaderOptions& options,
                         std::size_t read_bytes, const SeeRecord& see) {
    Source source(fuzz_file(text), "in", read_bytes);
    FuzzReading reading;
    RowChecks checks(text);
    try {
        const auto reader = open_reader(source, options);
        reading.format = reader->format_name();
        for (auto next = reader->next(); next != Next::end; next = reader->next()) {
            if (!next) {
                const BadRow& bad = next.bad_row();
                ++reading.bad_rows;
                checks.check_line(bad.line);
                reading.rows += fmt::format("{}: BAD {}\n", bad.line, bad.reason);
                continue;
            }
            ++reading.records;
            checks.check(*reader);
            reading.rows += describe(reader->record());
            if (see) {
                see(*reader);
            }
        }
        expect(reader->next() == Next::end, "the end stays the end");
    } catch (const Error& error) {
        expect(error.code() == ExitCode::bad_input || error.code() == ExitCode::guard ||
                   error.code() == ExitCode::usage,
               "a dump that cannot be read is bad input");
        reading.error = fmt::format("{} / {}", error.what(), error.hint());
    }
    expect(source.capacity() <= std::max(read_bytes, 4 * (text.size() + 1)) ||
               recognise_packing(text) != Packing::none,
           "the window is no larger than four times the input");
    return reading;
}

namespace {

/// What zlib and zstd say is wrong with damaged data depends on how much of it they were given.
std::string_view without_cause(std::string_view error) {
    constexpr std::string_view k_damaged = "data is damaged";
    const auto at = error.find(k_damaged);
    return at == std::string_view::npos ? error : error.substr(0, at + k_damaged.size());
}

bool is_compressed(std::string_view text) {
    return text.starts_with("\x1f\x8b") || text.starts_with("\x28\xb5\x2f\xfd");
}

}  // namespace

FuzzReading read_twice(std::string_view text, const ReaderOptions& options, const SeeRecord& see) {
    const FuzzReading whole = read_checked(text, options, k_one_read, see);
    const FuzzReading pieces = read_checked(text, options, small_window(text));
    // How much comes before the damage depends on how much is unpacked at a time.
    if (is_compressed(text) && !whole.error.empty() && !pieces.error.empty()) {
        return whole;
    }
    expect_same(whole.rows, pieces.rows, "small reads make no difference to the rows");
    expect_same(without_cause(whole.error), without_cause(pieces.error),
                "small reads make no difference to the error");
    expect_same(whole.format, pieces.format, "small reads make no difference to the format");
    return whole;
}

}  // namespace cachectl
