// A process on a pseudo-terminal, and someone who reads its screen and types.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"

namespace cachectl::test {

struct PtyOptions {
    ProcessOptions process;
    unsigned short rows = 24, columns = 80;
    // A stream that is not on the terminal is a pipe.
    bool stdin_on_terminal = true, stdout_on_terminal = true, stderr_on_terminal = true;
};

class PtyProcess {
public:
    /// Throws std::runtime_error when there is no terminal to be had or it cannot be run.
    explicit PtyProcess(std::vector<std::string> argv, PtyOptions options = {});
    ~PtyProcess();
    PtyProcess(const PtyProcess&) = delete;
    PtyProcess& operator=(const PtyProcess&) = delete;

    /// Reads until the text appears after what the last expect() matched; false if it does not
    /// within `timeout` or before the process has ended.
    bool expect(std::string_view text, Millis timeout = Millis(60'000));
    /// The keys as the terminal's line discipline gets them: "yes\n", "\x03" for Ctrl-C.
    void type(std::string_view keys);
    void resize(unsigned short rows, unsigned short columns);
    /// All the bytes that came to the screen; lines end in "\r\n".
    [[nodiscard]] const std::string& screen() const { return m_screen; }
    [[nodiscard]] Process& process() { return *m_process; }

    /// Waits for its end as Process::wait(); `out` and `err` hold only what was on pipes.
    ProcessResult wait();

private:
    void pump(Millis longest);

    int m_master = -1;
    Millis m_timeout;
    std::string m_screen;
    std::size_t m_matched = 0;
    std::unique_ptr<Process> m_process;
};

}  // namespace cachectl::test
