#include "restore/backup_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "cli/ambiguous_keys.hpp"
#include "rdb/format.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

/// What is left of a key's life; 0 where it is over.
std::optional<milliseconds> time_left(const RdbKey& key, milliseconds now) {
    if (!key.expires_at) {
        return std::nullopt;
    }
    return std::max(milliseconds(0), *key.expires_at - now);
}

UsableKeys usable_keys(const RdbFile& file, OnDamage on_damage) {
    RdbCheck check = check_rdb(file, on_damage);
    const bool was_cut = check.is_backup && !check.is_whole;
    return {file, std::move(check), was_cut ? Repeated::maybe : Repeated::no};
}

}  // namespace

BackupKeys::BackupKeys(Context& ctx, const std::string& path, OnDamage on_damage)
    : m_file(path), m_keys(usable_keys(m_file, on_damage)) {
    if (check().is_whole) {
        return;
    }
    if (check().keys == 0) {
        throw Error(ExitCode::bad_input,
                    fmt::format("{}: {}; no key in it can be trusted", path, check().why_not_whole),
                    check().is_backup ? ""
                                      : "only backups of cachectl have a checksum for each "
                                        "part of them");
    }
    const std::uint64_t unused = unused_bytes();
    ctx.warn(fmt::format(
        "{}: {}; its whole batches are used, {}{}", path, check().why_not_whole,
        format_counted(keys(), "key"),
        unused == 0 ? "" : ", and " + format_counted(unused, "byte") + " behind them passed over"));
}

void BackupKeys::check_whole() const {
    if (!check().is_whole) {
        throw Error(ExitCode::partial,
                    m_file.path() + " is not whole: keys may be missing from it");
    }
}

std::uint64_t list_backup(Context& ctx, const BackupKeys& keys, const ChosenKeys& chosen,
                          const RowsStyle& style, KeyForm form) {
    using enum Field::Kind;
    Rows rows(ctx.out, style,
              {{"key", "KEY", key},
               {"type", "TYPE"},
               {"bytes", "SIZE", bytes},
               {"ttl_ms", "", milliseconds},
               {"", "TTL", milliseconds, "never"},
               {"expired", "", flag},
               {"database", "DB", count}});
    AmbiguousKeys ambiguous(ctx, rows, form);
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(ctx.wall_now().time_since_epoch());
    std::uint64_t listed = 0;
    keys.each([&](const RdbKey& found) {
        if (chosen.contains(found.name)) {
            const auto left = time_left(found, now);
            const bool expired = left && left->count() == 0;
            rows.row({found.name, type_name(found.type), found.value_bytes, left,
                      expired ? FieldValue::absent("expired", Style::yellow) : FieldValue(left),
                      expired, found.database});
            ambiguous.add(found.name);
            ++listed;
        }
        return stop_signal() == 0;
    });
    rows.finish();
    ctx.out.flush();
    ambiguous.tell();
    return listed;
}

}  // namespace cachectl
