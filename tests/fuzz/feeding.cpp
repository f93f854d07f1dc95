#include "fuzz/feeding.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <system_error>

namespace cachectl {

int fuzz_file(std::string_view text) {
    static const int fd = ::memfd_create("in", MFD_CLOEXEC);
    if (fd < 0 || ::ftruncate(fd, 0) != 0 || ::lseek(fd, 0, SEEK_SET) != 0 ||
        ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::lseek(fd, 0, SEEK_SET) != 0) {
        throw std::system_error(errno, std::generic_category(), "a file for the input");
    }
    return fd;
}

std::size_t small_window(std::string_view text) {
    constexpr std::size_t k_windows[] = {1, 3, 7};
    return k_windows[text.size() % std::size(k_windows)] * (1 + text.size() / 512);
}

}  // namespace cachectl
