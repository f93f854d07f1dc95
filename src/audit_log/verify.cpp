#include "audit_log/verify.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "audit_log/line.hpp"
#include "util/error.hpp"
#include "util/file_descriptor.hpp"
#include "util/json_file.hpp"

namespace cachectl {

namespace {

/// The lines of a file as it was when it was opened, between two appends.
class AuditLogReader {
public:
    explicit AuditLogReader(const std::string& path)
        : m_path(path), m_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {
        struct stat facts {};
        if (m_fd.get() < 0 || ::fstat(m_fd.get(), &facts) != 0) {
            fail(std::strerror(errno));
        }
        if (!S_ISREG(facts.st_mode)) {
            fail("it is no regular file");
        }
        // Who appends holds the lock, so that no line is seen half-written.
        ::flock(m_fd.get(), LOCK_SH);
        ::fstat(m_fd.get(), &facts);
        ::flock(m_fd.get(), LOCK_UN);
        m_left = facts.st_size;
    }

    struct Line {
        std::string text;  // without its end
        bool has_end = true;
    };
    /// False at the end.
    bool next(Line& line) {
        line.text.clear();
        while (true) {
            const auto end = m_buffer.find('\n', m_at);
            if (end != std::string::npos) {
                line.text.append(m_buffer, m_at, end - m_at);
                line.has_end = true;
                m_at = end + 1;
                return true;
            }
            line.text.append(m_buffer, m_at);
            if (line.text.size() > k_longest) {
                fail("it has a line that is too long to be one of an audit log");
            }
            if (!fill()) {
                line.has_end = false;
                return !line.text.empty();
            }
        }
    }

private:
    [[noreturn]] void fail(std::string_view why) const {
        throw Error(ExitCode::local_io, fmt::format("cannot read {}: {}", m_path, why));
    }

    bool fill() {
        m_at = 0;
        m_buffer.resize(static_cast<std::size_t>(std::min<off_t>(m_left, k_most)));
        ssize_t n = 0;
        do {
            n = ::read(m_fd.get(), m_buffer.data(), m_buffer.size());
        } while (n < 0 && errno == EINTR);
        if (n < 0) {
            fail(std::strerror(errno));
        }
        m_buffer.resize(static_cast<std::size_t>(n));
        m_left -= n;
        return n != 0;
    }

    static constexpr off_t k_most = off_t{256} * 1024;
    static constexpr std::size_t k_longest = std::size_t{16} * 1024 * 1024;

    std::string m_path;
    FileDescriptor m_fd;
    off_t m_left = 0;
    std::string m_buffer;
    std::size_t m_at = 0;
};

/// The number of the line with that digest; 0 if there is none.
std::uint64_t find_line(const std::string& path, const std::string& digest) {
    AuditLogReader reader(path);
    AuditLogReader::Line line;
    for (std::uint64_t number = 1; reader.next(line); ++number) {
        if (line_digest(line.text) == digest) {
            return number;
        }
    }
    return 0;
}

std::string text_member(const JsonValue& event, std::string_view name) {
    const JsonValue* value = event.find(name);
    return value != nullptr && value->type() == JsonValue::Type::string ? value->as_string()
                                                                        : std::string();
}

class AuditLogChecker {
public:
    explicit AuditLogChecker(const std::string& path) : m_path(path) {}

    AuditLogCheck run() {
        AuditLogReader reader(m_path);
        AuditLogReader::Line line;
        bool is_there = reader.next(line);
        while (is_there && !m_check.broken) {
            const AuditLine read = read_audit_line(line.text);
            const std::string text = std::move(line.text);
            const bool has_end = line.has_end;
            is_there = reader.next(line);
            if (!has_end) {
                broken(BrokenLine::Kind::torn,
                       "is torn: the file ends in the middle of it, as after a crash");
            } else if (read.state != AuditLine::State::whole) {
                judge_damaged(text, read.state, is_there ? &line.text : nullptr);
            } else {
                take(text, read);
            }
        }
        finish();
        return std::move(m_check);
    }

private:
    void broken(BrokenLine::Kind kind, std::string_view what) {
        const std::uint64_t number = m_check.lines + 1;
        m_check.broken = BrokenLine{kind, number, fmt::format("line {} {}", number, what)};
    }

    /// What was cut and is followed by a line that knows its digest was cut when it was written.
    void judge_damaged(const std::string& text, AuditLine::State state, const std::string* next) {
        const auto follower = next == nullptr ? AuditLine() : read_audit_line(*next);
        if (state == AuditLine::State::cut && follower.previous == line_digest(text)) {
            broken(BrokenLine::Kind::torn,
                   "is torn: it was cut off while it was written, as by a crash, and the line "
                   "behind it goes on with the chain");
        } else {
            broken(BrokenLine::Kind::changed, state == AuditLine::State::cut
                                                  ? "was changed: it is no line of an audit log"
                                                  : "was changed: its SHA-256 is another one");
        }
    }

    void take(const std::string& text, const AuditLine& read) {
        if (read.previous != m_previous) {
            judge_place(read.previous);
            return;
        }
        const std::optional<JsonValue> event = event_in(text);
        if (!event) {
            broken(BrokenLine::Kind::changed,
                   "was changed: its SHA-256 is right, but it is not what is written to an audit "
                   "log");
            return;
        }
        m_previous = line_digest(text);
        ++m_check.lines;
        note_event(*event);
    }

    /// Nothing if the line is no object of JSON, which whoever can work out a digest can write.
    [[nodiscard]] std::optional<JsonValue> event_in(const std::string& text) const {
        try {
            JsonValue event = parse_json(text, m_path);
            return event.type() == JsonValue::Type::object ? std::optional(std::move(event))
                                                           : std::nullopt;
        } catch (const Error&) {
            return std::nullopt;
        }
    }

    void judge_place(const std::optional<std::string>& previous) {
        if (!previous) {
            broken(BrokenLine::Kind::reordered,
                   "was the first of a file, and does not follow the line before it");
            return;
        }
        const std::uint64_t found = find_line(m_path, *previous);
        if (found != 0) {
            broken(BrokenLine::Kind::reordered,
                   fmt::format("stands at the wrong place: it was written behind line {}", found));
            return;
        }
        broken(BrokenLine::Kind::missing,
               fmt::format("follows a line that is gone, of SHA-256 {}", *previous));
    }

    void note_event(const JsonValue& event) {
        const std::string name = text_member(event, "event");
        const std::string run = text_member(event, "run");
        if (name == "begin") {
            ++m_check.runs;
            m_open[run] = {m_check.lines, run, text_member(event, "at"),
                           text_member(event, "command")};
        } else {
            m_open.erase(run);
        }
    }

    void finish() {
        m_check.last_digest = m_previous.value_or("");
        for (auto& [run, begun] : m_open) {
            m_check.unfinished.push_back(std::move(begun));
        }
        std::sort(m_check.unfinished.begin(), m_check.unfinished.end(),
                  [](const auto& a, const auto& b) { return a.line < b.line; });
    }

    const std::string& m_path;
    std::optional<std::string> m_previous;
    std::map<std::string, UnfinishedRun> m_open;  // by run
    AuditLogCheck m_check;
};

}  // namespace

std::string_view name_of(BrokenLine::Kind kind) {
    switch (kind) {  // without a default, so that the compiler misses no kind
        case BrokenLine::Kind::changed:
            return "changed";
        case BrokenLine::Kind::torn:
            return "torn";
        case BrokenLine::Kind::missing:
            return "missing";
        case BrokenLine::Kind::reordered:
            return "reordered";
    }
    return "";
}

AuditLogCheck check_audit_log(const std::string& path) { return AuditLogChecker(path).run(); }

}  // namespace cachectl
