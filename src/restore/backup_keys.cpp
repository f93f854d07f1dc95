#include "restore/backup_keys.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

#include "rdb/crc64.hpp"
#include "rdb/format.hpp"
#include "rdb/little_endian.hpp"
#include "util/file_descriptor.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

[[noreturn]] void fail_to_write(const std::string& path) {
    throw Error(ExitCode::local_io, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            fail_to_write(path);
        }
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
}

/// What is left of a key's life; 0 where it is over.
std::optional<milliseconds> time_left(const RdbKey& key, milliseconds now) {
    if (!key.expires_at) {
        return std::nullopt;
    }
    return std::max(milliseconds(0), *key.expires_at - now);
}

}  // namespace

BackupKeys::BackupKeys(Context& ctx, const std::string& path)
    : m_file(path), m_check(check_rdb(m_file)) {
    if (m_check.is_whole) {
        return;
    }
    if (m_check.keys == 0) {
        throw Error(ExitCode::bad_input,
                    fmt::format("{}: {}; no key in it can be trusted", path, m_check.why_not_whole),
                    m_check.is_backup ? ""
                                      : "only backups of cachectl have a checksum for each "
                                        "part of them");
    }
    ctx.warn(fmt::format("{}: {}; its whole batches are used, {} keys", path, m_check.why_not_whole,
                         format_count(m_check.keys)));
}

// It was whole when it was checked.
void BackupKeys::each(const std::function<bool(const RdbKey&)>& take) const {
    try {
        RdbReader reader = m_file.reader();
        while (reader.offset() < m_check.usable_bytes) {
            const RdbItem item = reader.next();
            if (item == RdbItem::end || (item == RdbItem::key && !take(reader.key()))) {
                return;
            }
        }
    } catch (const RdbFault& fault) {
        throw Error(ExitCode::bad_input,
                    fmt::format("{} was changed while it was read: at byte {}, {}", m_file.path(),
                                fault.offset, fault.reason));
    }
}

bool list_backup(Context& ctx, const BackupKeys& keys, const KeyFilter& filter,
                 const RowsStyle& style) {
    using enum Field::Kind;
    Rows rows(ctx.out, style,
              {{"key", "KEY", key},
               {"type", "TYPE"},
               {"bytes", "SIZE", bytes},
               {"ttl_ms", "TTL", milliseconds, "never"},
               {"database", "DB", count}});
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(ctx.wall_now().time_since_epoch());
    keys.each([&](const RdbKey& found) {
        if (filter.matches_name(found.name)) {
            rows.row({found.name, type_name(found.type), found.value_bytes, time_left(found, now),
                      found.database});
        }
        return stop_signal() == 0;
    });
    rows.finish();
    return stop_signal() == 0;
}

void repair_backup(const BackupKeys& keys, const std::string& path) {
    const FileDescriptor out(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (out.get() < 0) {
        fail_to_write(path);
    }
    // A whole file has its end already.
    const bool has_end = keys.check().is_whole;
    std::uint64_t crc = 0;
    constexpr std::uint64_t k_piece = std::uint64_t{1} << 20;
    const std::uint64_t size = keys.check().usable_bytes;
    for (std::uint64_t at = 0; at < size; at += k_piece) {
        const std::string piece = keys.file().bytes(at, std::min(k_piece, size - at));
        crc = crc64(crc, piece);
        write_all(out.get(), piece, path);
    }
    if (!has_end) {
        const std::string end(1, static_cast<char>(RdbOpcode::end));
        std::string sum;
        append_little_endian(sum, crc64(crc, end), 8);
        write_all(out.get(), end + sum, path);
    }
    if (::fsync(out.get()) != 0) {
        fail_to_write(path);
    }
}

}  // namespace cachectl
