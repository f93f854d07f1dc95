#include "dump/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_space = " \t\r\n";
constexpr std::size_t k_mib = 1024 * 1024;

}  // namespace

JsonReader::JsonReader(Source& source, const ReaderOptions& options)
    : m_source(source), m_max_record_bytes(options.max_record_bytes) {}

void JsonReader::fail(std::size_t at, std::string_view what) const {
    const std::string_view before = m_source.window().substr(0, at);
    const auto line = m_line + static_cast<std::uint64_t>(std::ranges::count(before, '\n'));
    throw Error(ExitCode::bad_input,
                fmt::format("{}:{}: {} (byte {} of the input)", m_source.name(), line, what,
                            m_source.offset() + at));
}

void JsonReader::check_length(std::size_t at, std::size_t length) const {
    if (length > m_max_record_bytes) {
        fail(at, m_max_record_bytes < k_mib
                     ? fmt::format("a record is longer than {} bytes", m_max_record_bytes)
                     : fmt::format("a record is longer than {} MiB", m_max_record_bytes / k_mib));
    }
}

RowResult<Next> JsonReader::parse(std::string_view text) {
    if (auto parsed = m_parser.parse_object(text, m_line, m_record); !parsed) {
        parsed.bad_row().keep_text(text);
        return std::move(parsed.bad_row());
    }
    return Next::record;
}

void JsonReader::consume(std::size_t count) {
    m_line +=
        static_cast<std::uint64_t>(std::ranges::count(m_source.window().substr(0, count), '\n'));
    m_source.consume(count);
}

void NdjsonReader::check_truncation(std::string_view line) const {
    const std::size_t begin = line.find_first_not_of(k_space);
    JsonExtent extent;
    if (line[begin] == '{' && extent.scan(line.substr(begin)) == JsonExtent::Result::more) {
        fail(line.size(), "the input ends in the middle of a record");
    }
}

RowResult<Next> NdjsonReader::next() {
    while (true) {
        std::size_t scanned = 0;
        std::size_t length = 0;
        bool last = false;
        while ((length = m_source.window().find('\n', scanned)) == std::string_view::npos) {
            scanned = m_source.window().size();
            check_length(0, scanned);
            if (!m_source.fill()) {
                last = true;
                length = scanned;
                break;
            }
        }
        check_length(0, length);
        const std::string_view line = m_source.window().substr(0, length);
        if (line.find_first_not_of(k_space) != std::string_view::npos) {
            auto result = parse(line);
            if (last && !result) {
                check_truncation(line);
            }
            m_source.consume(last ? length : length + 1);
            ++m_line;
            return result;
        }
        if (last) {
            m_source.consume(length);
            return Next::end;
        }
        m_source.consume(length + 1);
        ++m_line;
    }
}

JsonArrayReader::JsonArrayReader(Source& source, const ReaderOptions& options, Framing framing)
    : JsonReader(source, options),
      m_opener(framing == Framing::array ? '[' : '\0'),
      m_closer(framing == Framing::array ? ']' : '\0') {}

JsonArrayReader::JsonArrayReader(Source& source, const ReaderOptions& options, char opener,
                                 char closer)
    : JsonReader(source, options), m_opener(opener), m_closer(closer) {}

std::string_view JsonArrayReader::format_name() const {
    return m_opener == '\0' ? "JSON objects" : "JSON array";
}

bool JsonArrayReader::skip_space(std::size_t& at) {
    while (true) {
        const std::string_view window = m_source.window();
        while (at < window.size() && k_space.find(window[at]) != std::string_view::npos) {
            ++at;
        }
        if (at < window.size()) {
            return true;
        }
        consume(std::min(at, window.size()));
        at = 0;
        if (!m_source.fill()) {
            return false;
        }
    }
}

std::size_t JsonArrayReader::extent(std::size_t at) {
    m_extent.reset();
    while (true) {
        const auto result = m_extent.scan(m_source.window().substr(at));
        check_length(at, m_extent.length());
        if (result == JsonExtent::Result::complete) {
            return m_extent.length();
        }
        if (result == JsonExtent::Result::mismatched) {
            fail(at + m_extent.length(), "a bracket closes what was not opened");
        }
        if (!m_source.fill()) {
            fail(m_source.window().size(), "the input ends in the middle of a record");
        }
    }
}

/// Goes to the next element; false at the end.
bool JsonArrayReader::seek_element() {
    std::size_t at = 0;
    bool found = skip_space(at);
    if (m_opener == '\0') {
        consume(at);
        return found;
    }
    if (m_state == State::before) {
        if (!found || m_source.window()[at] != m_opener) {
            fail(at, fmt::format("expected '{}'", m_opener));
        }
        found = skip_space(++at);
    } else if (m_state == State::between && found && m_source.window()[at] == ',') {
        found = skip_space(++at);
        if (found && m_source.window()[at] == m_closer) {
            fail(at, fmt::format("a ',' before the closing '{}'", m_closer));
        }
    } else if (m_state == State::between && found && m_source.window()[at] != m_closer) {
        fail(at, fmt::format("expected ',' or '{}'", m_closer));
    }
    if (!found) {
        fail(at, fmt::format("the input ends before the closing '{}'", m_closer));
    }
    if (m_source.window()[at] != m_closer) {
        consume(at);
        return true;
    }
    m_state = State::ended;
    check_end(at + 1);
    return false;
}

void JsonArrayReader::check_end(std::size_t at) {
    if (skip_space(at)) {
        fail(at, fmt::format("more text after the closing '{}'", m_closer));
    }
}

RowResult<Next> JsonArrayReader::take_element() {
    const std::size_t length = extent(0);
    auto result = parse(m_source.window().substr(0, length));
    consume(length);
    return result;
}

RowResult<Next> JsonArrayReader::next() {
    if (m_state == State::ended || !seek_element()) {
        return Next::end;
    }
    m_state = State::between;
    return take_element();
}

JsonObjectReader::JsonObjectReader(Source& source, const ReaderOptions& options)
    : JsonArrayReader(source, options, '{', '}') {}

RowResult<Next> JsonObjectReader::take_element() {
    if (m_source.window().front() != '"') {
        fail(0, "expected a key in double quotes");
    }
    std::size_t at = extent(0);
    const auto go_to = [&](std::string_view what) {
        // Not skip_space(), which drops what it has passed: the key must stay in the window.
        while (true) {
            const std::size_t content = m_source.window().find_first_not_of(k_space, at);
            if (content != std::string_view::npos) {
                at = content;
                return m_source.window()[at];
            }
            check_length(0, m_source.window().size());
            at = m_source.window().size();
            if (!m_source.fill()) {
                fail(at, fmt::format("the input ends before {}", what));
            }
        }
    };
    if (go_to("a ':'") != ':') {
        fail(at, "expected ':' behind the key");
    }
    ++at;
    const char first = go_to("a value");
    if (first == ',' || first == '}' || first == ']') {
        fail(at, "expected a value");
    }
    const std::size_t length = at + extent(at);
    check_length(0, length);
    m_member.assign(1, '{');
    m_member.append(m_source.window().substr(0, length));
    m_member += '}';
    const std::size_t object_length = m_member.size();
    m_member.append(Source::k_padding, '\0');
    auto result = parse(std::string_view(m_member).substr(0, object_length));
    if (result) {
        m_entry.begin(m_line);
        m_entry.add("key", ValueKind::text, m_record.name(0));
        m_entry.add("value", m_record.value(0).kind, m_record.value(0).text);
    }
    consume(length);
    return result;
}

}  // namespace cachectl
