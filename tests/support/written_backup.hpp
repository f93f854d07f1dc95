// Backups for tests of restore that no command has written.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

/// A backup of strings in batches of two keys.
inline std::string write_backup(const TempDir& dir, int keys) {
    std::string path = (dir.path() / "backup.rdb").string();
    RdbWriter writer(path, {});
    for (int i = 0; i < keys; ++i) {
        const std::string name = fmt::format("k:{}", i);
        writer.add({.name = name}, make_dump_payload(RdbType::string, "\1x", 9));
        if (i % 2 == 1) {
            writer.commit();
        }
    }
    writer.finish();
    return path;
}

/// A copy beside it that lacks so many bytes at its end.
inline std::string cut_copy(const std::string& path, std::uint64_t missing) {
    std::string cut = path + ".cut";
    std::filesystem::copy_file(path, cut);
    std::filesystem::resize_file(cut, std::filesystem::file_size(path) - missing);
    return cut;
}

}  // namespace cachectl::test
