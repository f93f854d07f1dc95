// The members of a JSON object, or the elements of an array, one after the other, without parsing
// what is in them. The text may be cut: then the last one is what there is of it.
#pragma once

#include <string>
#include <string_view>

#include "dump/json_extent.hpp"

namespace cachectl {

class JsonMembers {
public:
    /// `json` begins with '{' or '['.
    explicit JsonMembers(std::string_view json) : m_json(json), m_object(json.front() == '{') {}

    /// Goes to the next one; false behind the last one, and where the text is cut or is no JSON.
    bool next();
    /// Of an object: with its quotes, as it stands there.
    [[nodiscard]] std::string_view name() const { return m_name; }
    /// Never empty.
    [[nodiscard]] std::string_view value() const { return m_value; }
    /// After next() was false: the closing bracket is there.
    [[nodiscard]] bool complete() const { return m_complete; }

private:
    bool skip_space();
    bool take(std::string_view& value);

    std::string_view m_json;
    bool m_object;
    std::size_t m_at = 0;
    std::string_view m_name;
    std::string_view m_value;
    bool m_complete = false;
    bool m_ended = false;
    JsonExtent m_extent;
};

/// The text of a JSON string, given with its quotes: within them, or in `scratch`.
std::string_view json_string(std::string_view quoted, std::string& scratch);

}  // namespace cachectl
