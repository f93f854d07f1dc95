#include "audit_log/log_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include "audit_log/verify.hpp"
#include "support/temp_dir.hpp"
#include "util/file_descriptor.hpp"
#include "util/named_error.hpp"

using namespace cachectl;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    test::TempDir dir;
    std::string path = (dir.path() / "audit.jsonl").string();

    static WriteMembers event(std::string text) {
        return [text](JsonWriter& json) { json.field("event", std::string_view(text)); };
    }
    [[nodiscard]] std::string message(const std::string& file,
                                      std::chrono::milliseconds patience = 10s) const {
        try {
            AuditLogFile(file, patience).append(event("begin"));
        } catch (const NamedError& error) {
            CHECK(error.code() == ExitCode::local_io);
            CHECK(error.id == "audit-log");
            const std::string what = error.what();
            return what.substr(what.find(": ") + 2);
        }
        return "no error";
    }
};

/// For as long as it lives no file of this process grows beyond so many bytes.
class FilesEndAt {
public:
    explicit FilesEndAt(rlim_t bytes) {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &m_before) == 0);
        const rlimit limit{bytes, m_before.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }
    ~FilesEndAt() {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }
    FilesEndAt(const FilesEndAt&) = delete;
    FilesEndAt& operator=(const FilesEndAt&) = delete;

private:
    rlimit m_before{};
    void (*m_handler)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "lines follow each other, also in another process's file") {
    AuditLogFile(path).append(event("one"));
    AuditLogFile(path).append(event("two"));
    AuditLogFile(path).append(event("three"));
    const AuditLogCheck check = check_audit_log(path);
    CHECK(check.lines == 3);
    CHECK_FALSE(check.broken.has_value());
}

TEST_CASE_FIXTURE(Fixture, "a line that is longer than a block is found again") {
    AuditLogFile(path).append(event(std::string(100'000, 'x')));
    AuditLogFile(path).append(event("two"));
    CHECK(check_audit_log(path).lines == 2);
    CHECK_FALSE(check_audit_log(path).broken.has_value());
}

TEST_CASE_FIXTURE(Fixture, "a new log is for its owner alone") {
    AuditLogFile(path).check();
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    CHECK(facts.st_size == 0);
}

TEST_CASE_FIXTURE(Fixture, "what a crash has left of a line is followed by a line of its own") {
    AuditLogFile(path).append(event("one"));
    const auto size = std::filesystem::file_size(path);
    AuditLogFile(path).append(event("two"));
    std::filesystem::resize_file(path, size + 30);
    AuditLogFile(path).append(event("three"));
    AuditLogFile(path).append(event("four"));
    const AuditLogCheck check = check_audit_log(path);
    REQUIRE(check.broken.has_value());
    CHECK(check.broken->line == 2);
    CHECK(check.broken->kind == BrokenLine::Kind::torn);
}

TEST_CASE_FIXTURE(Fixture, "nothing is appended to what is no audit log") {
    const std::string other = dir.file("a.csv", "id,name\n1,a");
    CHECK(message(other) == "the file is something else");
    CHECK(test::read_file(other) == "id,name\n1,a");
    CHECK(message("/dev/full") == "it is no regular file, and its last line cannot be read again");
    CHECK(message(dir.path() / "no/such") == "No such file or directory");
    CHECK(message(dir.path()) == "Is a directory");
}

TEST_CASE_FIXTURE(Fixture, "a lock that another process keeps is waited for, but not for ever") {
    AuditLogFile(path).append(event("one"));
    const FileDescriptor other(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::flock(other.get(), LOCK_EX) == 0);
    CHECK(message(path, 20ms) == "another process holds its lock");
    ::flock(other.get(), LOCK_UN);
    CHECK(message(path, 20ms) == "no error");
}

TEST_CASE_FIXTURE(Fixture, "a log that was given another name is begun anew") {
    AuditLogFile log(path);
    log.append(event("one"));
    std::filesystem::rename(path, path + ".1");
    log.append(event("two"));
    CHECK(check_audit_log(path).lines == 1);
    CHECK(check_audit_log(path + ".1").lines == 1);
}

TEST_CASE_FIXTURE(Fixture, "a line for which there is no space leaves nothing of it behind") {
    AuditLogFile(path).append(event("one"));
    const auto size = std::filesystem::file_size(path);
    for (const rlim_t room : {0U, 10U}) {
        CAPTURE(room);
        const FilesEndAt limit(size + room);
        CHECK(message(path) == (room == 0 ? "File too large" : "no space is left for a line"));
        CHECK(std::filesystem::file_size(path) == size);
    }
    AuditLogFile(path).append(event("two"));
    CHECK(check_audit_log(path).lines == 2);
    CHECK_FALSE(check_audit_log(path).broken.has_value());
}

TEST_CASE_FIXTURE(Fixture, "a log that is given another name while its lock is waited for") {
    for (const bool is_new_there : {false, true}) {
        CAPTURE(is_new_there);
        std::filesystem::remove(path);
        AuditLogFile(path).append(event("one"));
        const FileDescriptor other(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        REQUIRE(::flock(other.get(), LOCK_EX) == 0);
        std::string error;
        std::thread waiting([&] { error = message(path); });
        // It has opened the file, or it opens the new one: the result is the same.
        std::this_thread::sleep_for(50ms);
        std::filesystem::rename(path, path + ".1");
        if (is_new_there) {
            AuditLogFile(path).append(event("two"));
        }
        ::flock(other.get(), LOCK_UN);
        waiting.join();
        CHECK(error == "no error");
        CHECK(check_audit_log(path + ".1").lines == 1);
        CHECK(check_audit_log(path).lines == (is_new_there ? 2 : 1));
    }
}

TEST_CASE_FIXTURE(Fixture, "a log whose last line has no beginning near its end is none") {
    AuditLogFile(path).append(event("one"));
    std::filesystem::resize_file(path, std::filesystem::file_size(path) + (17U << 20U));
    CHECK(message(path) == "its last line is too long to be one of an audit log");
    CHECK_THROWS_AS(check_audit_log(path), Error);
}

TEST_CASE_FIXTURE(Fixture, "a log in the folder that the program runs in") {
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(dir.path());
    const std::string error = message("audit.jsonl");
    std::filesystem::current_path(before);
    CHECK(error == "no error");
    CHECK(check_audit_log(path).lines == 1);
}
