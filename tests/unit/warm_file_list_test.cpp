#include "warm/file_list.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using Names = std::vector<std::string>;

namespace {

Names names_in(const std::string& path) {
    Names names;
    for (const ListedFile& file : read_file_list(path)) {
        names.push_back(file.name);
    }
    return names;
}

}  // namespace

TEST_CASE("a list has a file in each line, or NULs between them") {
    const test::TempDir dir;
    CHECK(names_in(dir.file("a", "x.csv\n\n y z.csv\r\n-\nlast")) ==
          Names{"x.csv", " y z.csv", "-", "last"});
    using namespace std::string_literals;
    CHECK(names_in(dir.file("b", "x\ny.csv\0\0z\r\0"s)) == Names{"x\ny.csv", "z\r"});
}

TEST_CASE("what marks a list as UTF-8 is no part of the first name") {
    const test::TempDir dir;
    CHECK(names_in(dir.file("a", "\xef\xbb\xbfx.csv\r\ny.csv\r\n")) == Names{"x.csv", "y.csv"});
}

TEST_CASE("each file has its place in the list") {
    const test::TempDir dir;
    const std::string list = dir.file("a", "x\n\ny\n");
    CHECK(read_file_list(list).at(1).place == list + ":3");
}

TEST_CASE("a list that names nothing is an error") {
    const test::TempDir dir;
    const std::string list = dir.file("a", "\n\n");
    CHECK_THROWS_WITH_AS(read_file_list(list),
                         ("the list of files " + list + " names no file").c_str(), Error);
    CHECK_THROWS_AS(read_file_list("/no/such"), Error);
}

TEST_CASE("a pattern is the files that match, sorted by their bytes") {
    const test::TempDir dir;
    for (const char* name : {"p-10.sql", "p-2.sql", "P-1.sql", "p-a.csv", ".p-0.sql"}) {
        dir.file(name, "x");
    }
    std::filesystem::create_directory(dir.path() / "p-d.sql");
    const std::string folder = dir.path().string();
    CHECK(matching_files(folder, "p-*.sql") == Names{folder + "/p-10.sql", folder + "/p-2.sql"});
    CHECK(matching_files("", folder + "/[pP]-?.sql") ==
          Names{folder + "/P-1.sql", folder + "/p-2.sql"});
    CHECK(matching_files(folder, "q-*.sql").empty());
    CHECK(matching_files(folder, "no.sql") == Names{folder + "/no.sql"});
}

TEST_CASE("a file with such a name is meant, and the folder is no pattern") {
    const test::TempDir dir;
    std::filesystem::create_directory(dir.path() / "[x]");
    std::filesystem::create_directory(dir.path() / "x");
    for (const char* name : {"[x]/a*.sql", "[x]/ab.sql", "[x]/b1.sql", "x/b2.sql"}) {
        dir.file(name, "x");
    }
    const std::string folder = (dir.path() / "[x]").string();
    CHECK(matching_files(folder, "a*.sql") == Names{folder + "/a*.sql"});
    CHECK(matching_files(folder, "b*.sql") == Names{folder + "/b1.sql"});
    CHECK(matching_files(folder, "../x/b?.sql") == Names{(dir.path() / "x/b2.sql").string()});
}
