// A lock that processes of ours hold on a file while they work with it.
#pragma once

#include <sys/file.h>

#include <cerrno>

namespace cachectl {

/// Takes the lock at once, or returns false: with errno EWOULDBLOCK if another process has it.
inline bool try_lock(int fd) {
    int result = 0;
    do {
        result = ::flock(fd, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

}  // namespace cachectl
