// One run of `restore`: the keys of a backup go back to a server, with the guards of a change.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "change/change.hpp"
#include "change/confirm.hpp"
#include "keyspace/namespaces.hpp"
#include "redis/server_processes.hpp"
#include "restore/backup_keys.hpp"
#include "restore/chosen_keys.hpp"
#include "restore/restore.hpp"
#include "restore/server_room.hpp"
#include "restore/summary.hpp"

namespace cachectl {

class Restoration {
public:
    Restoration(Context& ctx, const RestoreRequest& request);
    /// What is refused before the first key is sent: Error. The summary is written in any case that
    /// gets to the server.
    ExitCode run();

private:
    [[nodiscard]] std::uint64_t own_database() const {
        return static_cast<std::uint64_t>(m_ctx.settings.address.db);
    }
    /// Whether it is to be restored: it is chosen, and of the database that is taken of the file.
    [[nodiscard]] bool is_meant(const RdbKey& key) const {
        return key.database == m_from_database && m_chosen.contains(key.name);
    }
    /// Calls for each key that is meant until it returns false, or a signal comes.
    void each_meant(const std::function<bool(const RdbKey&)>& take) const;
    void count();
    /// Keys of one database go into another one only in a cluster that lacks the former. Throws
    /// NamedError(guard), and then nothing more is to be sent.
    void check_database();
    [[noreturn]] void refuse_databases(const std::set<std::uint64_t>& others) const;
    /// That the server will probably refuse the file's values.
    void tell_rdb_version();
    /// The file of another server may be meant for this one, or have got here by mistake.
    void tell_other_target();
    void check_room();
    /// What the file has are times of the server's clock, or one that goes as it does.
    std::function<WallTime()> clock();
    /// Of a run that goes on where another ended most is there already.
    std::uint64_t bytes_missing();
    void ask();
    void restore();
    /// A single server that goes away under a restoration ends it. A cluster has it go on.
    void note_processes();
    void check_processes();
    ExitCode finish();
    [[nodiscard]] std::string hint() const;

    Context& m_ctx;
    const RestoreRequest& m_request;
    ChangeRules m_rules;
    std::chrono::steady_clock::time_point m_started;
    ChosenKeys m_chosen;
    BackupKeys m_keys;
    std::uint64_t m_from_database = 0;  // of the file: the server's, or the only one that there is
    Question m_question = Question::not_needed;
    std::unique_ptr<NamespaceCounter> m_namespaces;
    std::set<std::uint64_t> m_others;  // databases of chosen keys that are left out
    std::unique_ptr<Client> m_client;
    std::optional<ServerProcesses> m_processes;  // of a cluster, before the first key
    std::unique_ptr<Paces> m_paces;
    RestoreSummary m_summary;
    ServerRoom m_room;
    std::optional<Error> m_failure;
};

}  // namespace cachectl
