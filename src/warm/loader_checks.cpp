// The part of warm/loader.hpp that looks whether the server still is as it was, and what was
// written still there.
#include <fmt/format.h>

#include "redis/info.hpp"
#include "util/text.hpp"
#include "warm/loader.hpp"

namespace cachectl {

void WarmWriter::check_processes() {
    if (!m_client || keys_made() == 0) {
        return;
    }
    const std::optional<Error> error = m_processes->check(*m_client);
    for (const std::string& name : m_processes->take_promoted()) {
        m_summary.failed_over = true;
        m_warn(name +
               " took over from its master in mid-run; what the old one had not passed on "
               "is lost");
    }
    if (error) {
        throw WarmStop(*error, "server-restarted");
    }
}

void WarmWriter::check_at_the_end() {
    check_processes();
    if (!m_verifier) {
        return;
    }
    m_verifier->check_at_the_end();
    m_summary.verification = m_verifier->tally();
}

void WarmWriter::check() {
    if (!m_writer || !m_writer->stopped()) {
        return;
    }
    settle();
    const Error& reason = *m_writer->stopped();
    std::string message = reason.what();
    std::string hint = reason.hint();
    if (m_writer->out_of_memory()) {
        if (const auto memory = ServerMemory::ask_for_fullest(*m_client)) {
            message += " (" + memory->description() + ")";
        }
        hint = "free memory, raise maxmemory or choose a policy that evicts";
    }
    if (m_writer->stopped_line() != 0) {
        message += fmt::format("; stopped at {}:{}", m_last->file, m_writer->stopped_line());
    }
    throw Error(reason.code(), message, hint);
}

void WarmWriter::check_connection() {
    if (keys_made() != 0) {
        return check_processes();
    }
    // Nothing has been written yet that could be lost.
    if (!m_client || !m_client->call({"PING"}).is_broken()) {
        return;
    }
    m_client->reconnect();
    m_processes.emplace(*m_client);
}

}  // namespace cachectl
