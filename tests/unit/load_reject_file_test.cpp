#include "load/reject_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using namespace cachectl::test;

TEST_CASE("rejected rows are kept as NDJSON for the owner's eyes only") {
    const TempDir dir;
    const std::string path = dir.path() / "rejects.ndjson";
    {
        RejectFile file(path);
        file.add("a.csv", 3, "column 'id' is null");
        file.add("a.csv", 9, "a \"quote\"");
        file.flush();
    }
    CHECK(read_file(path) ==
          "{\"file\":\"a.csv\",\"line\":3,\"reason\":\"column 'id' is null\"}\n"
          "{\"file\":\"a.csv\",\"line\":9,\"reason\":\"a \\\"quote\\\"\"}\n");
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("without rejected rows no file is left") {
    const TempDir dir;
    const std::string path = dir.path() / "rejects.ndjson";
    { const RejectFile file(path); }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("what is there already is never touched, be it a link to nowhere") {
    const TempDir dir;
    const std::string file = dir.file("rejects.ndjson", "old");
    CHECK_THROWS_WITH_AS(RejectFile{file},
                         ("cannot make " + file + ": File exists; nothing was written").c_str(),
                         Error);
    CHECK(read_file(file) == "old");

    const std::string link = dir.path() / "link";
    std::filesystem::create_symlink(dir.path() / "nowhere", link);
    CHECK_THROWS_AS(RejectFile{link}, Error);
    CHECK_FALSE(std::filesystem::exists(dir.path() / "nowhere"));
}

TEST_CASE("a folder that is not there is an error that names the file") {
    CHECK_THROWS_WITH_AS(RejectFile{"/no/such/folder/rejects"},
                         "cannot make /no/such/folder/rejects: No such file or directory; nothing "
                         "was written",
                         Error);
}
