#include "util/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace cachectl {

namespace {

/// The lowest descriptor that is free is the one that open(2) takes.
void occupy(int fd, int mode) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) {
        return;
    }
    if (::open("/dev/null", mode) >= 0) {
        return;
    }
    // A root without /dev: a folder is there always, and can neither be read nor written.
    [[maybe_unused]] const int folder = ::open("/", O_RDONLY | O_DIRECTORY);
}

}  // namespace

void open_standard_streams() {
    occupy(STDIN_FILENO, O_WRONLY);
    occupy(STDOUT_FILENO, O_RDONLY);
    occupy(STDERR_FILENO, O_WRONLY);
}

}  // namespace cachectl
