#include "rdb/backup_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_about = 100;

[[noreturn]] void fail_to_open(const std::string& path, const std::string& why) {
    throw Error(ExitCode::bad_input, "cannot read " + path + ": " + why);
}

}  // namespace

RdbFile::RdbFile(std::string path)
    : m_path(std::move(path)), m_fd(::open(m_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat facts {};
    if (m_fd.get() < 0 || ::fstat(m_fd.get(), &facts) != 0) {
        fail_to_open(m_path, std::strerror(errno));
    }
    if (!S_ISREG(facts.st_mode)) {
        fail_to_open(m_path, "it is no file");
    }
    const bool is_of_another = facts.st_uid != 0 && facts.st_uid != ::geteuid();
    if (is_of_another || (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        throw Error(ExitCode::guard,
                    m_path +
                        " can be written by others, and a value that was made up can attack "
                        "the server that restores it",
                    is_of_another ? "if you know where it comes from, restore a copy of your own"
                                  : "if you know where it comes from: chmod go-w " + m_path);
    }
    m_size = static_cast<std::uint64_t>(facts.st_size);
}

namespace {

/// The state of a reading that checks.
class Check {
public:
    Check(std::string path, RdbReader reader, OnDamage on_damage)
        : m_path(std::move(path)), m_reader(std::move(reader)), m_on_damage(on_damage) {
        m_found.version = m_reader.version();
    }

    RdbCheck run() {
        try {
            RdbItem item = m_reader.next();
            for (; item != RdbItem::end; item = m_reader.next()) {
                take(item);
            }
            take_end();
        } catch (const RdbFault& fault) {
            if (fault.is_cut) {
                m_found.why_not_whole = cut_at(fault);
            } else {
                end_at(Damage{fault.offset, fault.reason});
            }
        } catch (const Damage& damage) {
            end_at(damage);
        }
        return m_found;
    }

private:
    /// Bytes that are not what their sum was made of.
    struct Damage {
        std::uint64_t offset;
        std::string why;
    };

    void end_at(const Damage& damage) {
        if (m_on_damage == OnDamage::refuse || m_found.batches == 0) {
            throw Error(ExitCode::bad_input, fmt::format("{}: damaged at byte {}: {}", m_path,
                                                         damage.offset, damage.why));
        }
        m_found.why_not_whole =
            fmt::format("it is damaged at byte {}: {}", damage.offset, damage.why);
    }

    // A run that was killed leaves the same as somebody who cuts its file.
    [[nodiscard]] std::string cut_at(const RdbFault& fault) const {
        constexpr std::string_view k_ended = "the run that wrote it was ended, or the file was cut";
        if (!m_found.is_backup) {
            return fmt::format("it is cut at byte {}: {}", fault.offset, fault.reason);
        }
        if (fault.offset == m_found.usable_bytes) {
            return fmt::format("it lacks its end mark: {} right behind a batch", k_ended);
        }
        return fmt::format("it lacks its end: {} (at byte {}, {})", k_ended, fault.offset,
                           fault.reason);
    }

    void take(RdbItem item) {
        if (item == RdbItem::key) {
            m_found.databases.insert(m_reader.key().database);
            ++m_keys_of_batch;
            return;
        }
        const RdbAux& aux = m_reader.aux();
        if (m_found.is_backup && aux.name == k_aux_batch) {
            end_batch(aux);
        } else if (m_found.batches == 0 && m_keys_of_batch == 0 &&
                   m_found.about.size() < k_most_about) {
            m_found.is_backup = m_found.is_backup || aux.name == k_aux_backup;
            m_found.about.push_back({aux.name, aux.value});
        }
    }

    void end_batch(const RdbAux& aux) {
        ++m_found.batches;
        if (aux.value != batch_text(m_found.batches, m_keys_of_batch, aux.digest_before)) {
            bad(m_reader.offset(),
                fmt::format("batch {} is not what its checksum was made of", m_found.batches));
        }
        end_usable();
        m_reader.begin_digest();
    }

    void take_end() {
        const auto sum = m_reader.sum();
        if (sum == RdbReader::Sum::wrong) {
            bad(m_reader.offset(), "the file is not what its checksum was made of");
        }
        if (m_found.is_backup && (m_keys_of_batch != 0 || sum == RdbReader::Sum::none)) {
            bad(m_reader.offset(), "a backup ends with a checksum, and so does each batch of it");
        }
        if (sum == RdbReader::Sum::none) {
            m_found.why_not_whole = "it was written without a checksum (rdbchecksum no)";
            return;
        }
        end_usable();
        m_found.is_whole = true;
    }

    void end_usable() {
        m_found.keys += std::exchange(m_keys_of_batch, 0);
        m_found.usable_bytes = m_reader.offset();
    }

    [[noreturn]] static void bad(std::uint64_t offset, const std::string& why) {
        throw Damage{offset, why};
    }

    std::string m_path;
    RdbReader m_reader;
    OnDamage m_on_damage;
    RdbCheck m_found;
    std::uint64_t m_keys_of_batch = 0;
};

}  // namespace

std::string RdbFile::bytes(std::uint64_t offset, std::uint64_t size) const {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got = ::pread(m_fd.get(), bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(offset + done));
        if (got == 0 || (got < 0 && errno != EINTR)) {
            throw Error(ExitCode::local_io,
                        fmt::format("cannot read {}: {}", m_path,
                                    got == 0 ? "it has become shorter" : std::strerror(errno)));
        }
        done += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    }
    return bytes;
}

std::string batch_text(std::uint64_t number, std::uint64_t keys, std::string_view digest) {
    return fmt::format("{} {} {}", number, keys, digest);
}

RdbCheck check_rdb(const RdbFile& file, OnDamage on_damage) {
    std::optional<RdbReader> reader;
    try {
        reader.emplace(file.reader());
    } catch (const RdbFault& fault) {
        throw Error(ExitCode::bad_input, file.path() + " is no RDB file: " + fault.reason);
    }
    return Check(file.path(), std::move(*reader), on_damage).run();
}

}  // namespace cachectl
