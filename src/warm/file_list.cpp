#include "warm/file_list.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "dump/source.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_list_bytes = std::size_t{64} << 20;

std::string read_all(Source& list) {
    list.on_interrupt([] {
        if (stop_signal() != 0) {
            throw Error(ExitCode::interrupted, "interrupted; nothing was sent");
        }
    });
    std::string text;
    while (list.fill()) {
        text += list.window();
        list.consume(list.window().size());
        if (text.size() <= k_most_list_bytes) {
            continue;
        }
        throw Error(ExitCode::bad_input,
                    "the list of files " + list.name() + " is larger than 64 MiB");
    }
    return text;
}

std::string without_patterns(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        if (std::string_view("*?[]\\").find(c) != std::string_view::npos) {
            escaped += '\\';
        }
        escaped += c;
    }
    return escaped;
}

}  // namespace

std::vector<ListedFile> read_file_list(const std::string& path) {
    Source list = Source::open(path);
    const std::string text = read_all(list);
    const bool has_lines = text.find('\0') == std::string::npos;
    std::vector<ListedFile> files;
    std::size_t number = 0;
    constexpr std::string_view k_utf8_mark = "\xef\xbb\xbf";
    std::size_t begin = text.starts_with(k_utf8_mark) ? k_utf8_mark.size() : 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find(has_lines ? '\n' : '\0', begin), text.size());
        std::string name = text.substr(begin, end - begin);
        begin = end + 1;
        ++number;
        if (has_lines && name.ends_with('\r')) {
            name.pop_back();
        }
        if (name.empty()) {
            continue;
        }
        std::string place = has_lines ? fmt::format("{}:{}", list.name(), number)
                                      : fmt::format("{}, name {}", list.name(), number);
        if (name == "-" && path == "-") {
            throw Error(ExitCode::bad_input,
                        place + ": stdin is the list of files, and cannot be one of them");
        }
        files.push_back({std::move(name), std::move(place)});
    }
    if (files.empty()) {
        throw Error(ExitCode::bad_input, "the list of files " + list.name() + " names no file");
    }
    return files;
}

std::string path_in(const std::string& folder, const std::string& file) {
    std::string path = (std::filesystem::path(folder) / file).lexically_normal().string();
    return path == "-" ? "./-" : path;
}

std::vector<std::string> matching_files(const std::string& folder, const std::string& pattern) {
    const std::string literal = path_in(folder, pattern);
    std::error_code ignored;
    if (pattern.find_first_of("*?[") == std::string::npos ||
        std::filesystem::exists(literal, ignored)) {
        return {literal};
    }
    const std::string whole = pattern.starts_with('/') || folder.empty()
                                  ? pattern
                                  : without_patterns(folder) + '/' + pattern;
    glob_t found{};
    std::vector<std::string> files;
    if (::glob(whole.c_str(), GLOB_NOSORT | GLOB_MARK, nullptr, &found) == 0) {
        for (std::size_t i = 0; i < found.gl_pathc; ++i) {
            const std::string_view file = found.gl_pathv[i];
            if (!file.ends_with('/')) {
                files.push_back(path_in({}, std::string(file)));
            }
        }
    }
    ::globfree(&found);
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace cachectl
