#include "support/failing_calls.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <sstream>

#include "support/observed_run.hpp"

namespace cachectl::test {

namespace {

std::vector<std::string> numbers(std::initializer_list<int> errors) {
    std::vector<std::string> texts;
    for (const int error : errors) {
        texts.push_back(std::to_string(error));
    }
    return texts;
}

std::vector<std::string> and_short(std::vector<std::string> errors) {
    errors.emplace_back("short");
    return errors;
}

void read_report(const std::filesystem::path& path, FaultyRun& run) {
    std::istringstream report(read_file(path));
    std::string word, rest;
    while (report >> word >> rest) {
        if (word == "failed") {
            run.failed = rest;
        } else {
            run.counts[word] = std::stoul(rest);
        }
    }
}

}  // namespace

std::string Fault::name() const {
    const std::string what = error == "short" ? error : ::strerrorname_np(std::stoi(error));
    return kind + ' ' + std::to_string(nth) + (all_after ? "+: " : ": ") + what;
}

std::string Fault::words() const {
    return error == "short" || std::stoi(error) == EINTR ? "" : std::strerror(std::stoi(error));
}

FaultyRun run_with_fault(const std::vector<std::string>& words, const Fault& fault,
                         const TempDir& dir, const std::string& stdin_bytes) {
    const std::filesystem::path report = dir.path() / "calls";
    std::filesystem::remove(report);
    ProcessOptions options;
    options.timeout = Millis(is_sanitized() ? 60'000 : 20'000);
    options.stdin_bytes = stdin_bytes;
    options.env = {{"LD_PRELOAD", CACHECTL_FAILING_CALLS},
                   {"FAILING_CALL_REPORT", report.string()}};
    if (!fault.kind.empty()) {
        options.env["FAILING_CALL"] = fault.kind + ':' + std::to_string(fault.nth) +
                                      (fault.all_after ? "+:" : ":") + fault.error;
    }
    FaultyRun run;
    static_cast<ProcessResult&>(run) = run_cachectl(words, options);
    read_report(report, run);
    return run;
}

const std::vector<FaultKind>& fault_kinds() {
    static const std::vector<FaultKind> kinds = {
        {"open", numbers({EMFILE, EACCES})},
        {"read", and_short(numbers({EIO, EINTR}))},
        {"write", and_short(numbers({ENOSPC, EIO, EINTR}))},
        {"recv", and_short(numbers({ECONNRESET, EINTR}))},
        {"send", and_short(numbers({ECONNRESET, EPIPE, EINTR}))},
        {"poll", numbers({EINTR, ENOMEM})},
        {"socket", numbers({EMFILE})},
        {"connect", numbers({ECONNREFUSED, EAGAIN})},
        {"sync", numbers({EIO, ENOSPC})},
        {"rename", numbers({ENOSPC})},
        {"lock", numbers({ENOLCK, EINTR})},
        {"truncate", numbers({EIO, ENOSPC})},
        {"stat", numbers({EIO})},
        {"close", numbers({EIO})},
        {"mmap", numbers({ENOMEM})},
        {"alloc", numbers({ENOMEM})},
    };
    return kinds;
}

std::vector<unsigned long> chosen_calls(unsigned long count, unsigned long most) {
    const char* const wish = std::getenv("CACHECTL_TORTURE");
    const std::string torture = wish == nullptr ? "1" : wish;
    if (std::getenv("CACHECTL_SANITIZED") != nullptr) {
        most = std::max(most / 3, 1UL);  // a run takes four times as long
    }
    most = torture == "all" ? count : most * std::stoul(torture);
    std::set<unsigned long> chosen;
    for (unsigned long i = 0; i < std::min(count, most); ++i) {
        chosen.insert(count <= most ? i + 1 : 1 + i * (count - 1) / std::max(most - 1, 1UL));
    }
    for (unsigned long last = 0; last < std::min({count, most, 3UL}); ++last) {
        chosen.insert(count - last);
    }
    return {chosen.begin(), chosen.end()};
}

}  // namespace cachectl::test
