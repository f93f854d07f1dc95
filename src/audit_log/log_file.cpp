#include "audit_log/log_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <thread>

#include "util/file_descriptor.hpp"
#include "util/named_error.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_longest_line = std::size_t{16} * 1024 * 1024;
constexpr off_t k_block = 16 * 1024;

[[noreturn]] void fail(const std::string& path, std::string_view why, std::string hint = {}) {
    throw NamedError(
        {ExitCode::local_io, fmt::format("cannot write to the audit log {}: {}", path, why),
         std::move(hint)},
        "audit-log");
}

[[noreturn]] void fail_with(const std::string& path, int error) {
    fail(path, std::strerror(error));
}

/// The bytes at `offset`; fewer at the end of the file.
std::string read_at(const std::string& path, int fd, off_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n =
            ::pread(fd, bytes.data() + done, size - done, offset + static_cast<off_t>(done));
        if (n < 0 && errno != EINTR) {
            fail_with(path, errno);
        }
        if (n == 0) {
            break;
        }
        done += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    bytes.resize(done);
    return bytes;
}

struct LastLine {
    bool any = false;     // the file is not empty
    bool has_end = true;  // a line end
    std::string digest;   // if there is any
};

LastLine last_line(const std::string& path, int fd, off_t size) {
    LastLine last;
    if (size == 0) {
        return last;
    }
    std::string text;
    off_t from = size;
    auto begin = std::string::npos;
    while (from > 0 && begin == std::string::npos) {
        const off_t block = std::min(from, k_block);
        from -= block;
        text.insert(0, read_at(path, fd, from, static_cast<std::size_t>(block)));
        if (text.size() > k_longest_line) {
            fail(path, "its last line is too long to be one of an audit log");
        }
        const auto inner = std::string_view(text).substr(0, text.size() - 1);
        begin = inner.rfind('\n');
    }
    last.any = true;
    last.has_end = text.back() == '\n';
    const std::string_view line =
        std::string_view(text).substr(begin == std::string::npos ? 0 : begin + 1);
    last.digest = line_digest(last.has_end ? line.substr(0, line.size() - 1) : line);
    return last;
}

bool names(const std::string& path, const struct stat& file) {
    struct stat now {};
    return ::stat(path.c_str(), &now) == 0 && now.st_ino == file.st_ino &&
           now.st_dev == file.st_dev;
}

/// The file, locked until it is closed.
class LockedLog {
public:
    LockedLog(const std::string& path, std::chrono::milliseconds patience) : m_path(path) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        do {
            open();
            lock(deadline);
            // Whoever rotates logs may have given the file another name meanwhile.
        } while (!names(path, m_facts));
        const auto head = read_at(path, m_fd.get(), 0, 64);
        if (!begins_as_audit_log(head)) {
            fail(path, "the file is something else", "name a new file, or an audit log");
        }
    }

    [[nodiscard]] LastLine last() const { return last_line(m_path, m_fd.get(), m_facts.st_size); }

    /// With one write(2).
    void append(std::string_view line) const {
        ssize_t n = 0;
        do {
            n = ::write(m_fd.get(), line.data(), line.size());
        } while (n < 0 && errno == EINTR);
        if (n < 0) {
            fail_with(m_path, errno);
        }
        if (static_cast<std::size_t>(n) != line.size()) {
            const bool is_cut = ::ftruncate(m_fd.get(), m_facts.st_size) == 0;
            fail(m_path, is_cut ? "no space is left for a line"
                                : "no space is left for a line, and a part of it was written");
        }
    }

    /// Lets others go on, and waits until what was appended is on the disk.
    void unlock_and_sync() const {
        ::flock(m_fd.get(), LOCK_UN);
        if (::fdatasync(m_fd.get()) != 0) {
            fail_with(m_path, errno);
        }
        if (m_facts.st_size == 0) {
            sync_folder();
        }
    }

private:
    void open() {
        m_fd = FileDescriptor(
            ::open(m_path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
        if (m_fd.get() < 0) {
            fail_with(m_path, errno);
        }
        look();
        if (!S_ISREG(m_facts.st_mode)) {
            fail(m_path, "it is no regular file, and its last line cannot be read again");
        }
    }

    void look() {
        if (::fstat(m_fd.get(), &m_facts) != 0) {
            fail_with(m_path, errno);
        }
    }

    void lock(std::chrono::steady_clock::time_point deadline) {
        std::chrono::milliseconds pause(1);
        while (::flock(m_fd.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK && errno != EINTR) {
                fail_with(m_path, errno);
            }
            if (std::chrono::steady_clock::now() >= deadline) {
                fail(m_path, "another process holds its lock");
            }
            std::this_thread::sleep_for(pause);
            pause = std::min(pause * 2, std::chrono::milliseconds(20));
        }
        look();
    }

    /// A new file is there after a crash only if its folder knows of it.
    void sync_folder() const {
        const auto folder = std::filesystem::path(m_path).parent_path();
        const FileDescriptor fd(
            ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (fd.get() >= 0) {
            ::fsync(fd.get());  // not every file system can
        }
    }

    const std::string& m_path;
    FileDescriptor m_fd;
    struct stat m_facts {};
};

}  // namespace

void AuditLogFile::check() const { const LockedLog log(m_path, m_patience); }

void AuditLogFile::append(const WriteMembers& write) const {
    const LockedLog log(m_path, m_patience);
    const LastLine last = log.last();
    const std::string line =
        make_audit_line(last.any ? std::optional(last.digest) : std::nullopt, write);
    log.append((last.has_end ? "" : "\n") + line);
    log.unlock_and_sync();
}

}  // namespace cachectl
