#include "util/json_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

/// Where the lexer stands. It reads one byte beyond a number before it reports it, so the line
/// before the last byte is kept as well.
struct JsonPosition {
    int line = 1;
    int line_before = 1;

    void advance(char byte) {
        line_before = line;
        if (byte == '\n') {
            ++line;
        }
    }
};

namespace {

constexpr std::size_t k_max_file_bytes = 16 * 1024 * 1024;
constexpr std::size_t k_max_depth = 64;

/// Iterates over the text and keeps count of the lines; nlohmann's lexer may copy it.
class CountingIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountingIterator(const char* at, JsonPosition* position) : m_at(at), m_position(position) {}

    reference operator*() const { return *m_at; }
    CountingIterator& operator++() {
        m_position->advance(*m_at++);
        return *this;
    }
    CountingIterator operator++(int) {
        CountingIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
        return a.m_at == b.m_at;
    }

private:
    const char* m_at;
    JsonPosition* m_position;
};

[[noreturn]] void fail_at(const std::string& file, int line, std::string_view message) {
    throw Error(ExitCode::usage, fmt::format("{}:{}: {}", file, line, message));
}

/// nlohmann's message without its prefix and without "last read: '…'", which may be a password.
std::string syntax_message(std::string what) {
    if (const std::size_t start = what.find("syntax error"); start != std::string::npos) {
        what.erase(0, start);
    }
    return what.substr(0, what.find("; last read:"));
}

}  // namespace

/// nlohmann's SAX events, turned into the tree. The pointers on the stack stay valid because only
/// the innermost open value grows.
class JsonTreeBuilder {
public:
    JsonTreeBuilder(const std::string& file, const JsonPosition& position, Names names)
        : m_file(std::make_shared<const std::string>(file)),
          m_position(position),
          m_only_once(names == Names::once) {}

    bool null() { return add(JsonValue::Type::null, m_position.line), true; }
    bool boolean(bool value) {
        add(JsonValue::Type::boolean, m_position.line).m_bool = value;
        return true;
    }
    bool number_integer(std::int64_t value) { return add_number(std::to_string(value)); }
    bool number_unsigned(std::uint64_t value) { return add_number(std::to_string(value)); }
    bool number_float(double, const std::string& text) { return add_number(text); }
    bool string(std::string& value) {
        add(JsonValue::Type::string, m_position.line).m_text = value;
        return true;
    }
    bool binary(nlohmann::json::binary_t&) { return false; }
    bool start_object(std::size_t) { return open(JsonValue::Type::object); }
    bool start_array(std::size_t) { return open(JsonValue::Type::array); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string& name) {
        if (m_only_once && !m_names.back().insert(name).second) {
            fail_at(*m_file, m_position.line,
                    fmt::format("'{}' is given twice; first in line {}", name,
                                m_open.back()->find(name)->line()));
        }
        m_key = name;
        return true;
    }

    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) {
        fail_at(*m_file, m_position.line_before, syntax_message(error.what()));
    }

    JsonValue take() { return std::move(m_root); }

private:
    bool add_number(std::string text) {
        add(JsonValue::Type::number, m_position.line_before).m_text = std::move(text);
        return true;
    }

    JsonValue& add(JsonValue::Type type, int line) {
        JsonValue* value = &m_root;
        if (!m_open.empty()) {
            JsonValue& parent = *m_open.back();
            if (parent.m_type == JsonValue::Type::object) {
                value = &parent.m_members.emplace_back(JsonMember{m_key, {}}).value;
                value->m_name = parent.m_name.empty() ? m_key : parent.m_name + '.' + m_key;
            } else {
                const std::size_t index = parent.m_elements.size();
                value = &parent.m_elements.emplace_back();
                value->m_name = fmt::format("{}[{}]", parent.m_name, index);
            }
        }
        value->m_type = type;
        value->m_line = line;
        value->m_file = m_file;
        return *value;
    }

    bool open(JsonValue::Type type) {
        if (m_open.size() == k_max_depth) {
            fail_at(*m_file, m_position.line,
                    fmt::format("nested deeper than {} levels", k_max_depth));
        }
        m_open.push_back(&add(type, m_position.line));
        m_names.emplace_back();
        return true;
    }

    bool close() {
        m_open.pop_back();
        m_names.pop_back();
        return true;
    }

    std::shared_ptr<const std::string> m_file;
    const JsonPosition& m_position;
    bool m_only_once;
    JsonValue m_root;
    std::vector<JsonValue*> m_open;
    std::vector<std::unordered_set<std::string>> m_names;  // of each, what it has so far
    std::string m_key;
};

std::int64_t JsonValue::as_count() const {
    const std::string& text = number_text();
    std::int64_t count = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (fault != std::errc() || end != text.data() + text.size() || count < 0) {
        fail("must be a whole number");
    }
    return count;
}

void JsonValue::fail(std::string_view message, std::string hint) const {
    const std::string subject = m_name.empty() ? "the file" : fmt::format("'{}'", m_name);
    throw Error(ExitCode::usage, fmt::format("{}:{}: {} {}", *m_file, m_line, subject, message),
                std::move(hint));
}

JsonValue parse_json(std::string_view text, const std::string& file, Names names) {
    JsonPosition position;
    JsonTreeBuilder builder(file, position, names);
    const CountingIterator begin(text.data(), &position);
    const CountingIterator end(text.data() + text.size(), &position);
    nlohmann::json::sax_parse(begin, end, &builder, nlohmann::json::input_format_t::json,
                              /*strict=*/true, /*ignore_comments=*/true);
    return builder.take();
}

JsonValue read_json_file(const std::string& path, Writers writers) {
    const auto fail = [&](std::string_view why) {
        throw Error(ExitCode::usage, fmt::format("cannot read {}: {}", path, why));
    };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                               std::fclose);
    if (file == nullptr) {
        fail(std::strerror(errno));
    }
    struct stat facts {};
    const bool is_open_to_others = ::fstat(::fileno(file.get()), &facts) == 0 &&
                                   S_ISREG(facts.st_mode) &&
                                   (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (writers == Writers::owner_only && is_open_to_others) {
        throw Error(ExitCode::usage,
                    fmt::format("{} may be changed by others (mode {:04o})", path,
                                static_cast<unsigned>(facts.st_mode & 07777)),
                    fmt::format("chmod go-w {}", path));
    }
    std::string text;
    char block[16 * 1024];
    while (const std::size_t n = std::fread(block, 1, sizeof block, file.get())) {
        text.append(block, n);
        if (text.size() > k_max_file_bytes) {
            fail("it is larger than 16 MiB");
        }
    }
    if (std::ferror(file.get()) != 0) {
        fail(std::strerror(errno));
    }
    return parse_json(text, path);
}

}  // namespace cachectl
