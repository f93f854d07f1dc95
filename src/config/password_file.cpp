#include "config/password_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "util/error.hpp"
#include "util/interruption.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {
constexpr std::size_t k_max_password_bytes = 64 * 1024;
}

std::string read_password_file(const std::string& path, std::vector<std::string>& warnings,
                               std::string_view flag) {
    // Its name is not shown: the password itself is easily given in its place.
    const auto fail = [&](std::string_view why) {
        throw Error(ExitCode::usage, fmt::format("{}: cannot read the file: {}", flag, why));
    };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                               std::fclose);
    if (file == nullptr && stop_signal() != 0) {
        throw interruption("interrupted");
    }
    if (file == nullptr) {
        fail(std::strerror(errno));
    }
    std::string password;
    for (int c = std::getc(file.get()); c != EOF && c != '\n'; c = std::getc(file.get())) {
        password += static_cast<char>(c);
        if (password.size() > k_max_password_bytes) {
            fail("its first line is too long");
        }
    }
    if (stop_signal() != 0) {
        throw interruption("interrupted");
    }
    if (std::ferror(file.get()) != 0) {
        fail(std::strerror(errno));
    }
    if (password.ends_with('\r')) {
        password.pop_back();
    }
    if (password.empty()) {
        fail("its first line is empty");
    }

    struct stat facts {};
    if (::fstat(::fileno(file.get()), &facts) == 0 && S_ISREG(facts.st_mode) &&
        (facts.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        warnings.push_back(
            fmt::format("others may read the password in {}: chmod 600 {}", path, path));
    }
    return password;
}

}  // namespace cachectl
