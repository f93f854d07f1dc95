// Names of files, read from a file: one a line, or each with a NUL behind it.
#pragma once

#include <string>
#include <vector>

namespace cachectl {

struct ListedFile {
    std::string name;
    std::string place;  // "files.txt:3"
};

/// Reads the list; "-" is stdin. If it has a NUL, its names are separated by NULs, else by line
/// ends; empty names are left out. Throws Error(bad_input) if it cannot be read, names no file, or
/// is stdin and names stdin. A mark of UTF-8 before the first name is none of it.
std::vector<ListedFile> read_file_list(const std::string& path);

/// The file as `folder` has it, normalised. It is never "-", which would be stdin.
std::string path_in(const std::string& folder, const std::string& file);

}  // namespace cachectl
