// JSON (RFC 8259) written as it comes: an array of a million elements needs no memory, only the
// nesting is held. All commands' JSON goes through here, so it looks the same everywhere.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "output/format.hpp"
#include "output/writer.hpp"

namespace cachectl {

enum class JsonLayout {
    /// An object's fields and an array's elements stand on lines of their own, indented; an object
    /// or array inside an array stands on one line, so that `head`, `grep` and `diff` see elements.
    lines,
    /// No white space, and a newline after each whole value: a sequence of them is NDJSON.
    compact,
};

/// That of Format::json and Format::ndjson.
constexpr JsonLayout layout_of(Format format) {
    return format == Format::json ? JsonLayout::lines : JsonLayout::compact;
}

/// The caller keeps to the grammar (checked by assert): in an object, key() before each value.
/// Everything throws what Writer throws.
class JsonWriter {
public:
    JsonWriter(Writer& out, JsonLayout layout) : m_out(out), m_layout(layout) {}

    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }
    void key(std::string_view name);

    /// Text: what is invalid UTF-8 becomes U+FFFD, one for each maximal invalid subpart. What a
    /// terminal would act on is written \uNNNN, which is the same text to a JSON parser.
    void value(std::string_view text);
    void value(std::nullptr_t);
    void value(std::same_as<bool> auto yes) { literal(yes ? "true" : "false"); }
    void value(std::signed_integral auto n) { integer(static_cast<std::int64_t>(n)); }
    void value(std::unsigned_integral auto n) requires(!std::same_as<decltype(n), bool>) {
        integer(static_cast<std::uint64_t>(n));
    }
    /// The shortest text that reads back as the same number; null for infinities and NaN.
    void value(double number);
    /// A number or truth value that is written already, by JSON's grammar: it stays as it is.
    void literal(std::string_view text);
    /// null if there is none
    template <typename T>
    void value(const std::optional<T>& maybe) {
        maybe ? value(*maybe) : value(nullptr);
    }

    template <typename T>
    void field(std::string_view name, const T& content) {
        key(name);
        value(content);
    }

    /// A Redis key or value: "NAME": its text, and if that is not UTF-8, "NAME_base64": its bytes.
    void bytes_field(std::string_view name, std::string_view bytes);

private:
    enum class Kind { object, array };
    struct Level {
        Kind kind;
        bool on_one_line;
        bool empty = true;
    };

    void begin(char bracket);
    void end(char bracket);
    void integer(std::int64_t n);
    void integer(std::uint64_t n);
    void string(std::string_view text);
    void before_value();
    void after_value();
    void next_item(Level& level);
    void line_break(std::size_t depth);

    Writer& m_out;
    JsonLayout m_layout;
    bool m_after_key = false;
    std::vector<Level> m_levels;
};

}  // namespace cachectl
