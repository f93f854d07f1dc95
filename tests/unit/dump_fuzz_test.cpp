// What fuzzing has found, and the inputs that it starts from, through the same entry functions.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "fuzz/json_check.hpp"
#include "fuzz/target.hpp"

using namespace cachectl;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_below(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("every input that fuzzing starts from or has found keeps its promises") {
    const fs::path data = fs::path(CACHECTL_SOURCE_DIR) / "tests/data";
    for (const FuzzTarget& target : fuzz_targets()) {
        const fs::path own = data / "fuzz" / target.name;
        CAPTURE(target.name);
        REQUIRE(fs::is_directory(own));
        REQUIRE(!files_below(own).empty());
        for (const fs::path& file : files_below(data)) {
            const bool others = *fs::relative(file, data).begin() == "fuzz";
            if (others && file.parent_path() != own) {
                continue;
            }
            CAPTURE(file);
            CHECK_NOTHROW(target.run(read_file(file)));
        }
    }
}

TEST_CASE("the checks see what is no JSON") {
    for (const std::string_view json : {"0", "-1.5e+7", "\"\\u00e9\\n\"", "[]", "{}", "[[],{}]",
                                        R"({"a":[1,true,null],"b":{}})"}) {
        CAPTURE(json);
        CHECK(is_minified_json(json));
    }
    for (const std::string_view other :
         {"",         "01",         "+1",    ".5", "1.",   "1e",   "-",         "\"", "\"\n\"",
          "\"\\x\"",  "\"\\u12\"",  "[",     "[1", "[1,]", "[,1]", "[1 ]",      "{",  "{\"a\"}",
          "{\"a\":}", "{\"a\":1,}", "{a:1}", "[}", "1 ",   "nul",  "truefalse", "[]]"}) {
        CAPTURE(other);
        CHECK(!is_minified_json(other));
    }
}

TEST_CASE("a promise that is not kept is a finding") {
    CHECK_THROWS_WITH_AS(expect(false, "rows stay"), "rows stay", BrokenPromise);
    CHECK_THROWS_WITH_AS(expect_same("a", "b", "rows"), "rows:\na\n--- but:\nb", BrokenPromise);
    CHECK_NOTHROW(expect_same("a", "a", "rows"));
}
