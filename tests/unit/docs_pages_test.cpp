// The pages for contributors name files that exist, and all folders that there are.
#include <doctest/doctest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "support/temp_dir.hpp"

using namespace cachectl;

namespace {

const std::filesystem::path k_root = CACHECTL_SOURCE_DIR;

std::string page(const std::string& name) { return test::read_file((k_root / name).string()); }

/// What stands in backquotes and looks like a path of the project.
std::set<std::string> paths_in(const std::string& text) {
    static const std::regex quoted("`((src|commands|tests|man|completions)/[A-Za-z0-9_./]*)`");
    std::set<std::string> paths;
    for (std::sregex_iterator at(text.begin(), text.end(), quoted), end; at != end; ++at) {
        const std::string path = (*at)[1];
        if (path.find("NAME") == std::string::npos) {
            paths.insert(path);
        }
    }
    return paths;
}

}  // namespace

TEST_CASE("ARCHITECTURE.md, CONTRIBUTING.md and README.md name files and folders that exist") {
    for (const char* name : {"ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"}) {
        for (const std::string& path : paths_in(page(name))) {
            INFO(name << ": " << path);
            CHECK(std::filesystem::exists(k_root / path));
        }
    }
}

TEST_CASE("ARCHITECTURE.md has a line for each folder of the sources") {
    const std::set<std::string> named = paths_in(page("ARCHITECTURE.md"));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(k_root / "src")) {
        if (!entry.is_directory()) {
            continue;
        }
        const std::string folder =
            std::filesystem::relative(entry.path(), k_root).generic_string() + "/";
        INFO(folder);
        CHECK(named.contains(folder));
    }
}

TEST_CASE("the newest released version of CHANGELOG.md is that of the program") {
    const std::string changes = page("CHANGELOG.md");
    static const std::regex heading("\n## ([0-9.]+)\n");
    std::smatch found;
    REQUIRE(std::regex_search(changes, found, heading));
    CHECK(page("CMakeLists.txt").find("VERSION " + found[1].str() + " ") != std::string::npos);
}
