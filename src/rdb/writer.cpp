#include "rdb/writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "rdb/backup_file.hpp"
#include "rdb/crc64.hpp"
#include "rdb/little_endian.hpp"
#include "rdb/payload.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_write_bytes = 256 * 1024;

/// Of nine bytes in either case. Valkey counts its own versions from 80 on, under its own name; a
/// server of neither kind reads the other's.
std::string magic(int version) {
    constexpr int k_first_of_valkey = 80;
    return version < k_first_of_valkey ? fmt::format("REDIS{:04}", version)
                                       : fmt::format("VALKEY{:03}", version);
}

void append_length(std::string& text, std::uint64_t length) {
    constexpr std::uint64_t k_end_of_6_bits = 1U << 6;
    constexpr std::uint64_t k_end_of_14_bits = 1U << 14;
    if (length < k_end_of_6_bits) {
        text += static_cast<char>(length);
        return;
    }
    if (length < k_end_of_14_bits) {
        text += static_cast<char>(0x40 | length >> 8);
        text += static_cast<char>(length);
        return;
    }
    const bool is_short = length >> 32 == 0;
    text += is_short ? '\x80' : '\x81';
    for (int shift = is_short ? 24 : 56; shift >= 0; shift -= 8) {  // big endian
        text += static_cast<char>(length >> shift);
    }
}

void append_string(std::string& text, std::string_view bytes) {
    append_length(text, bytes.size());
    text += bytes;
}

void append_opcode(std::string& text, RdbOpcode opcode) { text += static_cast<char>(opcode); }

void append_aux(std::string& text, std::string_view name, std::string_view value) {
    append_opcode(text, RdbOpcode::aux);
    append_string(text, name);
    append_string(text, value);
}

}  // namespace

RdbWriter::RdbWriter(std::string path, const About& about)
    : m_path(std::move(path)), m_about(about), m_version(k_rdb_version_of_plain_types) {
    constexpr mode_t k_for_its_owner = 0600;
    m_fd = FileDescriptor(::open(m_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 k_for_its_owner));
    if (m_fd.get() < 0) {
        const bool exists = errno == EEXIST;
        throw Error(ExitCode::local_io, "cannot make " + m_path + ": " + std::strerror(errno),
                    exists ? "a backup never overwrites: name another file" : "");
    }
    sync_name();
    m_pending = beginning();
    m_committed.version = m_version;
}

std::string RdbWriter::beginning() const {
    std::string begins = magic(m_version);
    append_aux(begins, k_aux_backup, k_backup_format);
    for (const auto& [name, value] : m_about) {
        append_aux(begins, name, value);
    }
    return begins;
}

/// What is on the disk without its name could not be found after a power failure.
void RdbWriter::sync_name() const {
    const std::string folder = std::filesystem::absolute(m_path).parent_path();
    const FileDescriptor open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (open_folder.get() < 0 || ::fsync(open_folder.get()) != 0) {
        fail("write the name of");
    }
}

void RdbWriter::begin_key(const RdbKeyHead& head) {
    if (m_database != head.database) {
        m_database = head.database;
        append_opcode(m_pending, RdbOpcode::select_db);
        append_length(m_pending, head.database);
    }
    if (head.expires_at) {
        append_opcode(m_pending, RdbOpcode::expire_ms);
        append_little_endian(m_pending, static_cast<std::uint64_t>(head.expires_at->count()), 8);
    }
    if (head.idle) {
        append_opcode(m_pending, RdbOpcode::idle);
        append_length(m_pending, static_cast<std::uint64_t>(head.idle->count()));
    }
    if (head.frequency) {
        append_opcode(m_pending, RdbOpcode::frequency);
        m_pending += static_cast<char>(*head.frequency);
    }
    ++m_keys_of_batch;
}

void RdbWriter::add(const RdbKeyHead& head, std::string_view dumped) {
    const auto payload = parse_dump_payload(dumped);
    if (!payload) {
        throw Error(ExitCode::partial, "the server's answer to DUMP is not what it should be");
    }
    needs(payload->version);
    begin(head, payload->type);
    add_bytes(payload->value);
}

void RdbWriter::begin(const RdbKeyHead& head, RdbType type) {
    begin_key(head);
    m_pending += static_cast<char>(type);
    append_string(m_pending, head.name);
}

void RdbWriter::add_length(std::uint64_t length) { append_length(m_pending, length); }

void RdbWriter::add_string(std::string_view text) {
    append_length(m_pending, text.size());
    add_bytes(text);
}

void RdbWriter::add_score(double score) {
    append_little_endian(m_pending, std::bit_cast<std::uint64_t>(score), sizeof score);
}

void RdbWriter::add_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view some = bytes.substr(0, k_write_bytes);
        bytes.remove_prefix(some.size());
        m_pending += some;
        if (m_pending.size() >= k_write_bytes) {
            write_out();
        }
    }
}

RdbWriter::~RdbWriter() { give_back(); }

/// Where that fails the file takes more room than it needs, and that is all.
void RdbWriter::give_back() {
    if (std::exchange(m_reserved, 0) == 0 ||
        ::ftruncate(m_fd.get(), static_cast<off_t>(m_written)) == 0) {
        return;
    }
}

// Not every file system can; a limit on the file's size is none of the disk's.
void RdbWriter::reserve() {
    const std::uint64_t wanted = m_written + m_pending.size() + k_reserved_bytes;
    if (m_reserved >= wanted) {
        return;
    }
    // Twice as much at first, so that not each batch asks.
    for (const std::uint64_t all : {wanted + k_reserved_bytes, wanted}) {
        if (::fallocate(m_fd.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(all)) == 0) {
            m_reserved = all;
            return;
        }
    }
    if (errno == ENOSPC || errno == EDQUOT) {
        fail("reserve room for");
    }
}

void RdbWriter::commit() {
    write_out();
    end_batch();
    // The batch is in the file, whether or not it is on the disk.
    if (::fdatasync(m_fd.get()) != 0) {
        m_sync_error = errno;
        fail("write");
    }
}

/// What fails leaves a batch that can be ended again.
void RdbWriter::end_batch() {
    Sha256 of_next;
    append_aux(m_pending, k_aux_batch, batch_text(m_batches + 1, m_keys_of_batch, m_digest.hex()));
    try {
        write_out();
    } catch (const Error&) {
        m_pending.clear();
        throw;
    }
    ++m_batches;
    m_keys += std::exchange(m_keys_of_batch, 0);
    m_digest = std::move(of_next);
    m_before_batch =
        std::exchange(m_committed, {m_written, m_crc, m_database, m_version, m_keys, m_batches});
}

void RdbWriter::roll_back() {
    m_keys_of_batch = 0;
    m_digest = Sha256();
    m_crc = m_committed.crc;
    m_database = m_committed.database;
    m_version = m_committed.version;
    m_pending.clear();
    if (m_committed.written == 0) {
        m_pending = beginning();
    }
    if (std::exchange(m_written, m_committed.written) != m_committed.written &&
        ::ftruncate(m_fd.get(), static_cast<off_t>(m_written)) != 0) {
        fail("shorten");
    }
    m_reserved = 0;  // a file that is shortened keeps no room behind its end
}

void RdbWriter::take_back_batch() {
    m_committed = m_before_batch;
    m_keys = m_committed.keys;
    m_batches = m_committed.batches;
    roll_back();
}

void RdbWriter::finish() {
    append_opcode(m_pending, RdbOpcode::end);
    write_out();
    if (m_version != m_version_in_file) {
        replace_version();
    }
    append_little_endian(m_pending, m_crc, sizeof m_crc);
    write_out();
    give_back();
    // After a sync that failed the system may call the next one a success, and has lost what it
    // could not write (fsync(2), "Errors").
    errno = m_sync_error;
    if (m_sync_error != 0 || ::fsync(m_fd.get()) != 0) {
        fail("write");
    }
}

/// Adds up what is written; of the file's first bytes the version is not a part of any batch.
void RdbWriter::write_out() {
    std::string_view of_batch = m_pending;
    if (m_written == 0) {
        m_version_in_file = m_version;
        m_pending.replace(0, magic(m_version).size(), magic(m_version));
        of_batch = std::string_view(m_pending).substr(magic(m_version).size());
    }
    write_at(m_pending, m_written);
    m_crc = crc64(m_crc, m_pending);
    m_digest.add(of_batch);
    m_written += m_pending.size();
    m_pending.clear();
}

/// A server of another version came later: the sum begins with its version.
void RdbWriter::replace_version() {
    const std::string begins = magic(m_version);
    write_at(begins, 0);
    m_crc = crc64(0, begins);
    std::string window(k_write_bytes, '\0');
    for (std::uint64_t offset = begins.size(); offset < m_written;) {
        const ssize_t got =
            ::pread(m_fd.get(), window.data(), window.size(), static_cast<off_t>(offset));
        if (got <= 0) {
            fail("read back");
        }
        m_crc = crc64(m_crc, std::string_view(window.data(), static_cast<std::size_t>(got)));
        offset += static_cast<std::uint64_t>(got);
    }
}

void RdbWriter::write_at(std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t done =
            ::pwrite(m_fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            fail("write");
        }
        bytes.remove_prefix(static_cast<std::size_t>(done));
        offset += static_cast<std::uint64_t>(done);
    }
}

void RdbWriter::fail(const char* what) const {
    throw Error(ExitCode::local_io,
                fmt::format("cannot {} {}: {}", what, m_path, std::strerror(errno)));
}

}  // namespace cachectl
