#include "change/plan_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "util/file_lock.hpp"
#include "util/json_file.hpp"
#include "util/named_error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_format = "2";
constexpr std::string_view k_not_applied_state = "\"not yet\"";
static_assert(k_not_applied_state.size() == k_applied_state.size());

[[noreturn]] void fail_to_write(const std::string& path) {
    throw Error(ExitCode::local_io, fmt::format("cannot write {}: {}", path, std::strerror(errno)),
                errno == EEXIST ? "a plan never overwrites: name another file" : "");
}

[[noreturn]] void refuse(const std::string& message, const std::string& id,
                         const std::string& hint = "plan anew") {
    throw NamedError({ExitCode::guard, message + "; nothing was changed", hint}, id);
}

std::int64_t to_ms(WallTime time) { return time.time_since_epoch().count(); }

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name);
    json.begin_array();
    for (const std::string& text : texts) {
        json.value(std::string_view(text));
    }
    json.end_array();
}

// What comes from a server, or from the file system, is of any bytes, which JSON does not hold:
// it is escaped in the file.

void write_names(JsonWriter& json, std::string_view name, std::vector<std::string> names) {
    std::transform(names.begin(), names.end(), names.begin(),
                   [](const std::string& text) { return escape_for_terminal(text); });
    write_texts(json, name, names);
}

std::vector<std::string> names_of(const JsonValue& value) {
    std::vector<std::string> names;
    for (const JsonValue& text : value.as_array()) {
        names.push_back(unescape(text.as_string()));
    }
    return names;
}

WallTime time_of(const JsonValue& value) {
    return WallTime(std::chrono::milliseconds(value.as_count()));
}

std::vector<std::string> texts_of(const JsonValue& value) {
    std::vector<std::string> texts;
    for (const JsonValue& text : value.as_array()) {
        texts.push_back(text.as_string());
    }
    return texts;
}

unsigned database_of(const JsonValue& value) {
    const std::int64_t database = value.as_count();
    if (database > std::numeric_limits<int>::max()) {
        value.fail("is no database of a server");
    }
    return static_cast<unsigned>(database);
}

std::string_view without_quotes(std::string_view text) { return text.substr(1, text.size() - 2); }

/// Where the value of "state" stands. Throws Error(bad_input) for a plan that was laid out
/// otherwise than by us: what is written there would not say that it was carried out.
std::size_t find_state(std::string_view text, const std::string& path) {
    constexpr std::string_view k_name = "\"state\": ";
    const auto at = text.find(fmt::format("{}{}", k_name, k_not_applied_state));
    if (at != std::string_view::npos) {
        std::string applied(text);
        applied.replace(at + k_name.size(), k_applied_state.size(), k_applied_state);
        if (parse_json(applied, path).at("state").as_string() == without_quotes(k_applied_state)) {
            return at + k_name.size();
        }
    }
    throw Error(ExitCode::bad_input, path + " is not as --plan wrote it");
}

Plan from_json(const JsonValue& root) {
    Plan plan;
    plan.command = root.at("command").as_text();
    for (const JsonMember& option : root.at("options").as_object()) {
        plan.options.emplace_back(option.name, texts_of(option.value));
        if (plan.options.back().second.empty()) {
            option.value.fail("has no value");
        }
    }
    plan.protected_patterns = texts_of(root.at("protected_patterns"));
    plan.list_digest = root.at("list_sha256").as_string();
    plan.context = root.at("context").as_string();
    plan.target = unescape(root.at("target").as_text());
    plan.database = database_of(root.at("database"));
    plan.servers = texts_of(root.at("servers"));
    plan.made_at = time_of(root.at("made_at_ms"));
    plan.valid_until = time_of(root.at("valid_until_ms"));
    plan.keys = static_cast<std::uint64_t>(root.at("keys").as_count());
    for (const JsonMember& row : root.at("namespaces").as_object()) {
        plan.namespaces.emplace_back(unescape(row.name),
                                     static_cast<std::uint64_t>(row.value.as_count()));
    }
    plan.sample = names_of(root.at("sample"));
    return plan;
}

void write_at(int fd, std::string_view bytes, std::size_t offset, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t done = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (done == 0 || (done < 0 && errno != EINTR)) {
            fail_to_write(path);
        }
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(done, 0)));
        offset += static_cast<std::size_t>(std::max<ssize_t>(done, 0));
    }
    if (::fsync(fd) != 0) {
        fail_to_write(path);
    }
}

}  // namespace

std::string to_text(const Plan& plan) {
    std::string text;
    Writer out(text);
    JsonWriter json(out, JsonLayout::lines);
    json.begin_object();
    json.field("cachectl_plan", k_format);
    json.field("state", std::string_view("not yet"));
    json.field("command", std::string_view(plan.command));
    json.key("options");
    json.begin_object();
    for (const auto& [name, values] : plan.options) {
        write_texts(json, name, values);
    }
    json.end_object();
    write_texts(json, "protected_patterns", plan.protected_patterns);
    json.field("list_sha256", std::string_view(plan.list_digest));
    json.field("context", std::string_view(plan.context));
    json.field("target", std::string_view(escape_for_terminal(plan.target)));
    json.field("database", plan.database);
    write_texts(json, "servers", plan.servers);
    json.field("made_at", std::string_view(format_utc(plan.made_at).value_or("")));
    json.field("made_at_ms", to_ms(plan.made_at));
    json.field("valid_until", std::string_view(format_utc(plan.valid_until).value_or("")));
    json.field("valid_until_ms", to_ms(plan.valid_until));
    json.field("keys", plan.keys);
    json.key("namespaces");
    json.begin_object();
    for (const auto& [name, keys] : plan.namespaces) {
        json.field(escape_for_terminal(name), keys);
    }
    json.end_object();
    write_names(json, "sample", plan.sample);
    json.end_object();
    out.flush();
    return text;
}

ParsedPlan parse_plan(std::string_view text, const std::string& path) {
    try {
        const JsonValue root = parse_json(text, path);
        if (root.at("cachectl_plan").as_string() != k_format) {
            root.at("cachectl_plan").fail("is of another version of cachectl");
        }
        if (root.at("state").as_string() != without_quotes(k_not_applied_state)) {
            refuse(path + " was carried out before", "guard-plan-used");
        }
        return {from_json(root), find_state(text, path)};
    } catch (const NamedError&) {
        throw;
    } catch (const Error& error) {
        throw Error(ExitCode::bad_input, error.what(), "cachectl's --plan writes plans");
    }
}

void write_plan(const std::string& path, const Plan& plan) {
    const FileDescriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0) {
        fail_to_write(path);
    }
    write_at(file.get(), to_text(plan), 0, path);
}

PlanFile::PlanFile(std::string path) : m_path(std::move(path)) { read(open()); }

std::size_t PlanFile::open() {
    m_fd = FileDescriptor(::open(m_path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    struct stat facts {};
    const bool is_denied = m_fd.get() < 0 && (errno == EACCES || errno == EPERM);
    if (is_denied && ::stat(m_path.c_str(), &facts) == 0 && facts.st_uid != ::geteuid()) {
        refuse(m_path +
                   " is another user's: who applies a plan writes into it that it was carried "
                   "out",
               "guard-plan");
    }
    if (m_fd.get() < 0 || ::fstat(m_fd.get(), &facts) != 0) {
        throw Error(ExitCode::bad_input,
                    fmt::format("cannot read {}: {}", m_path, std::strerror(errno)));
    }
    // A plan whose namespaces are as many and as long as they can be takes half of it.
    constexpr off_t k_most_bytes = off_t{64} << 20;
    if (!S_ISREG(facts.st_mode) || facts.st_size > k_most_bytes) {
        throw Error(ExitCode::bad_input, m_path + " is no plan");
    }
    if (facts.st_uid != ::geteuid() || (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refuse(m_path + " can be written by others", "guard-plan");
    }
    if (!try_lock(m_fd.get())) {
        if (errno != EWOULDBLOCK) {
            throw Error(ExitCode::local_io,
                        fmt::format("cannot lock {}: {}", m_path, std::strerror(errno)));
        }
        refuse("another process is carrying out " + m_path, "guard-plan-used");
    }
    return static_cast<std::size_t>(facts.st_size);
}

void PlanFile::read(std::size_t bytes) {
    std::string text(bytes, '\0');
    const ssize_t got = ::pread(m_fd.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    ParsedPlan parsed = parse_plan(text, m_path);
    m_plan = std::move(parsed.plan);
    m_mark_at = parsed.state_at;
}

void PlanFile::check_time(WallTime now) const {
    // A clock that has gone back makes no plan younger.
    if (now > m_plan.valid_until || now < m_plan.made_at) {
        refuse(fmt::format("{} was valid from {} to {}", m_path,
                           format_utc(m_plan.made_at).value_or("?"),
                           format_utc(m_plan.valid_until).value_or("?")),
               "guard-plan-expired");
    }
}

void PlanFile::mark_applied() const { write_at(m_fd.get(), k_applied_state, m_mark_at, m_path); }

}  // namespace cachectl
