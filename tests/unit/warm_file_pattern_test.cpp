#include "warm/file_pattern.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "support/temp_dir.hpp"
#include "util/error.hpp"

using namespace cachectl;
using Names = std::vector<std::string>;
namespace fs = std::filesystem;

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

TEST_CASE("a pattern goes through folders, and through links to them") {
    const test::TempDir dir;
    for (const char* folder : {"a", "b", "b/deep", ".c"}) {
        fs::create_directory(dir.path() / folder);
    }
    for (const char* name : {"a/1.sql", "b/2.sql", "b/deep/x.sql", ".c/3.sql", "d"}) {
        dir.file(name, "x");
    }
    fs::create_directory_symlink("a", dir.path() / "e");
    const std::string folder = dir.path().string();
    const Names all = {folder + "/a/1.sql", folder + "/b/2.sql", folder + "/e/1.sql"};
    CHECK(matching_files(folder, "*/*.sql") == all);
    CHECK(matching_files("", folder + "/*//[0-9].sql") == all);
    CHECK(matching_files(folder, "./*/../a/?.sql").size() == 3);
    CHECK(matching_files(folder, "*/deep/x.sql") == Names{folder + "/b/deep/x.sql"});
    CHECK(matching_files(folder, "*/deep/*") == Names{folder + "/b/deep/x.sql"});
    CHECK(matching_files(folder, "*/none/*").empty());
    CHECK(matching_files(folder, "none/*").empty());
    CHECK(matching_files(folder + "/none", "*").empty());
    CHECK(matching_files(folder, "d/*").empty());
}

TEST_CASE("a backslash takes the meaning from a pattern's character") {
    const test::TempDir dir;
    fs::create_directory(dir.path() / "v*");
    fs::create_directory(dir.path() / "v1");
    for (const char* name : {"v*/1.sql", "v1/2.sql"}) {
        dir.file(name, "x");
    }
    const std::string folder = dir.path().string();
    CHECK(matching_files(folder, R"(v\*/*.sql)") == Names{folder + "/v*/1.sql"});
}

TEST_CASE("a folder that cannot be looked into is an error, and not one without files") {
    const test::TempDir dir;
    fs::create_directory(dir.path() / "a");
    dir.file("a/1.sql", "x");
    const std::string folder = dir.path().string();
    SUBCASE("a link to itself") { fs::create_symlink("b", dir.path() / "b"); }
    SUBCASE("a link to what is not mounted") { fs::create_symlink("none", dir.path() / "b"); }
    for (const char* pattern : {"*/*.sql", "*/1.sql", "b*/*"}) {
        CAPTURE(pattern);
        try {
            matching_files(folder, pattern);
            FAIL("no error");
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::bad_input);
            CHECK(std::string(error.what()).starts_with("cannot read " + folder + "/b: "));
        }
    }
}
