#include "warm/file_pattern.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "util/error.hpp"
#include "warm/file_list.hpp"

namespace cachectl {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::error_code& why) {
    throw Error(ExitCode::bad_input,
                fmt::format("cannot read {}: {}", path.string(), why.message()),
                "what is in it may be meant by a file's pattern");
}

/// Links are followed. What is not there is none; of a link to nowhere nobody knows.
bool is_folder(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    std::error_code no_link;
    const bool is_nothing = status.type() == fs::file_type::not_found &&
                            fs::symlink_status(path, no_link).type() == fs::file_type::not_found;
    if (error && !is_nothing) {
        fail(path, error);
    }
    return fs::is_directory(status);
}

bool is_there(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(path, error);
    if (error && status.type() != fs::file_type::not_found) {
        fail(path, error);
    }
    return fs::exists(status);
}

/// What matches in that folder, whose own path may be empty.
void find(const fs::path& folder, const std::string& pattern, std::vector<fs::path>& found) {
    std::error_code error;
    const fs::path listed = folder.empty() ? fs::path(".") : folder;
    fs::directory_iterator entry(listed, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0) {
            found.push_back(folder / name);
        }
    }
    if (error) {
        fail(listed, error);
    }
}

}  // namespace

std::vector<std::string> matching_files(const std::string& folder, const std::string& pattern) {
    const std::string literal = path_in(folder, pattern);
    std::error_code unknown;
    if (pattern.find_first_of("*?[") == std::string::npos || fs::exists(literal, unknown)) {
        return {literal};
    }
    std::vector<fs::path> paths;
    if (folder.empty() || is_folder(folder)) {
        paths.emplace_back(folder);
    }
    const fs::path parts = pattern;
    for (auto part = parts.begin(); part != parts.end(); ++part) {
        const bool is_pattern = part->string().find_first_of("*?[\\") != std::string::npos;
        const bool is_last = std::next(part) == parts.end();
        std::vector<fs::path> found;
        for (const fs::path& path : paths) {
            if (is_pattern) {
                find(path, part->string(), found);
            } else if (is_there(path / *part)) {
                found.push_back(path / *part);
            }
        }
        found.erase(
            std::remove_if(found.begin(), found.end(),
                           [is_last](const fs::path& path) { return is_folder(path) == is_last; }),
            found.end());
        paths = std::move(found);
    }
    std::vector<std::string> files;
    for (const fs::path& path : paths) {
        files.push_back(path_in({}, path.string()));
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace cachectl
