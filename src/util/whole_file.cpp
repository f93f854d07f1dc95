#include "util/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "util/error.hpp"
#include "util/file_descriptor.hpp"

namespace cachectl {

namespace {

[[noreturn]] void fail(const std::string& path, int why) {
    throw Error(ExitCode::local_io, "cannot write " + path + ": " + std::strerror(why));
}

/// A rename lasts only when its folder has been synced. Where a folder cannot be, it may still.
void sync_folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() >= 0) {
        ::fsync(fd.get());
    }
}

}  // namespace

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void write_whole_file(const std::string& path, std::string_view bytes) {
    const std::string aside = path + "." + std::to_string(::getpid()) + ".new";
    {
        const FileDescriptor fd(
            ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
        if (fd.get() < 0) {
            fail(path, errno);
        }
        if (!write_all(fd.get(), bytes) || ::fsync(fd.get()) != 0) {
            const int why = errno;
            ::unlink(aside.c_str());
            fail(path, why);
        }
    }
    if (std::rename(aside.c_str(), path.c_str()) != 0) {
        const int why = errno;
        ::unlink(aside.c_str());
        fail(path, why);
    }
    sync_folder_of(path);
}

}  // namespace cachectl
