#include "util/whole_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;

namespace {

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a file is replaced as a whole, and keeps its permissions") {
    const test::TempDir dir;
    const std::string path = dir.path().string() + "/metrics.prom";
    write_whole_file(path, "one\n");
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    write_whole_file(path, "two\n");
    CHECK(content_of(path) == "two\n");
    struct stat there = {};
    REQUIRE(::stat(path.c_str(), &there) == 0);
    CHECK((there.st_mode & 0777) == 0640);
}

TEST_CASE("a symbolic link is replaced, and the file behind it left alone") {
    const test::TempDir dir;
    const std::string file = dir.path().string() + "/file", link = dir.path().string() + "/link";
    write_whole_file(file, "one\n");
    REQUIRE(::symlink("file", link.c_str()) == 0);
    write_whole_file(link, "two\n");
    CHECK(content_of(file) == "one\n");
    CHECK(content_of(link) == "two\n");
}

TEST_CASE("what is no file is written to, and no file takes its place") {
    const test::TempDir dir;
    const std::string pipe = dir.path().string() + "/pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader >= 0);
    write_whole_file(pipe, "one\n");
    char read[8] = {};
    CHECK(::read(reader, read, sizeof read) == 4);
    CHECK(std::string_view(read) == "one\n");
    ::close(reader);
    struct stat there = {};
    REQUIRE(::stat(pipe.c_str(), &there) == 0);
    CHECK(S_ISFIFO(there.st_mode));
    CHECK_THROWS_AS(write_whole_file(dir.path().string(), "x"), Error);
}
