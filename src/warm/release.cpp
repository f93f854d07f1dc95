// The part of warm/warm.hpp that follows a complete load: --switch and --sync. All that can refuse
// comes before the first change, and the pointer is switched before what it pointed at is deleted.
#include <fmt/format.h>

#include <algorithm>

#include "redis/server_away.hpp"
#include "redis/server_processes.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"
#include "warm/release_plan.hpp"
#include "warm/rows/option_text.hpp"
#include "warm/stop.hpp"
#include "warm/warm.hpp"

namespace cachectl {

void Warm::open_release(const Guards& guards) {
    const ReleaseOptions& asked = m_options.release;
    std::vector<std::string> sync = m_plan.sync;
    sync.insert(sync.end(), asked.sync.begin(), asked.sync.end());
    if (!asked.switch_to.empty() && !m_plan.switch_to.empty()) {
        throw Error(ExitCode::usage, "--switch and the manifest's 'switch' exclude each other");
    }
    const ReleasePlan plan = ReleasePlan::of(
        sync, asked.switch_to.empty() ? m_plan.switch_to : asked.switch_to, m_plan.values);
    m_plan.values.check_used();
    if (plan.pointer) {
        PolicyLimits(m_policies)
            .check_pointer(plan.pointer->key, plan.pointer->key.size() + plan.pointer->value.size(),
                           [this](const std::string& message) { warn(message); });
        m_switch.emplace(*plan.pointer, guards, m_summary.pointer.emplace());
    }
    if (plan.patterns.empty() && asked.change.server_name && !m_ctx.settings.production) {
        throw Error(ExitCode::usage, "--confirm goes with --sync, which is missing");
    }
    if (plan.patterns.empty()) {
        return;
    }
    ChangeOptions change = asked.change;
    change.dry_run = m_options.dry_run;
    change.max_keys = m_options.writing.max_keys;
    change.policy_file = m_options.policy_file;
    change.backup_file.clear();  // it is the whole run's
    try {
        m_sync.emplace(m_ctx, plan, std::move(change), m_options.pace, guards,
                       m_summary.sync.emplace());
    } catch (const Error& error) {
        if (error.code() != ExitCode::guard) {
            throw;
        }
        throw WarmStop(error, error_id(error));
    }
}

void Warm::release() {
    if (!m_sync && !m_switch) {
        return;
    }
    if (m_summary.unavailable) {
        return undone("there was no server");
    }
    if (const auto verdict = this->verdict()) {
        return undone("the load is not complete");
    }
    m_summary.complete = false;
    try {
        carry_out_release();
    } catch (const Interrupted&) {
        undone("interrupted");
        throw;
    } catch (const ServerAway& error) {
        const bool may_lack = m_options.dry_run && m_options.if_unavailable == IfUnavailable::skip;
        undone(may_lack ? "there was no server" : error.what());
        if (!may_lack) {
            throw;
        }
        warn(std::string(error.what()) + "; what would be deleted is not known");
    } catch (const Error& error) {
        m_is_release_refused = error.code() == ExitCode::guard;
        undone(error.what());
        throw;
    }
    m_summary.complete = true;
}

void Warm::undone(const std::string& why) {
    if (!m_summary.sync) {
        return;
    }
    m_summary.sync->reason = why;
    m_summary.sync->complete = false;
}

void Warm::carry_out_release() {
    m_progress->clear();
    check_release();
    Client* client = m_writer.client();
    std::unique_ptr<Client> own;
    if (m_sync) {
        Client& walked = m_sync->connect();
        check_processes(walked);
        if (client == nullptr) {
            client = &walked;
        }
    }
    if (client == nullptr) {
        own = m_ctx.connect();
        client = own.get();
    }
    const bool deletes = m_sync && m_sync->prepare();
    if (stop_signal() != 0) {
        throw Interrupted{};
    }
    m_writer.check_processes();
    check_failover();
    if (m_switch) {
        m_switch->look(*client);
    }
    if (m_options.dry_run) {
        return;
    }
    if (m_switch) {
        m_switch->point(*client, m_writer.backup());
    }
    if (!deletes) {
        return;
    }
    m_sync->run(m_writer.backup());
    if (stop_signal() != 0) {
        throw Interrupted{};
    }
    m_writer.check_processes();
}

// Which key a bad row stands for nobody knows, so that every key may be one of the input's.
void Warm::check_release() const {
    if (m_sync && m_bad_rows != 0) {
        throw WarmStop(
            {ExitCode::guard,
             fmt::format("--sync deletes nothing, because {} {} rejected: which keys "
                         "they stand for is not known",
                         format_count(m_bad_rows), m_bad_rows == 1 ? "row was" : "rows were"),
             "mend the rows and run the command again; without --sync the load would be complete"},
            "guard-sync-rejected");
    }
    if (!m_doubt.empty()) {
        const std::string refused =
            m_sync ? "--sync deletes nothing" : "--switch leaves the pointer as it is";
        throw WarmStop({ExitCode::guard, refused + ", because rows may be missing: " + m_doubt,
                        std::string("give an input that is whole and has its rows as plain rows") +
                            (m_sync ? "; cachectl invalidate deletes keys without one" : "")},
                       m_sync ? "guard-sync-doubt" : "guard-switch-doubt");
    }
    check_that_all_have_records();
    if (m_writer.keys_made() == 0) {
        throw WarmStop(
            {ExitCode::guard, "the run made no key, and nothing is deleted or switched for that",
             "look at --where and at the input; cachectl invalidate deletes keys without one"},
            "guard-no-records");
    }
    if (m_sync) {
        m_sync->check();
    }
    check_spared();
    check_failover();
}

// What was there before under a key that may not be written is not of this release.
void Warm::check_spared() const {
    const WriteTally& tally = m_summary.tally;
    if (!m_switch || tally.protected_keys == 0) {
        return;
    }
    const std::string others =
        tally.protected_keys == 1
            ? ""
            : fmt::format(" and {} more", format_count(tally.protected_keys - 1));
    throw WarmStop({ExitCode::guard,
                    fmt::format("--switch: '{}'{} is protected, was there and differs from the "
                                "input: '{}' is not switched",
                                tally.spared_key, others, m_summary.pointer->key),
                    "delete it, or leave the keys of a release unprotected"},
                   "guard-switch");
}

// A file or a table that is empty by mistake must not empty a namespace.
void Warm::check_that_all_have_records() const {
    const auto refuse = [](const std::string& what) {
        throw WarmStop(
            {ExitCode::guard, what + ", and an empty input neither deletes nor switches anything",
             "if that is right, leave it out, and cachectl invalidate deletes what it "
             "made before; definitions go into one stream with their rows, or into a "
             "manifest's 'schema'"},
            "guard-no-records");
    };
    for (const WarmDataset& counts : m_summary.datasets) {
        if (counts.has_rows || counts.filtered != 0) {
            continue;
        }
        refuse(counts.file + ": there are no records " +
               (counts.table.empty() ? "" : "of table '" + counts.table + "' ") + "in it");
    }
    for (std::size_t d = 0; d < m_datasets.size(); ++d) {
        const DatasetOptions& options = m_datasets[d].options();
        const auto& all = m_summary.datasets;
        const bool has_rows = std::any_of(all.begin(), all.end(), [d](const WarmDataset& counts) {
            return counts.dataset == d && counts.has_rows;
        });
        if (!has_rows) {
            const OptionError none(ExitCode::guard, option("where") + " is true of no record");
            refuse(options.located(none).what());
        }
        for (const std::string& table : m_datasets[d].tables_without_rows()) {
            refuse(options.located("there are no records of table '" + table + "'"));
        }
    }
}

void Warm::check_failover() const {
    if (!m_summary.failed_over) {
        return;
    }
    throw WarmStop({ExitCode::partial,
                    "a server took over from its master in mid-run, and may lack keys of this run: "
                    "nothing is switched or deleted",
                    "run the same command again"},
                   "server-failed-over");
}

/// Whether the connection leads to the servers that were written to.
void Warm::check_processes(Client& client) const {
    const std::vector<std::string> now = ServerProcesses(client).run_ids();
    for (const std::string& id : m_writer.run_ids()) {
        if (id.empty() || std::find(now.begin(), now.end(), id) != now.end()) {
            continue;
        }
        throw WarmStop({ExitCode::partial,
                        "another server process answers than the one that was written to: nothing "
                        "is switched or deleted"},
                       "server-restarted");
    }
}

}  // namespace cachectl
