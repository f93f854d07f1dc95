// A terminal's whole screen, redrawn in place: the alternate screen of xterm and its kin, keys as
// they are typed, and the size as it changes. However the process ends, short of SIGKILL, the
// terminal is left as it was found.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "output/writer.hpp"

namespace cachectl {

class Screen {
public:
    /// Takes over the terminal behind `fd`, to which `out` writes; keys come from the process's
    /// terminal. One at a time.
    Screen(Writer& out, int fd);
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    struct Size {
        std::size_t rows = 24, columns = 80;
        friend bool operator==(const Size&, const Size&) = default;
    };
    [[nodiscard]] Size size() const;

    /// Lines that fit into size(), with no control characters but those of colours. Throws what
    /// Writer throws.
    void draw(std::span<const std::string> lines);

    /// A key that was typed since, if any. Never waits.
    std::optional<char> key();

    /// Ctrl-Z was typed: gives the terminal back, stops the process, and takes the terminal again
    /// once it goes on. True if that has happened, or the size has changed since the last draw():
    /// then the screen has to be drawn anew.
    bool needs_redraw();

private:
    void enter();
    void leave() noexcept;

    Writer& m_out;
    int m_fd;
    int m_keys = -1;  // the process's terminal; -1: it has none
    Size m_drawn{0, 0};
};

}  // namespace cachectl
