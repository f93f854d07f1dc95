// A Writer on a terminal, and what came to its screen.
#pragma once

#include <pty.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <stdexcept>
#include <string>

#include "output/writer.hpp"

namespace cachectl::test {

/// The bytes that `write` sends; at most what a terminal holds unread, some 4 KiB.
inline std::string on_terminal(const std::function<void(Writer&)>& write) {
    int master = -1;
    int slave = -1;
    if (::openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) {
        throw std::runtime_error("no terminal to be had");
    }
    {
        Writer out(slave);
        write(out);
        out.flush();
    }
    std::array<char, 4096> bytes{};
    const ssize_t size = ::read(master, bytes.data(), bytes.size());
    ::close(slave);
    ::close(master);
    return {bytes.data(), static_cast<std::size_t>(size)};
}

}  // namespace cachectl::test
