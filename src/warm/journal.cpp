#include "warm/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "util/error.hpp"
#include "util/file_lock.hpp"
#include "util/whole_file.hpp"

namespace cachectl {

namespace {

namespace fs = std::filesystem;

constexpr mode_t k_journal_mode = 0600;
constexpr std::uintmax_t k_most_journal_bytes = std::uintmax_t{256} << 20;
constexpr std::size_t k_bytes_looked_at = 64;
// Names beside the journal that no other program would choose.
constexpr const char* k_lock_ending = ".cachectl-lock";
constexpr const char* k_new_ending = ".cachectl-new";

[[noreturn]] void fail(const std::string& attempted, const std::string& path) {
    throw Error(ExitCode::local_io,
                fmt::format("cannot {} the journal {}: {}", attempted, path, std::strerror(errno)));
}

[[noreturn]] void refuse(const std::string& path, const char* what) {
    throw Error(ExitCode::usage, fmt::format("{} {}; it is left as it is", path, what),
                "name a file that is not there yet, or a journal, with --journal");
}

enum class Kind { absent, empty, journal, something_else };

Kind kind_of(const std::string& path) {
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0) {
        return Kind::absent;
    }
    if (!S_ISREG(facts.st_mode)) {
        return Kind::something_else;
    }
    if (facts.st_size == 0) {
        return Kind::empty;
    }
    std::ifstream file(path, std::ios::binary);
    std::string beginning(k_bytes_looked_at, '\0');
    file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    beginning.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return begins_as_journal(beginning) ? Kind::journal : Kind::something_else;
}

/// The file itself, if the path is a link to one.
std::string follow_links(const std::string& path) {
    std::error_code error;
    if (!fs::is_symlink(path, error)) {
        return path;
    }
    const fs::path file = fs::canonical(path, error);
    if (error) {
        refuse(path, "is a link to nowhere");
    }
    return file.string();
}

/// A lock of a file that was removed after it was opened holds nobody off.
bool is_still_there(int fd, const std::string& path) {
    struct stat held {};
    struct stat named {};
    return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

bool is_empty_file(int fd) {
    struct stat facts {};
    return ::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == 0;
}

/// "warm-0123456789abcdef.json"
bool is_journal_name(const std::string& name) {
    const std::string digits = "0123456789abcdef";
    return name.size() == 26 && name.starts_with("warm-") && name.ends_with(".json") &&
           name.find_first_not_of(digits, 5) == 21;
}

}  // namespace

Journal::Journal(const std::string& path) : m_path(path), m_file(follow_links(path)) {
    m_lock_path = m_file + k_lock_ending;
    check_is_ours();
    m_was_empty = kind_of(m_file) == Kind::empty;
    const auto folder = fs::path(m_file).parent_path();
    std::error_code error;
    if (!folder.empty()) {
        fs::create_directories(folder, error);
    }
    claim();
}

void Journal::check_is_ours() const {
    if (kind_of(m_file) == Kind::something_else) {
        refuse(m_path, "is no journal of a warm-up");
    }
}

void Journal::claim() {
    while (true) {
        m_lock =
            ::open(m_lock_path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, k_journal_mode);
        if (m_lock < 0) {
            fail("make", m_path);
        }
        if (!is_empty_file(m_lock)) {
            ::close(m_lock);
            refuse(m_lock_path, "is in the way, and no lock of a journal");
        }
        if (!try_lock(m_lock)) {
            const int why = errno;
            ::close(m_lock);
            if (why != EWOULDBLOCK) {
                errno = why;
                fail("lock", m_path);
            }
            throw Error(ExitCode::guard,
                        "another run of this command is at work, with the journal " + m_path,
                        "wait for its end");
        }
        if (is_still_there(m_lock, m_lock_path)) {
            return;
        }
        ::close(m_lock);
    }
}

Journal::~Journal() {
    ::unlink(m_lock_path.c_str());
    ::close(m_lock);
}

Journal::Content Journal::read() const {
    const Kind kind = kind_of(m_file);
    if (kind == Kind::absent || kind == Kind::empty) {
        return {};
    }
    std::error_code error;
    if (fs::file_size(m_file, error) > k_most_journal_bytes) {
        return {.exists = true, .entry = {}};
    }
    std::ifstream file(m_file, std::ios::binary);
    if (!file) {
        fail("read", m_path);
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return {.exists = true, .entry = parse_journal(text)};
}

void Journal::write(const JournalEntry& entry) const {
    check_is_ours();
    const std::string aside = m_file + k_new_ending;
    // What a run that was killed here has left begins like a journal.
    const Kind before = kind_of(aside);
    if (before == Kind::something_else) {
        refuse(aside, "is in the way, and no journal");
    }
    if (before != Kind::absent) {
        ::unlink(aside.c_str());
    }
    const int fd =
        ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, k_journal_mode);
    if (fd < 0) {
        fail("write", m_path);
    }
    const bool written = write_all(fd, to_text(entry)) && ::fdatasync(fd) == 0;
    const bool closed = ::close(fd) == 0;
    if (written && closed && std::rename(aside.c_str(), m_file.c_str()) == 0) {
        return;
    }
    const int why = errno;
    ::unlink(aside.c_str());
    errno = why;
    fail("write", m_path);
}

void Journal::remove() const {
    if (kind_of(m_file) != Kind::journal) {
        return;
    }
    if (!m_was_empty || ::truncate(m_file.c_str(), 0) != 0) {
        ::unlink(m_file.c_str());
    }
}

// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
std::string run_hash(std::string_view identity) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : identity) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    }
    return fmt::format("{:016x}", hash);
}

std::string journal_path(const std::string& state_folder, const std::string& hash) {
    return state_folder + "/warm-" + hash + ".json";
}

void remove_old_journals(const std::string& state_folder, std::chrono::hours age) {
    std::error_code error;
    const auto limit = fs::file_time_type::clock::now() - age;
    fs::directory_iterator file(state_folder, error);
    for (; !error && file != fs::directory_iterator(); file.increment(error)) {
        const std::string path = file->path().string();
        std::error_code unknown;
        const auto written = fs::last_write_time(path, unknown);
        if (unknown || written > limit || !is_journal_name(file->path().filename().string()) ||
            kind_of(path) != Kind::journal) {
            continue;
        }
        try {
            Journal(path).remove();
        } catch (const Error&) {
            // Another run has it.
        }
    }
}

}  // namespace cachectl
