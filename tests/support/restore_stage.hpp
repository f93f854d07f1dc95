// A backup, and a restorer of its keys before a fake server.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "pace/paces.hpp"
#include "rdb/payload.hpp"
#include "rdb/writer.hpp"
#include "restore/key_restorer.hpp"
#include "support/fake_client.hpp"
#include "support/temp_dir.hpp"

namespace cachectl::test {

/// What its clock says at first.
inline constexpr auto k_restored_at = std::chrono::milliseconds(1'800'000'000'000);

/// A backup, and a restorer of all its keys.
class RestoreStage {
public:
    explicit RestoreStage(RestoreOptions options = {}) : m_options(options) {}

    RdbWriter& writer() { return m_writer; }
    void add(std::string_view name, std::string_view text,
             std::optional<std::chrono::milliseconds> expires_at = {}) {
        add(RdbKeyHead{.name = name, .expires_at = expires_at}, text);
    }
    void add(const RdbKeyHead& head, std::string_view text) {
        const std::string value = static_cast<char>(text.size()) + std::string(text);
        m_writer.add(head, make_dump_payload(RdbType::string, value, 11));
    }
    /// A string that is restored as a whole up to 100 KiB, and in slices beyond.
    void add_long(std::string_view name, std::size_t bytes,
                  std::optional<std::chrono::milliseconds> expires_at = {}) {
        m_writer.begin({.name = name, .expires_at = expires_at}, RdbType::string);
        m_writer.add_string(std::string(bytes, 'x'));
    }
    RestoreTally run(const PaceOptions& pace) { return run("", pace); }
    RestoreTally run(const std::string& spared = "", const PaceOptions& pace = {}) {
        m_writer.commit();
        m_writer.finish();
        const RdbFile file(m_path);
        RdbReader reader = file.reader();
        Paces paces(client, pace);
        KeyRestorer restorer(client, paces, file, reader.version(), m_options,
                             [this] { return WallTime(now); });
        for (RdbItem item = reader.next(); item != RdbItem::end; item = reader.next()) {
            if (item == RdbItem::key) {
                restorer.restore(reader.key(), reader.key().name == spared);
            }
        }
        restorer.settle();
        stopped = restorer.stopped();
        version = restorer.other_version();
        return restorer.tally();
    }

    FakeClient client;
    std::chrono::milliseconds now = k_restored_at;
    std::optional<Error> stopped;
    std::optional<int> version;

private:
    TempDir m_dir;
    std::string m_path = (m_dir.path() / "backup.rdb").string();
    RdbWriter m_writer{m_path, {}};
    RestoreOptions m_options;
};

}  // namespace cachectl::test
