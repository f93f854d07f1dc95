#include "support/companion.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "support/observed_run.hpp"

namespace cachectl::test {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_most_descriptors = 40;
constexpr std::size_t k_most_growth_kib =
    8'192;  // slots in thousands of pieces are told in a megabyte
constexpr auto k_settling = std::chrono::seconds(10);
constexpr Millis k_a_day{24 * 3'600'000};

std::size_t resident_kib(pid_t pid) {
    constexpr std::string_view k_field = "VmRSS:";
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(k_field)) {
            return std::strtoul(line.c_str() + k_field.size(), nullptr, 10);
        }
    }
    return 0;
}

std::size_t descriptors(pid_t pid) {
    std::error_code gone;
    std::filesystem::directory_iterator at("/proc/" + std::to_string(pid) + "/fd", gone);
    std::size_t count = 0;
    for (; !gone && at != std::filesystem::directory_iterator(); at.increment(gone)) {
        ++count;
    }
    return count;
}

}  // namespace

Companion::Companion(std::vector<std::string> words, Input input)
    : m_words(std::move(words)), m_input(input) {
    begin();
}

void Companion::begin() {
    const bool is_fed = m_input == Input::fed;
    m_process = std::make_unique<Process>(
        cachectl_argv(m_words), ProcessOptions{.keep_stdin_open = is_fed, .timeout = k_a_day});
    m_begun = Clock::now();
    m_first_kib = 0;
}

void Companion::tend(const std::string& input) {
    m_process->pump(Millis(0));
    if (!m_process->running()) {
        const ProcessResult result = m_process->wait();
        INFO(m_words[0], ": ", result.err);
        CHECK((result.exit_code == 3 || result.exit_code == 5));
        ++m_given_up;
        begin();
    }
    if (m_input == Input::fed) {
        m_process->write_stdin(input);
    }
    m_most_descriptors = std::max(m_most_descriptors, descriptors(m_process->pid()));
    if (Clock::now() - m_begun < k_settling) {
        return;
    }
    const std::size_t now = resident_kib(m_process->pid());
    m_first_kib = m_first_kib == 0 ? now : m_first_kib;
    m_most_growth_kib = std::max(m_most_growth_kib, now - std::min(now, m_first_kib));
}

void Companion::end() {
    if (m_input == Input::fed) {
        m_process->close_stdin();
    } else {
        m_process->send_signal(SIGINT);
    }
    const ProcessResult result = m_process->wait();
    INFO(m_words[0], ": ", result.err);
    CHECK((result.exit_code == 0 || result.exit_code == 5 || result.exit_code == 130));
    CHECK(m_most_descriptors < k_most_descriptors);
    CHECK((is_sanitized() || m_most_growth_kib < k_most_growth_kib));  // freed memory is kept there
    MESSAGE(m_words[0] << ": gave up " << m_given_up << " times, " << m_first_kib << " KiB and "
                       << m_most_growth_kib << " KiB more, at most " << m_most_descriptors
                       << " descriptors");
}

}  // namespace cachectl::test
