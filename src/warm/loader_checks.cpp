// The part of warm/loader.hpp that looks whether the server still is as it was, and what was
// written still there.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "change/begin_backup.hpp"
#include "redis/info.hpp"
#include "redis/retry.hpp"
#include "redis/server_away.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"
#include "warm/loader.hpp"
#include "warm/stop.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_least_limit = std::size_t{1} << 20;  // no server can be set to less

}  // namespace

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

// It may be electing a master, which is over soon. If it is down, there is no server to write to.
void WarmWriter::check_cluster_is_up() {
    const auto is_down = [](const ServerNode& node) {
        const Reply reply = node.client->call({"CLUSTER", "INFO"});
        return reply.is_text() && reply.text.find("cluster_state:fail") != std::string::npos;
    };
    Retry retry(m_client->failover_patience());
    while (true) {
        const std::vector<ServerNode> nodes = m_client->nodes();
        const auto down = std::find_if(nodes.begin(), nodes.end(), is_down);
        if (down == nodes.end() || stop_signal() != 0) {
            return;
        }
        if (!retry.has_patience()) {
            const std::string name = down->name;
            m_client.reset();
            throw ServerAway(ExitCode::refused, "the cluster is down, says " + name,
                             "redis-cli --cluster check tells what it lacks");
        }
        m_client->sleep(Retry::k_step);
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

void WarmWriter::end_backup() {
    if (!m_backup) {
        return;
    }
    const auto describe = [this](BackupSummary backup) {
        backup.file = m_options.backup_file;
        backup.undo = undo_command(m_ctx.settings, backup.file, true);
        backup.undo_note = "which overwrites what was written since; keys that are new stay";
        return backup;
    };
    m_summary.backup = describe(m_backup->summary());
    m_summary.backup = describe(m_backup->finish());
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

// Whoever may not see the configuration learns of a lower limit only when the server hangs up.
void WarmWriter::learn_largest_value() {
    for (const ServerNode& node : m_client->nodes()) {
        const Reply reply = node.client->call({"CONFIG", "GET", "proto-max-bulk-len"});
        if (!reply.is_array() || reply.elements.size() != 2) {
            continue;
        }
        std::size_t limit = 0;
        const std::string& text = reply.elements[1].text;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), limit);
        if (parsed.ec == std::errc() && limit != 0) {
            m_largest_value = std::min(m_largest_value, limit);
        }
    }
}

std::string WarmWriter::too_large(std::string_view key, const Encoded& value) {
    std::size_t largest = key.size();
    for (const std::string_view part : value.parts) {
        largest = std::max(largest, part.size());
    }
    if (largest <= k_least_limit) {
        return {};
    }
    if (m_client && !std::exchange(m_knows_largest_value, true)) {
        learn_largest_value();
    }
    if (largest <= m_largest_value) {
        return {};
    }
    return fmt::format("it takes {}, and the server takes values of up to {} only",
                       format_size(largest), format_size(m_largest_value));
}

}  // namespace cachectl
