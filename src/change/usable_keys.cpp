#include "change/usable_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rdb/writer.hpp"
#include "util/error.hpp"
#include "walk/key_ledger.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_piece_bytes = std::uint64_t{256} << 10;
constexpr std::uint64_t k_batch_bytes = std::uint64_t{1} << 20;

/// What the file says of itself, without what every backup begins with.
RdbWriter::About about(const RdbCheck& check) {
    RdbWriter::About about;
    for (const RdbAux& aux : check.about) {
        if (aux.name != k_aux_backup) {
            about.emplace_back(aux.name, aux.value);
        }
    }
    return about;
}

}  // namespace

UsableKeys::UsableKeys(const RdbFile& file, RdbCheck check, Repeated repeated)
    : m_file(file), m_check(std::move(check)) {
    if (repeated == Repeated::no) {
        return;
    }
    KeyLedger met;
    read([&](const RdbKey& key, std::uint64_t place) {
        if (!met.add(key.name)) {
            m_last[key.name] = place;
            ++m_repeated;
        }
        return true;
    });
}

void UsableKeys::each(const std::function<bool(const RdbKey&)>& take) const {
    read([&](const RdbKey& key, std::uint64_t place) {
        const auto last = m_last.empty() ? m_last.end() : m_last.find(key.name);
        return (last != m_last.end() && last->second != place) || take(key);
    });
}

// It was whole when it was checked.
void UsableKeys::read(const Take& take) const {
    try {
        RdbReader reader = m_file.reader();
        std::uint64_t place = 0;
        while (reader.offset() < m_check.usable_bytes) {
            const RdbItem item = reader.next();
            if (item == RdbItem::end || (item == RdbItem::key && !take(reader.key(), place++))) {
                return;
            }
        }
    } catch (const RdbFault& fault) {
        throw Error(ExitCode::bad_input,
                    fmt::format("{} was changed while it was read: at byte {}, {}", m_file.path(),
                                fault.offset, fault.reason));
    }
}

void copy_keys(const UsableKeys& keys, const std::string& path) {
    RdbWriter to(path, about(keys.check()));
    to.needs(keys.check().version);
    std::uint64_t committed = 0;
    keys.each([&](const RdbKey& key) {
        to.begin({.database = key.database,
                  .name = key.name,
                  .expires_at = key.expires_at,
                  .idle = key.idle,
                  .frequency = key.frequency},
                 key.type);
        for (std::uint64_t done = 0; done < key.value_bytes; done += k_piece_bytes) {
            to.add_bytes(keys.file().bytes(key.value_offset + done,
                                           std::min(k_piece_bytes, key.value_bytes - done)));
        }
        if (to.bytes() - committed >= k_batch_bytes) {
            to.commit();
            committed = to.bytes();
        }
        return true;
    });
    to.commit();
    to.finish();
}

}  // namespace cachectl
