#include "dump/source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "util/error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

bool would_wait(int fd) {
    pollfd readable{fd, POLLIN, 0};
    return ::poll(&readable, 1, 0) == 0;
}

}  // namespace

Source Source::open(const std::string& path, std::size_t read_bytes) {
    if (path == "-") {
        return Source(STDIN_FILENO, "stdin", read_bytes);
    }
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        throw Error(ExitCode::bad_input,
                    fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    }
    Source source(fd, path, read_bytes);
    source.m_owns_fd = true;
    struct stat facts {};
    if (::fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        throw Error(ExitCode::bad_input, fmt::format("cannot read {}: it is a directory", path),
                    "name the files in it; for a directory made by pg_dump: "
                    "pg_restore -f - DIRECTORY writes it as SQL");
    }
    return source;
}

Source::Source(int fd, std::string name, std::size_t read_bytes)
    : m_fd(fd), m_name(std::move(name)), m_read_bytes(read_bytes) {
    struct stat facts {};
    if (::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
        const off_t here = std::max<off_t>(::lseek(fd, 0, SEEK_CUR), 0);
        m_size = static_cast<std::uint64_t>(std::max<off_t>(facts.st_size - here, 0));
    }
}

Source::Source(Source&& other) noexcept
    : m_fd(other.m_fd),
      m_owns_fd(std::exchange(other.m_owns_fd, false)),
      m_name(std::move(other.m_name)),
      m_read_bytes(other.m_read_bytes),
      m_size(other.m_size),
      m_bytes_read(other.m_bytes_read),
      m_buffer(std::move(other.m_buffer)),
      m_capacity(other.m_capacity),
      m_begin(other.m_begin),
      m_end(other.m_end),
      m_appended(other.m_appended),
      m_on_interrupt(std::move(other.m_on_interrupt)),
      m_on_wait(std::move(other.m_on_wait)),
      m_on_fill(std::move(other.m_on_fill)),
      m_recognised(other.m_recognised),
      m_decompressor(std::move(other.m_decompressor)),
      m_limits(other.m_limits),
      m_packed(std::move(other.m_packed)),
      m_packed_taken(other.m_packed_taken) {}

Source::~Source() {
    if (m_owns_fd) {
        ::close(m_fd);
    }
}

double Source::share_consumed() const noexcept {
    if (!m_size || *m_size == 0 || m_appended == 0) {
        return 0;
    }
    const std::uint64_t unpacked = m_bytes_read - (m_packed.size() - m_packed_taken);
    return static_cast<double>(unpacked) / static_cast<double>(*m_size) *
           static_cast<double>(offset()) / static_cast<double>(m_appended);
}

void Source::make_room() {
    if (m_begin == m_end) {
        m_begin = m_end = 0;
    }
    const std::size_t wanted = std::max<std::size_t>(m_read_bytes / 2, 1);
    const std::size_t held = m_end - m_begin;
    if (m_capacity - m_end >= wanted) {
        return;
    }
    if (m_capacity - held >= wanted) {
        std::memmove(m_buffer.get(), m_buffer.get() + m_begin, held);
    } else {
        // Doubling keeps the copying of a record that spans many reads linear in its length.
        const std::size_t capacity = std::max(m_read_bytes, 2 * m_capacity);
        auto buffer = std::make_unique_for_overwrite<char[]>(capacity + k_padding);
        if (held != 0) {
            std::memcpy(buffer.get(), m_buffer.get() + m_begin, held);
        }
        m_buffer = std::move(buffer);
        m_capacity = capacity;
    }
    m_begin = 0;
    m_end = held;
}

/// Returns 0 at the end of the file.
std::size_t Source::read_some(char* to, std::size_t room) {
    if (m_on_wait && would_wait(m_fd)) {
        m_on_wait();
    }
    ssize_t got = 0;
    while ((got = ::read(m_fd, to, room)) < 0) {
        if (errno != EINTR) {
            throw Error(ExitCode::local_io,
                        fmt::format("cannot read {}: {}", m_name, std::strerror(errno)));
        }
        if (m_on_interrupt) {
            m_on_interrupt();
        }
    }
    m_bytes_read += static_cast<std::size_t>(got);
    return static_cast<std::size_t>(got);
}

/// The window has `count` bytes more; false if that is none.
bool Source::append(std::size_t count) {
    m_end += count;
    m_appended += count;
    std::memset(m_buffer.get() + m_end, 0, k_padding);
    return count > 0;
}

bool Source::fill_plain() {
    make_room();
    return append(read_some(m_buffer.get() + m_end, std::min(m_capacity - m_end, m_read_bytes)));
}

bool Source::fill() {
    if (m_on_fill) {
        m_on_fill();
    }
    if (m_decompressor != nullptr) {
        return fill_unpacked();
    }
    bool more = fill_plain();
    if (m_recognised) {
        return more;
    }
    m_recognised = true;
    Packing packing = recognise_packing(window());
    while (packing == Packing::undecided && more) {
        more = fill_plain();
        packing = recognise_packing(window());
    }
    if (packing == Packing::none || packing == Packing::undecided) {
        return !window().empty();
    }
    begin_unpacking(packing);
    return fill_unpacked();
}

void Source::begin_unpacking(Packing packing) {
    m_decompressor = make_decompressor(packing);
    m_packed = window();
    m_begin = m_end = 0;
    m_appended = 0;
}

bool Source::fill_unpacked() {
    make_room();
    const std::size_t room = std::min(m_capacity - m_end, m_read_bytes);
    while (true) {
        const auto step = m_decompressor->step(std::string_view(m_packed).substr(m_packed_taken),
                                               m_buffer.get() + m_end, room, m_name);
        m_packed_taken += step.taken;
        if (step.made > 0) {
            check_limits(step.made);
            return append(step.made);
        }
        if (step.taken > 0) {
            continue;
        }
        m_packed.resize(m_read_bytes);
        m_packed.resize(read_some(m_packed.data(), m_read_bytes));
        m_packed_taken = 0;
        if (m_packed.empty()) {
            if (!m_decompressor->complete()) {
                throw Error(ExitCode::bad_input,
                            fmt::format("cannot read {}: its {} data ends too early: was it cut?",
                                        m_name, m_decompressor->name()));
            }
            return false;
        }
    }
}

void Source::check_limits(std::size_t more) const {
    constexpr std::uint64_t k_free = 1024 * 1024;
    const std::uint64_t made = m_appended + more;
    const std::uint64_t unpacked = m_bytes_read - (m_packed.size() - m_packed_taken);
    if (m_limits.max_bytes != 0 && made > m_limits.max_bytes) {
        throw Error(
            ExitCode::guard,
            fmt::format("{} unpacks to more than {}", m_name, format_size(m_limits.max_bytes)),
            "--max-unpacked SIZE allows more");
    }
    if (m_limits.max_ratio != 0 && made > k_free && made / m_limits.max_ratio > unpacked) {
        throw Error(ExitCode::guard,
                    fmt::format("{} unpacks to more than {} times its size: is it a bomb?", m_name,
                                m_limits.max_ratio),
                    "if it is none, --max-unpacked SIZE says how large it may become");
    }
}

}  // namespace cachectl
