// A line of an audit log: a JSON object whose first member is the SHA-256 of the line before, and
// whose last one is its own. So a line that was changed is known by itself, and one that is missing
// or stands elsewhere by the line that follows it.
//
//   {"previous":null,"at":"2026-01-31T10:00:00Z","event":"begin",…,"sha256":"6f…"}
//   {"previous":"c1…","at":"2026-01-31T10:00:02Z","event":"end",…,"sha256":"0a…"}
//
// "previous" is what sha256sum(1) says of the line before without its line end. "sha256" is that of
// the same line up to the comma before it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "output/json.hpp"

namespace cachectl {

/// Writes the members of one event into an object that has been begun.
using WriteMembers = std::function<void(JsonWriter&)>;

/// The line, with its line end. `previous` is the line_digest() of the line before; nothing: it is
/// the first of its file.
std::string make_audit_line(const std::optional<std::string>& previous, const WriteMembers& write);

/// 64 hexadecimal digits, of a line without its line end.
std::string line_digest(std::string_view line);

struct AuditLine {
    enum class State {
        whole,
        cut,      // it does not end as lines end
        changed,  // it does, and its SHA-256 is another one
    };
    State state = State::cut;
    std::optional<std::string> previous;  // if it is whole
};

/// `line` is without its line end. Never throws of what is in it.
AuditLine read_audit_line(std::string_view line);

/// Whether a file that begins with `text` can be an audit log, be it one whose first line was cut.
bool begins_as_audit_log(std::string_view text);

}  // namespace cachectl
