// Audit logs: each line of the input is chained as the program would have chained it, if it begins
// with '+' with its digest right; else it stands as it is. Then one byte of a good log is damaged.
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "audit_log/line.hpp"
#include "audit_log/verify.hpp"
#include "fuzz/feeding.hpp"
#include "fuzz/target.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

AuditLogCheck check(std::string_view log) {
    const std::string path = "/proc/self/fd/" + std::to_string(fuzz_file(log));
    AuditLogCheck result = check_audit_log(path);
    expect(result.lines <= static_cast<std::uint64_t>(std::count(log.begin(), log.end(), '\n')),
           "a line has an end");
    expect(result.unfinished.size() <= result.runs, "what has not ended has begun");
    expect(result.last_digest.empty() == (result.lines == 0), "the last line has a digest");
    if (result.broken) {
        expect(result.broken->line == result.lines + 1, "the first broken line is told");
        expect(!result.broken->message.empty() && !name_of(result.broken->kind).empty(),
               "what is broken is told");
    }
    return result;
}

/// A line whose members are `members`, whatever that is.
std::string chained(const std::optional<std::string>& previous, std::string_view members) {
    std::string line = make_audit_line(previous, [](JsonWriter&) {});
    const std::string_view tail = ",\"sha256\":\"";
    line.resize(line.rfind(tail));
    line += members;
    const std::string digest = line_digest(line);
    return line.append(tail).append(digest).append("\"}");
}

void check_damage(std::string_view input) {
    std::string log;
    std::optional<std::string> previous;
    for (const char* event : {"begin", "end"}) {
        const std::string line = make_audit_line(previous, [&](JsonWriter& json) {
            json.field("event", std::string_view(event));
            json.field("run", input.substr(0, 64));
        });
        previous = line_digest(std::string_view(line).substr(0, line.size() - 1));
        log += line;
    }
    const AuditLogCheck whole = check(log);
    expect(!whole.broken && whole.lines == 2 && whole.unfinished.empty(), "a good log is good");
    const auto first = static_cast<unsigned char>(input.front());
    const auto last = static_cast<unsigned char>(input.back());
    const std::size_t at = (std::size_t{first} << 8 | last) % log.size();
    log[at] = static_cast<char>(log[at] ^ (1 << (first % 8)));
    expect(check(log).broken.has_value(), "a byte that was changed is seen");
}

}  // namespace

void fuzz_audit_log(std::string_view input) {
    if (input.empty()) {
        return;
    }
    std::string log;
    std::optional<std::string> previous;
    for (std::string_view rest = input; !rest.empty();) {
        const std::string_view text = rest.substr(0, rest.find('\n'));
        const bool has_end = text.size() < rest.size();
        rest.remove_prefix(std::min(text.size() + 1, rest.size()));
        const std::string line =
            text.starts_with('+') ? chained(previous, text.substr(1)) : std::string(text);
        read_audit_line(line);
        previous = line_digest(line);
        log.append(line).append(has_end ? "\n" : "");
    }
    begins_as_audit_log(log);
    check(log);
    check_damage(input);
}

}  // namespace cachectl
