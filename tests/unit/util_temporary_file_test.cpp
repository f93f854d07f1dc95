#include "util/temporary_file.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using cachectl::test::TempDir;
namespace fs = std::filesystem;

namespace {

/// TMPDIR for the time of a test.
class TemporaryFolder {
public:
    explicit TemporaryFolder(const std::string& folder) {
        if (const char* before = std::getenv("TMPDIR")) {
            m_before = before;
        }
        ::setenv("TMPDIR", folder.c_str(), 1);
    }
    ~TemporaryFolder() {
        m_before ? ::setenv("TMPDIR", m_before->c_str(), 1) : ::unsetenv("TMPDIR");
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

private:
    std::optional<std::string> m_before;
};

std::string place_of(const TemporaryFile& file) {
    return fs::read_symlink("/proc/self/fd/" + std::to_string(::fileno(file.get()))).string();
}

}  // namespace

TEST_CASE("a temporary file is where TMPDIR says, and has no name there") {
    const TempDir dir;
    const TemporaryFolder folder(dir.path().string());
    const TemporaryFile file = make_temporary_file("text");
    CHECK(place_of(file).starts_with(dir.path().string() + '/'));
    CHECK(fs::is_empty(dir.path()));
    REQUIRE(std::fputs("text", file.get()) >= 0);
    std::rewind(file.get());
    char text[8] = {};
    CHECK(std::fread(text, 1, 8, file.get()) == 4);
    CHECK(std::string(text) == "text");
}

TEST_CASE("where TMPDIR names nothing of use another folder is taken") {
    for (const char* name : {"", "/no/such/folder", "/dev/null"}) {
        const TemporaryFolder folder(name);
        CHECK(place_of(make_temporary_file("text")).find("tmp/") != std::string::npos);
    }
}

TEST_CASE("what cannot be kept is told with its remedy") {
    errno = ENOSPC;
    try {
        throw_temporary_file_error("the keys made");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::local_io);
        CHECK(std::string(error.what()) ==
              "cannot keep the keys made in a temporary file: No space left on device");
        CHECK(error.hint() == "TMPDIR may name a folder with room");
    }
}
