#include "warm/file_list.hpp"

#include <fmt/format.h>

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

}  // namespace cachectl
