#include "support/soak_commands.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

namespace cachectl::test {

namespace {

constexpr std::size_t k_namespaces = 5;
constexpr std::size_t k_ids = 60;

std::int64_t in_hours(std::int64_t hours) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count() + hours * 3'600'000;
}

SoakChanges gone(const SoakKeys& keys, const std::string& pattern) {
    SoakChanges changes;
    for (const auto& [key, value] : keys) {
        if (SoakCommands::matches(pattern, key)) {
            changes[key] = std::nullopt;
        }
    }
    return changes;
}

}  // namespace

SoakCommands::SoakCommands(RandomData& random, std::string backup)
    : m_random(random), m_backup(std::move(backup)) {}

std::string SoakCommands::some_namespace() {
    return k_prefix + std::to_string(m_random.below(k_namespaces));
}

std::string SoakCommands::some_key() {
    return some_namespace() + ':' + std::to_string(m_random.below(k_ids));
}

std::string SoakCommands::some_pattern() {
    switch (m_random.below(3)) {
        case 0:
            return some_namespace() + ":*";
        case 1:
            return some_namespace() + ':' + std::to_string(m_random.below(6)) + '*';
        default:
            return some_key();
    }
}

bool SoakCommands::matches(const std::string& pattern, const std::string& key) {
    return pattern.ends_with('*')
               ? key.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1))
               : key == pattern;
}

std::int64_t SoakCommands::some_hours() {
    return 48 + 12 * static_cast<std::int64_t>(m_random.below(10));
}

SoakCommand SoakCommands::change(const SoakKeys& keys) {
    SoakCommand command;
    switch (m_random.below(m_saved.empty() ? 7 : 8)) {
        case 0:
        case 1:
        case 2:
            command = warm(keys);
            break;
        case 3:
            command = invalidate(keys);
            break;
        case 4:
            command = flush(keys);
            break;
        case 5:
        case 6:
            command = expire(keys);
            break;
        default:
            command = restore(keys);
    }
    command.words.emplace_back("--json");
    // Half of them take their time, so that more happens under them.
    if (m_random.one_in(2)) {
        command.words.emplace_back("--max-rate");
        command.words.push_back(std::to_string(20 + m_random.below(100)));
    }
    return command;
}

void SoakCommands::done(const SoakCommand& command) {
    if (!command.saved.empty()) {
        m_saved = command.saved;
    }
}

SoakCommand SoakCommands::warm(const SoakKeys& keys) {
    const std::string space = some_namespace();
    const bool overwrites = m_random.one_in(2), as_hash = m_random.one_in(3);
    const std::int64_t hours = some_hours();
    const std::size_t first = m_random.below(k_ids), count = 1 + m_random.below(k_ids);
    SoakCommand command{.counted = "written"};
    for (std::size_t id = first; id < std::min(first + count, k_ids); ++id) {
        const nlohmann::json row = {{"id", std::to_string(id)}, {"text", m_random.text(20)}};
        command.input += row.dump() + '\n';
        const std::string key = space + ':' + std::to_string(id);
        if (overwrites || !keys.contains(key)) {
            command.changes[key] =
                SoakValue{as_hash ? "hash" : "string", row.dump(), in_hours(hours)};
        }
    }
    command.words = {"warm",     "-",
                     "--format", "ndjson",
                     "--key",    space + ":{id}",
                     "--ttl",    std::to_string(hours) + "h"};
    if (overwrites) {
        command.words.insert(command.words.end(), {"--if-exists", "overwrite"});
    }
    if (as_hash) {
        command.words.insert(command.words.end(), {"--as", "hash"});
    }
    return command;
}

SoakCommand SoakCommands::invalidate(const SoakKeys& keys) {
    const std::string pattern = some_pattern();
    SoakCommand command{.words = {"invalidate", pattern, "--yes"},
                        .changes = gone(keys, pattern),
                        .counted = "deleted"};
    if (m_random.one_in(2)) {
        std::filesystem::remove(m_backup);
        m_saved.clear();
        command.words.insert(command.words.end(), {"--backup", m_backup});
        for (const auto& [key, nothing] : command.changes) {
            command.saved.emplace(key, keys.at(key));
        }
    }
    return command;
}

SoakCommand SoakCommands::flush(const SoakKeys& keys) {
    const std::string space = some_namespace();
    return {.words = {"flush", space, "--yes"},
            .changes = gone(keys, space + ":*"),
            .counted = "deleted"};
}

SoakCommand SoakCommands::restore(const SoakKeys& keys) {
    const bool replaces = m_random.one_in(2);
    SoakCommand command{.words = {"restore", m_backup, "--yes"}, .counted = "restored"};
    for (const auto& [key, value] : m_saved) {
        if (replaces || !keys.contains(key)) {
            command.changes[key] = value;
        }
    }
    if (replaces) {
        command.words.emplace_back("--replace");
    }
    return command;
}

SoakCommand SoakCommands::expire(const SoakKeys& keys) {
    const std::string pattern = some_pattern();
    const bool removes = m_random.one_in(4);
    const std::int64_t hours = some_hours();
    SoakCommand command{.words = {"expire", pattern, "--yes"},
                        .counted = "changed",
                        .is_exact = false};  // some may be as asked for already
    for (const auto& [key, value] : keys) {
        if (matches(pattern, key)) {
            SoakValue next = value;
            next.expires_at_ms = removes ? std::nullopt : std::optional(in_hours(hours));
            command.changes[key] = next;
        }
    }
    if (removes) {
        command.words.emplace_back("--remove");
    } else {
        command.words.insert(command.words.end(), {"--set", std::to_string(hours) + "h"});
    }
    return command;
}

}  // namespace cachectl::test
