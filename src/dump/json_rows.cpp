#include "dump/json_rows.hpp"

#include <fmt/format.h>

#include "dump/json_members.hpp"
#include "dump/json_pointer.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

char closer_of(char opener) { return opener == '{' ? '}' : ']'; }

}  // namespace

JsonRowsReader::JsonRowsReader(Source& source, const ReaderOptions& options)
    : JsonArrayReader(source, options, Framing::array), m_pointer(options.rows) {
    for (const std::string& name : parse_json_pointer(m_pointer)) {
        enter(name);
    }
    const char first = first_of_value();
    if (first != '[') {
        not_there(first == '{' ? "there is an object, and no array of records"
                               : "there is no array of records");
    }
}

void JsonRowsReader::not_there(const std::string& what, std::string hint) const {
    throw Error(ExitCode::bad_input,
                fmt::format("{}:{}: --rows {}: {}", m_source.name(), m_line, m_pointer, what),
                std::move(hint));
}

/// What the window begins with once whitespace has been passed.
char JsonRowsReader::first_of_value() {
    std::size_t at = 0;
    if (!skip_space(at)) {
        fail(at, "the input ends too early");
    }
    consume(at);
    return m_source.window().front();
}

void JsonRowsReader::expect(char wanted) {
    if (first_of_value() != wanted) {
        fail(0, fmt::format("expected '{}'", wanted));
    }
    consume(1);
}

void JsonRowsReader::enter(const std::string& name) {
    const char opener = first_of_value();
    if (opener != '{' && opener != '[') {
        not_there(fmt::format("'{}' is in no object and no array", name));
    }
    consume(1);
    m_entered.push_back({opener, name});
    if (opener == '{') {
        find_member(name);
    } else {
        find_element(name);
    }
}

void JsonRowsReader::find_member(const std::string& name) {
    constexpr std::size_t k_shown = 8;
    std::string known;
    std::size_t count = 0;
    while (first_of_value() != '}') {
        if (count != 0) {
            expect(',');
        }
        const std::string here = take_name();
        if (here == name) {
            return;
        }
        if (++count <= k_shown) {
            known += (known.empty() ? "" : ", ") + here;
        }
        skip_value();
    }
    if (count > k_shown) {
        known += fmt::format(" and {} more", count - k_shown);
    }
    not_there(fmt::format("there is no '{}'", name),
              known.empty() ? "" : "what there is: " + known);
}

void JsonRowsReader::find_element(const std::string& name) {
    const bool number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
    if (!number || name.size() > 18 || (name.size() > 1 && name[0] == '0')) {
        not_there(fmt::format("'{}' is in an array, and no number of an element", name));
    }
    const std::uint64_t wanted = std::stoull(name);
    for (std::uint64_t index = 0; first_of_value() != ']'; ++index) {
        if (index != 0) {
            expect(',');
        }
        if (index == wanted) {
            return;
        }
        skip_value();
    }
    not_there(fmt::format("the array has no element {}", name));
}

/// A member's name, with the ':' behind it.
std::string JsonRowsReader::take_name() {
    if (first_of_value() != '"') {
        fail(0, "expected a name in double quotes");
    }
    const std::size_t length = extent(0);
    std::string scratch;
    std::string name(json_string(m_source.window().substr(0, length), scratch));
    consume(length);
    expect(':');
    return name;
}

void JsonRowsReader::skip_value() {
    first_of_value();
    m_skipped.reset();
    while (true) {
        const auto result = m_skipped.scan(m_source.window());
        if (result == JsonExtent::Result::complete) {
            consume(m_skipped.length());
            return;
        }
        if (result == JsonExtent::Result::mismatched) {
            fail(m_skipped.length(), "a bracket closes what was not opened");
        }
        consume(m_skipped.forget(m_source.window()));
        if (!m_source.fill()) {
            fail(m_source.window().size(), "the input ends in the middle of a value");
        }
    }
}

/// To the bracket that closes what was entered. A second member of the name that led to the rows
/// may be the one that is meant: others take the last.
void JsonRowsReader::skip_rest(const Entered& entered) {
    const char closer = closer_of(entered.opener);
    while (first_of_value() != closer) {
        expect(',');
        if (entered.opener == '{' && take_name() == entered.name) {
            not_there(fmt::format("there is a second '{}' beside that one", entered.name));
        }
        skip_value();
    }
    consume(1);
}

/// Behind the records the rest of the text must be there too: who knows where it was cut?
void JsonRowsReader::check_end(std::size_t at) {
    consume(at);
    while (!m_entered.empty()) {
        skip_rest(m_entered.back());
        m_entered.pop_back();
    }
    JsonArrayReader::check_end(0);
}

}  // namespace cachectl
