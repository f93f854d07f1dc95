#include "change/usable_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "rdb/writer.hpp"
#include "util/error.hpp"
#include "walk/key_set.hpp"

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

UsableKeys::UsableKeys(const RdbFile& file, RdbCheck check, Repeated repeated,
                       std::uint64_t names_at_once)
    : m_file(file), m_check(std::move(check)) {
    if (repeated == Repeated::maybe) {
        find_repeated(names_at_once);
    }
}

// Names are held as hashes, a part of them at a time, so that memory does not grow with the file:
// 24 bytes each, and a bit for each key.
void UsableKeys::find_repeated(std::uint64_t names_at_once) {
    struct Name {
        KeyHash hash;
        std::uint64_t place;
    };
    const std::uint64_t parts = m_check.keys / names_at_once + 1;
    const KeyHasher hash_of;
    std::vector<Name> names;
    names.reserve(m_check.keys / parts + m_check.keys / parts / 16 + 1);
    for (std::uint64_t part = 0; part < parts; ++part) {
        names.clear();
        read([&](const RdbKey& key, std::uint64_t place) {
            const KeyHash hash = hash_of(key.name);
            if (hash.high % parts == part) {
                names.push_back({hash, place});
            }
            return true;
        });
        std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) {
            return std::tie(a.hash.high, a.hash.low, a.place) <
                   std::tie(b.hash.high, b.hash.low, b.place);
        });
        for (std::size_t i = 1; i < names.size(); ++i) {
            if (names[i - 1].hash == names[i].hash) {
                const std::uint64_t place = names[i - 1].place;
                m_stands_again.resize(std::max(m_stands_again.size(), place + 1));
                m_stands_again[place] = true;
                ++m_repeated;
            }
        }
    }
}

void UsableKeys::each(const std::function<bool(const RdbKey&)>& take) const {
    read([&](const RdbKey& key, std::uint64_t place) {
        const bool stands_again = place < m_stands_again.size() && m_stands_again[place];
        return stands_again || take(key);
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
