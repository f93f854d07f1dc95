// A folder of a test's own, removed with all that is in it when the test ends.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cachectl::test {

class TempDir {
public:
    /// Throws std::runtime_error when the folder cannot be made.
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

    /// Writes a file with exactly these bytes and returns its path.
    std::string file(std::string_view name, std::string_view bytes) const;

private:
    std::filesystem::path m_path;
};

/// A file's bytes; empty when it cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace cachectl::test
