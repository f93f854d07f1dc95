#include "util/temporary_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr mode_t k_mode = 0600;

/// A descriptor, or -1. Not every file system has files without a name.
int open_in(const std::string& folder) {
    const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, k_mode);
    if (fd >= 0) {
        return fd;
    }
    std::string path = folder + "/cachectl-XXXXXX";
    const int named = ::mkostemp(path.data(), O_CLOEXEC);
    if (named >= 0) {
        ::unlink(path.c_str());
    }
    return named;
}

int open_anywhere() {
    const char* const chosen = std::getenv("TMPDIR");
    for (const char* const folder : {chosen, "/tmp", "/var/tmp"}) {
        if (folder == nullptr || *folder == '\0') {
            continue;
        }
        if (const int fd = open_in(folder); fd >= 0) {
            return fd;
        }
    }
    return ::memfd_create("cachectl", MFD_CLOEXEC);
}

}  // namespace

TemporaryFile make_temporary_file(std::string_view what) {
    const int fd = open_anywhere();
    TemporaryFile file(fd < 0 ? nullptr : ::fdopen(fd, "w+b"));
    if (!file) {
        const int why = errno;
        if (fd >= 0) {
            ::close(fd);
        }
        errno = why;
        throw_temporary_file_error(what);
    }
    return file;
}

void throw_temporary_file_error(std::string_view what) {
    throw Error(ExitCode::local_io,
                fmt::format("cannot keep {} in a temporary file: {}", what, std::strerror(errno)),
                "TMPDIR may name a folder with room");
}

}  // namespace cachectl
