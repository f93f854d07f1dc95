#include "util/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
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

/// A device or a pipe, which a file must not take the place of.
void write_to_stream(const std::string& path, std::string_view bytes) {
    const FileDescriptor fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (fd.get() < 0 || !write_all(fd.get(), bytes)) {
        fail(path, errno);
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
    struct stat there = {};
    const bool exists = ::stat(path.c_str(), &there) == 0;
    if (exists && !S_ISREG(there.st_mode)) {
        return write_to_stream(path, bytes);
    }
    struct stat itself = {};
    const bool keeps_mode =
        exists && ::lstat(path.c_str(), &itself) == 0 && S_ISREG(itself.st_mode);
    const std::string aside = path + "." + std::to_string(::getpid()) + ".new";
    const auto give_up = [&](int why) {
        ::unlink(aside.c_str());
        fail(path, why);
    };
    {
        const FileDescriptor fd(
            ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
        if (fd.get() < 0) {
            fail(path, errno);
        }
        if ((keeps_mode && ::fchmod(fd.get(), itself.st_mode & 0777) != 0) ||
            !write_all(fd.get(), bytes) || ::fsync(fd.get()) != 0) {
            give_up(errno);
        }
    }
    if (std::rename(aside.c_str(), path.c_str()) != 0) {
        give_up(errno);
    }
    sync_folder_of(path);
}

}  // namespace cachectl
