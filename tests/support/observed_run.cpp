#include "support/observed_run.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace cachectl::test {

namespace {

using Clock = std::chrono::steady_clock;

/// VmHWM of proc(5); 0 once the process has ended.
std::size_t peak_of(pid_t pid) {
    const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
    constexpr std::string_view k_name = "VmHWM:";
    const std::size_t at = status.find(k_name);
    if (at == std::string::npos) {
        return 0;
    }
    const std::size_t digits = status.find_first_of("0123456789", at + k_name.size());
    std::size_t kib = 0;
    if (digits != std::string::npos) {
        std::from_chars(status.data() + digits, status.data() + status.size(), kib);
    }
    return kib;
}

}  // namespace

bool is_sanitized() { return std::getenv("CACHECTL_SANITIZED") != nullptr; }

ObservedRun observe(Process& process) {
    const auto start = Clock::now();
    ObservedRun run;
    while (process.running() && Clock::now() - start < std::chrono::seconds(300)) {
        run.peak_kib = std::max(run.peak_kib, peak_of(process.pid()));
        process.pump(Millis(2));
    }
    static_cast<ProcessResult&>(run) = process.wait();
    run.took = std::chrono::duration_cast<Millis>(Clock::now() - start);
    return run;
}

ObservedRun observe_cachectl(std::vector<std::string> args, ProcessOptions options) {
    Process process(cachectl_argv(std::move(args)), std::move(options));
    return observe(process);
}

}  // namespace cachectl::test
