#include "change/backup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "change/usable_keys.hpp"
#include "keyspace/temporary_key.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

std::uint64_t sum_of(std::string_view dumped) {
    std::uint64_t sum = 0;
    const std::string_view last =
        dumped.substr(dumped.size() - std::min(dumped.size(), sizeof sum));
    std::memcpy(&sum, last.data(), last.size());
    return sum;
}

/// Each key once, and with its end: a server does not start from a file that has a name twice.
/// Until it is done the file lacks its end, by which restore knows that the last of a name counts.
void write_each_once(const std::string& path) {
    const std::string new_path = path + random_suffix();
    try {
        const RdbFile file(path);
        copy_keys(UsableKeys(file, check_rdb(file), Repeated::maybe), new_path);
        if (std::rename(new_path.c_str(), path.c_str()) != 0) {
            throw Error(ExitCode::local_io,
                        "cannot rename " + new_path + ": " + std::strerror(errno));
        }
    } catch (const Error& error) {
        std::remove(new_path.c_str());
        throw Error(ExitCode::local_io,
                    fmt::format("{}; {} has all keys, and lacks its end, which restore --repair "
                                "writes",
                                error.what(), path));
    }
}

}  // namespace

Backup::Backup(std::string path, const RdbWriter::About& about, std::uint64_t database,
               SavedFacts facts)
    : m_file(std::move(path), about),
      m_database(database),
      m_facts(std::move(facts)),
      m_committed(m_file.bytes()) {}

Backup::State Backup::state_of(const SavedKey& key) {
    return {.sum = sum_of(key.dumped), .expires_at = key.expires_at};
}

RdbKeyHead Backup::head_of(const SavedKey& key) const {
    return {.database = m_database,
            .name = key.name,
            .expires_at = key.expires_at,
            .idle = key.idle,
            .frequency = key.frequency};
}

void Backup::add(const SavedKey& key) {
    m_met.note(key.name);
    m_file.add(head_of(key), key.dumped);
    m_saved.insert_or_assign(key.name, state_of(key));
}

void Backup::add_final(const SavedKey& key) {
    m_met.note(key.name);
    m_file.add(head_of(key), key.dumped);
}

void Backup::begin_alone() {
    commit();
    m_keys_before = m_file.keys();
}

void Backup::add_alone(const SavedKey& key) {
    m_file.add(head_of(key), key.dumped);
    commit();
}

RdbWriter& Backup::begin_pieces(const SavedKey& key, RdbType type) {
    m_file.begin(head_of(key), type);
    return m_file;
}

void Backup::commit_alone() { commit(); }

void Backup::drop_alone() {
    m_file.keys() == m_keys_before ? m_file.roll_back() : m_file.take_back_batch();
    m_committed = m_file.bytes();
}

void Backup::commit() {
    if (uncommitted_bytes() != 0) {
        m_file.reserve();
        commit_changed();
    }
}

void Backup::commit_changed() {
    if (uncommitted_bytes() == 0) {
        return;
    }
    m_file.commit();
    m_committed = m_file.bytes();
}

void Backup::roll_back() { m_file.roll_back(); }

void Backup::changed(const SavedKey& key) {
    const auto saved = m_saved.find(key.name);
    if (saved == m_saved.end()) {
        return;
    }
    const State before = saved->second;
    m_saved.erase(saved);
    const State now = state_of(key);
    const bool is_same =
        now.sum == before.sum && is_same_expiry(m_facts, now.expires_at, before.expires_at);
    if (key.dumped.empty() || is_same) {
        return;
    }
    m_met.note(key.name);
    m_file.add(head_of(key), key.dumped);
}

BackupSummary Backup::summary() {
    return {
        .file = m_file.path(), .bytes = m_committed, .keys = m_met.distinct(), .is_whole = false};
}

BackupSummary Backup::finish() {
    commit_changed();
    if (m_file.keys() == 0) {
        std::remove(m_file.path().c_str());
        return {};
    }
    BackupSummary summary = this->summary();
    if (summary.keys != m_file.keys()) {
        write_each_once(m_file.path());
    } else {
        m_file.finish();
    }
    summary.bytes = RdbFile(m_file.path()).size();
    summary.is_whole = true;
    return summary;
}

}  // namespace cachectl
