// Bytes on their way to stdout or stderr, buffered; the last flush is checked.
#pragma once

#include <string>
#include <string_view>

namespace cachectl {

/// Thrown by Writer when the reader of stdout has gone (`| head`): not an error, the command
/// stops looking and exits 0.
struct ClosedPipe {};

class Writer {
public:
    /// Writes to a file descriptor that stays open and belongs to the caller.
    explicit Writer(int fd);
    /// Appends to a string: for tests.
    explicit Writer(std::string& sink);
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    /// Writes what is left, and keeps silent if that fails: who must know calls flush() before.
    ~Writer();

    /// Throws ClosedPipe, or Error(local_io) when the bytes cannot be written; what was held is
    /// then dropped. A descriptor that cannot take more just now is waited for; once a signal has
    /// asked us to stop, for a second and no longer: Error(interrupted) or Error(terminated).
    void write(std::string_view bytes);
    void flush();

    /// From now on the bytes go to `sink`, until it is called with null. Throws as flush() does.
    void divert(std::string* sink);

    /// Whether a person's terminal shows the bytes, and acts on those that are controls.
    [[nodiscard]] bool is_terminal() const { return m_is_terminal && m_sink == nullptr; }

private:
    void write_now(std::string_view bytes);
    void wait_until_it_takes_more() const;

    int m_fd = -1;
    bool m_is_terminal = false;
    std::size_t m_most_bytes = 0;  // that one write(2) may be given without blocking
    std::string* m_sink = nullptr;
    std::string* m_own_sink = nullptr;  // while it is diverted
    std::string m_buffer;
};

}  // namespace cachectl
