// JSON files that people write (configuration, policy): comments allowed, and every mistake in
// one, of syntax or of sense, is Error(usage, "FILE:LINE: …"), because each value knows its line.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

struct JsonMember;

/// One value of a file. The as_… functions throw Error(usage) with file and line when the value
/// is of another type.
class JsonValue {
public:
    enum class Type { null, boolean, number, string, array, object };

    [[nodiscard]] Type type() const { return m_type; }
    [[nodiscard]] int line() const { return m_line; }

    [[nodiscard]] bool as_bool() const;
    [[nodiscard]] const std::string& as_string() const;
    /// As as_string(), and the string is not empty.
    [[nodiscard]] const std::string& as_text() const;
    [[nodiscard]] const std::vector<JsonValue>& as_array() const;
    [[nodiscard]] const std::vector<JsonMember>& as_object() const;
    /// A number, as it was written; an integer without what it does not need.
    [[nodiscard]] const std::string& number_text() const;
    /// A whole number, 0 or more.
    [[nodiscard]] std::int64_t as_count() const;
    /// An array of strings, none of them empty.
    [[nodiscard]] std::vector<std::string> as_texts() const;

    /// The member of that name, or null if this object has none.
    [[nodiscard]] const JsonValue* find(std::string_view name) const;
    /// The member of that name; Error(usage) if this object has none.
    [[nodiscard]] const JsonValue& at(std::string_view name) const;
    /// Error(usage) for a member of any other name, with the nearest of `names` as a hint.
    void allow_only(std::initializer_list<std::string_view> names) const;

    /// Throws Error(usage, "FILE:LINE: 'NAME' MESSAGE"), NAME being e.g. "keys[0].ttl".
    [[noreturn]] void fail(std::string_view message, std::string hint = {}) const;

private:
    friend class JsonTreeBuilder;

    Type m_type = Type::null;
    bool m_bool = false;
    int m_line = 0;
    std::string m_name;  // empty for the whole file
    std::string m_text;  // of a string, or of a number
    std::vector<JsonValue> m_elements;
    std::vector<JsonMember> m_members;
    std::shared_ptr<const std::string> m_file;
};

struct JsonMember {
    std::string name;
    JsonValue value;
};

/// Whether an object may have a name twice: people's may not; our own may, where names that differ
/// only in what is no UTF-8 are written alike.
enum class Names { once, repeated };

/// Parses `text`; `file` is what messages call it. Nesting deeper than 64 and text behind the
/// value are errors too.
JsonValue parse_json(std::string_view text, const std::string& file, Names names = Names::once);

/// Who may be able to write to a file that is believed.
enum class Writers { anyone, owner_only };

/// Reads and parses the file. Error(usage) if it cannot be read, is larger than 16 MiB, or is a
/// regular file that others than its owner may write to although `writers` says owner_only.
JsonValue read_json_file(const std::string& path, Writers writers = Writers::anyone);

}  // namespace cachectl
