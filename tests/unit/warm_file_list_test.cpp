#include "warm/file_list.hpp"

#include <doctest/doctest.h>

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
