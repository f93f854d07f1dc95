#include "warm/reject_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "output/json.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr mode_t k_reject_file_mode = 0600;
constexpr std::string_view k_first_line_start = R"({"file":)";
constexpr std::string_view k_dry_mark = R"(,"dry_run":true)";
constexpr std::string_view k_row = R"(,"row":)";
constexpr std::size_t k_longest_mark = std::size_t{64} << 10;  // where the mark is looked for
// Of a longer file the rows at its end are compared with new ones.
constexpr std::streamoff k_bytes_compared = std::streamoff{16} << 20;

}  // namespace

std::string RejectFile::to_line(const RejectedRow& row) const {
    std::string line;
    Writer writer(line);
    JsonWriter json(writer, JsonLayout::compact);
    json.begin_object();
    json.field("file", row.file);
    json.field("line", row.line);
    json.field("reason", row.reason);
    if (!row.dataset.empty()) {
        json.field("dataset", row.dataset);
    }
    if (m_run == Run::dry) {
        json.field("dry_run", true);
    }
    if (row.row.empty() && !row.text.empty()) {
        json.bytes_field("text", row.text);
    }
    json.end_object();
    writer.flush();
    line.resize(line.rfind('}'));
    if (!row.row.empty()) {
        line.append(k_row).append(row.row);
    }
    return line += '}';
}

RejectFile::RejectFile(std::string path, Existing existing, Run run)
    : m_path(std::move(path)), m_run(run) {
    const bool continues = existing == Existing::continued;
    if (!replace_that_of_a_dry_run() && (!continues || !open_to_continue())) {
        make();
    }
    m_writer.emplace(m_fd);
}

/// False if there is no such file. Within a text of JSON the mark cannot stand, for its quotes
/// would have backslashes before them; but the row may have it as a member.
bool RejectFile::replace_that_of_a_dry_run() {
    const int fd = ::open(m_path.c_str(), O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    struct stat facts {};
    std::string text(k_longest_mark, '\0');
    const bool is_file = ::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
    const ssize_t got = is_file ? ::pread(fd, text.data(), text.size(), 0) : -1;
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    const std::string_view line = std::string_view(text).substr(0, text.find('\n'));
    const std::string_view before_row = line.substr(0, line.find(k_row));
    const bool is_of_a_dry_run = line.starts_with(k_first_line_start) &&
                                 before_row.find(k_dry_mark) != std::string_view::npos;
    if (!is_of_a_dry_run || ::ftruncate(fd, 0) != 0) {
        ::close(fd);
        return false;
    }
    m_fd = fd;
    return true;
}

void RejectFile::make() {
    m_fd = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  k_reject_file_mode);
    if (m_fd >= 0) {
        return;
    }
    const bool exists = errno == EEXIST;
    throw Error(
        ExitCode::local_io,
        "cannot make " + m_path + ": " + std::strerror(errno) + "; nothing was written",
        exists ? "--reject-file never overwrites: name another file, or remove this one" : "");
}

/// False if there is no file of rejected rows.
bool RejectFile::open_to_continue() {
    const int fd = ::open(m_path.c_str(), O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    struct stat facts {};
    char beginning[k_first_line_start.size()] = {};
    const bool is_file = ::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
    const ssize_t got = is_file ? ::pread(fd, beginning, sizeof beginning, 0) : -1;
    const bool is_ours =
        got == 0 || std::string_view(beginning, std::max<ssize_t>(got, 0)) == k_first_line_start;
    if (!is_file || !is_ours) {
        ::close(fd);
        return false;
    }
    m_fd = fd;
    m_is_new = false;
    read_lines();
    return true;
}

// A process that was killed may have left half a line: that is ended first.
void RejectFile::read_lines() {
    std::ifstream file(m_path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file.tellg();
    file.seekg(std::max<std::streamoff>(size - k_bytes_compared, 0));
    std::string line;
    bool is_whole = true;
    while (std::getline(file, line)) {
        is_whole = !file.eof();
        if (is_whole) {
            m_lines.insert(std::move(line));
        }
    }
    if (!is_whole && ::write(m_fd, "\n", 1) != 1) {
        fail(std::strerror(errno));
    }
}

RejectFile::~RejectFile() {
    m_writer.reset();
    struct stat facts {};
    const bool is_empty = ::fstat(m_fd, &facts) == 0 && facts.st_size == 0;
    ::close(m_fd);
    if (m_is_new && is_empty) {
        ::unlink(m_path.c_str());
    }
}

bool RejectFile::has(const std::string& line) {
    const auto found = m_lines.find(line);
    if (found == m_lines.end()) {
        return false;
    }
    m_lines.erase(found);
    return true;
}

void RejectFile::pass(const RejectedRow& row) {
    if (!m_lines.empty()) {
        has(to_line(row));
    }
}

void RejectFile::add(const RejectedRow& row) {
    std::string line = to_line(row);
    if (has(line)) {
        return;
    }
    m_is_synced = false;
    try {
        m_writer->write(line += '\n');
    } catch (const Error& error) {
        fail(error.what());
    }
}

void RejectFile::flush() {
    try {
        m_writer->flush();
    } catch (const Error& error) {
        fail(error.what());
    }
}

void RejectFile::sync() {
    if (std::exchange(m_is_synced, true)) {
        return;
    }
    flush();
    if (::fdatasync(m_fd) != 0 && errno != EINVAL) {
        fail(std::strerror(errno));
    }
}

void RejectFile::fail(const std::string& why) const {
    throw Error(ExitCode::local_io, "cannot write to " + m_path + ": " + why);
}

}  // namespace cachectl
