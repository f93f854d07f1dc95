// Dumps for tests: a text as a Source of any read size, and what a reader makes of it as plain
// text, so that a test compares with one literal.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

#include "dump/reader.hpp"
#include "dump/source.hpp"
#include "util/error.hpp"

namespace cachectl {

/// An unnamed temporary file with a text in it.
class TextFile {
public:
    explicit TextFile(std::string_view text) : m_file(std::tmpfile()) {
        if (m_file == nullptr || std::fwrite(text.data(), 1, text.size(), m_file) != text.size() ||
            std::fflush(m_file) != 0 || ::lseek(fd(), 0, SEEK_SET) != 0) {
            throw std::runtime_error("cannot write a temporary file");
        }
    }
    TextFile(const TextFile&) = delete;
    TextFile& operator=(const TextFile&) = delete;
    ~TextFile() { std::fclose(m_file); }
    [[nodiscard]] int fd() const { return ::fileno(m_file); }

private:
    std::FILE* m_file;
};

inline std::string_view kind_name(ValueKind kind) {
    constexpr std::string_view k_names[] = {"null", "boolean", "number", "text", "json"};
    return k_names[static_cast<int>(kind)];
}

/// "1: id=number 7, title=text Ada\n"
inline std::string describe(const Record& record) {
    std::string text = fmt::format("{}:", record.line());
    for (std::size_t i = 0; i < record.size(); ++i) {
        const Value& value = record.value(i);
        text += fmt::format("{} {}={}", i == 0 ? "" : ",", record.name(i), kind_name(value.kind));
        if (!value.text.empty()) {
            text += ' ';
            text += value.text;
        }
    }
    return text + '\n';
}

struct DumpReading {
    std::string rows;   // a line for each row, good or bad
    int records = 0;    // the good ones
    std::string error;  // of the Error that ended it
    std::string hint;
    std::string format;
    std::string warning;
};

/// Reads all of `text` as the file "in", `read_bytes` at a time.
inline DumpReading read_all(std::string_view text, const ReaderOptions& options = {},
                            std::size_t read_bytes = Source::k_read_bytes) {
    const TextFile file(text);
    Source source(file.fd(), "in", read_bytes);
    DumpReading reading;
    try {
        const auto reader = open_reader(source, options);
        reading.format = reader->format_name();
        while (true) {
            const auto next = reader->next();
            if (next == Next::end) {
                break;
            }
            if (next) {
                ++reading.records;
                reading.rows += describe(reader->record());
            } else {
                const BadRow& bad = next.bad_row();
                reading.rows += fmt::format("{}: BAD {}\n", bad.line, bad.reason);
            }
        }
        for (const std::string& warning : reader->warnings()) {
            reading.warning += (reading.warning.empty() ? "" : "\n") + warning;
        }
    } catch (const Error& error) {
        reading.error = error.what();
        reading.hint = error.hint();
        if (error.code() != ExitCode::bad_input) {
            throw;
        }
    }
    return reading;
}

/// The same with a format said.
inline DumpReading read_as(DumpFormat format, std::string_view text) {
    return read_all(text, ReaderOptions{.format = format});
}

/// The only record of a text; throws if there is not exactly one.
class OneRecord {
public:
    explicit OneRecord(std::string_view text, const ReaderOptions& options = {})
        : m_file(text), m_source(m_file.fd(), "in"), m_reader(open_reader(m_source, options)) {
        const auto next = m_reader->next();
        if (next != Next::record) {
            throw std::runtime_error("not a record: " + (next ? "" : next.bad_row().reason));
        }
    }
    [[nodiscard]] const Record& operator*() const { return m_reader->record(); }

private:
    TextFile m_file;
    Source m_source;
    std::unique_ptr<RecordReader> m_reader;
};

}  // namespace cachectl
