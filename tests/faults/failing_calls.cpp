// A library for LD_PRELOAD: it counts the calls of a kind that a program makes from the beginning
// of main() on, and lets the n-th one fail. Its environment:
//   FAILING_CALL=KIND:N:ERROR   the N-th call of the kind fails with this errno (a number), or
//   moves
//                               one byte only (`short`); `KIND:N+:ERROR`: so do all after it.
//   FAILING_CALL_REPORT=FILE    a line "failed SYMBOL" for the first call that failed and, when the
//                               program ends, a line "KIND COUNT" for each kind.
// It is C in all but name: nothing here allocates, and nothing throws.
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
}

namespace {

enum Kind {
    k_open,
    k_read,
    k_write,
    k_recv,
    k_send,
    k_poll,
    k_socket,
    k_connect,
    k_sync,
    k_rename,
    k_lock,
    k_truncate,
    k_stat,
    k_close,
    k_mmap,
    k_alloc,
    k_kinds,
};

constexpr const char* k_names[k_kinds] = {
    "open", "read",   "write", "recv",     "send", "poll",  "socket", "connect",
    "sync", "rename", "lock",  "truncate", "stat", "close", "mmap",   "alloc"};

enum class Fate { works, fails, is_short };

std::atomic<bool> g_counting = false;
std::atomic<unsigned long> g_counts[k_kinds];
std::atomic<bool> g_reported = false;
int g_kind = -1;
unsigned long g_nth = 0;
bool g_all_after = false;
bool g_short = false;
int g_error = 0;

/// Past the hooks, so that the report itself neither counts nor fails.
void report(const char* word, const char* rest) {
    const char* const path = getenv("FAILING_CALL_REPORT");
    if (path == nullptr) {
        return;
    }
    const long fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0) {
        return;
    }
    char line[128];
    const int size = snprintf(line, sizeof line, "%s %s\n", word, rest);
    syscall(SYS_write, fd, line, size);
    syscall(SYS_close, fd);
}

/// KIND:N[+]:ERROR
void read_wish() {
    const char* wish = getenv("FAILING_CALL");
    const char* const colon = wish == nullptr ? nullptr : strchr(wish, ':');
    if (colon == nullptr) {
        return;
    }
    for (int kind = 0; kind < k_kinds; ++kind) {
        const size_t size = strlen(k_names[kind]);
        if (size == static_cast<size_t>(colon - wish) && strncmp(wish, k_names[kind], size) == 0) {
            g_kind = kind;
        }
    }
    char* end = nullptr;
    g_nth = strtoul(colon + 1, &end, 10);
    g_all_after = *end == '+';
    const char* const error = strchr(end, ':');
    g_short = error != nullptr && strcmp(error, ":short") == 0;
    g_error = error == nullptr ? EIO : atoi(error + 1);
}

/// Counts the call, and sets errno if it is to fail.
Fate fate_of(Kind kind, const char* symbol) {
    if (!g_counting) {
        return Fate::works;
    }
    const unsigned long number = ++g_counts[kind];
    if (kind != g_kind || number < g_nth || (number > g_nth && !g_all_after)) {
        return Fate::works;
    }
    if (!g_reported.exchange(true)) {
        report("failed", symbol);
    }
    if (g_short) {
        return Fate::is_short;
    }
    errno = g_error;
    return Fate::fails;
}

/// A connection that was reset is of no use to the calls that follow either.
void end_connection(Kind kind, int fd) {
    if (kind == k_recv || kind == k_send) {
        syscall(SYS_shutdown, fd, SHUT_RDWR);
        errno = g_error;
    }
}

bool is_end_of_connection() { return g_error == ECONNRESET || g_error == EPIPE; }

template <typename Function>
Function* next(Function*& known, const char* symbol) {
    if (known == nullptr) {
        known = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, symbol));
    }
    return known;
}

// What these libraries allocate for themselves does not fail here, as they do not all survive it:
// OpenSSL 3.0 takes a lock that its initialization could not make, and glibc 2.36 asserts
// (nss_database_reload_1).
constexpr const char* k_spared[] = {"/libcrypto.", "/libssl.", "/libc."};
constexpr int k_most_spared = 3;

struct Range {
    const char* begin = nullptr;
    const char* end = nullptr;
};
Range g_spared[k_most_spared];

bool is_spared(const char* path) {
    for (const char* name : k_spared) {
        if (strstr(path, name) != nullptr) {
            return true;
        }
    }
    return false;
}

int note_spared(dl_phdr_info* library, size_t, void* count) {
    int& found = *static_cast<int*>(count);
    const bool is_meant = is_spared(library->dlpi_name);
    for (int i = 0; is_meant && found < k_most_spared && i < library->dlpi_phnum; ++i) {
        const auto& part = library->dlpi_phdr[i];
        if (part.p_type == PT_LOAD && (part.p_flags & PF_X) != 0) {
            const auto* const begin =
                reinterpret_cast<const char*>(library->dlpi_addr + part.p_vaddr);
            g_spared[found++] = {begin, begin + part.p_memsz};
            break;
        }
    }
    return 0;
}

Fate fate_of_allocation(const char* symbol, const void* caller) {
    for (const Range& range : g_spared) {
        if (caller >= range.begin && caller < range.end) {
            return Fate::works;
        }
    }
    return fate_of(k_alloc, symbol);
}

int (*g_main)(int, char**, char**) = nullptr;

int counted_main(int argc, char** argv, char** environment) {
    read_wish();
    int found = 0;
    dl_iterate_phdr(note_spared, &found);
    g_counting = true;
    return g_main(argc, argv, environment);
}

__attribute__((destructor)) void report_counts() {
    g_counting = false;
    for (int kind = 0; kind < k_kinds; ++kind) {
        char count[32];
        snprintf(count, sizeof count, "%lu", g_counts[kind].load());
        report(k_names[kind], count);
    }
}

}  // namespace

// A function that fails with `failure`, and otherwise is what it was.
#define FAILING(result, name, kind, failure, parameters, arguments) \
    result name parameters {                                        \
        static decltype(name)* known = nullptr;                     \
        if (fate_of(kind, #name) == Fate::fails) {                  \
            return failure;                                         \
        }                                                           \
        return next(known, #name) arguments;                        \
    }

// One that moves `size` bytes: it may also move a single one.
#define MOVING(name, kind, parameters, arguments) \
    ssize_t name parameters {                     \
        static decltype(name)* known = nullptr;   \
        const Fate fate = fate_of(kind, #name);   \
        if (fate == Fate::fails) {                \
            if (is_end_of_connection()) {         \
                end_connection(kind, fd);         \
            }                                     \
            return -1;                            \
        }                                         \
        if (fate == Fate::is_short && size > 1) { \
            size = 1;                             \
        }                                         \
        return next(known, #name) arguments;      \
    }

// One that opens a file, whose mode is there only where it may be made.
#define OPENING(name, parameters, arguments)         \
    int name parameters {                            \
        static int(*known) parameters = nullptr;     \
        mode_t mode = 0;                             \
        if ((flags & (O_CREAT | O_TMPFILE)) != 0) {  \
            va_list rest;                            \
            va_start(rest, flags);                   \
            mode = va_arg(rest, mode_t);             \
            va_end(rest);                            \
        }                                            \
        if (fate_of(k_open, #name) == Fate::fails) { \
            return -1;                               \
        }                                            \
        return next(known, #name) arguments;         \
    }

extern "C" {

int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(),
                      void (*fini)(), void (*rtld_fini)(), void* stack_end) {
    static decltype(__libc_start_main)* known = nullptr;
    g_main = main;
    return next(known, "__libc_start_main")(counted_main, argc, argv, init, fini, rtld_fini,
                                            stack_end);
}

OPENING(open, (const char* path, int flags, ...), (path, flags, mode))
OPENING(open64, (const char* path, int flags, ...), (path, flags, mode))
OPENING(openat, (int folder, const char* path, int flags, ...), (folder, path, flags, mode))
OPENING(openat64, (int folder, const char* path, int flags, ...), (folder, path, flags, mode))
FAILING(int, __open_2, k_open, -1, (const char* path, int flags), (path, flags))
FAILING(int, __open64_2, k_open, -1, (const char* path, int flags), (path, flags))
FAILING(FILE*, fopen, k_open, nullptr, (const char* path, const char* mode), (path, mode))
FAILING(FILE*, fopen64, k_open, nullptr, (const char* path, const char* mode), (path, mode))
FAILING(int, mkostemp, k_open, -1, (char* path, int flags), (path, flags))
FAILING(int, mkostemp64, k_open, -1, (char* path, int flags), (path, flags))
FAILING(int, memfd_create, k_open, -1, (const char* name, unsigned flags), (name, flags))

MOVING(read, k_read, (int fd, void* into, size_t size), (fd, into, size))
MOVING(pread, k_read, (int fd, void* into, size_t size, off_t at), (fd, into, size, at))
MOVING(pread64, k_read, (int fd, void* into, size_t size, off64_t at), (fd, into, size, at))
MOVING(__read_chk, k_read, (int fd, void* into, size_t size, size_t room), (fd, into, size, room))
MOVING(__pread_chk, k_read, (int fd, void* into, size_t size, off_t at, size_t room),
       (fd, into, size, at, room))
MOVING(__pread64_chk, k_read, (int fd, void* into, size_t size, off64_t at, size_t room),
       (fd, into, size, at, room))
MOVING(write, k_write, (int fd, const void* from, size_t size), (fd, from, size))
MOVING(pwrite, k_write, (int fd, const void* from, size_t size, off_t at), (fd, from, size, at))
MOVING(pwrite64, k_write, (int fd, const void* from, size_t size, off64_t at), (fd, from, size, at))
MOVING(recv, k_recv, (int fd, void* into, size_t size, int flags), (fd, into, size, flags))
MOVING(__recv_chk, k_recv, (int fd, void* into, size_t size, size_t room, int flags),
       (fd, into, size, room, flags))
MOVING(send, k_send, (int fd, const void* from, size_t size, int flags), (fd, from, size, flags))

// Of streams: what they could not do is known by their error flag (_IO_ERR_SEEN). They are of
// regular files, at which no signal interrupts anything.
size_t fread(void* into, size_t size, size_t count, FILE* file) {
    static decltype(fread)* known = nullptr;
    if (fate_of(k_read, "fread") == Fate::fails && errno != EINTR) {
        file->_flags |= 0x20;
        return 0;
    }
    return next(known, "fread")(into, size, count, file);
}

size_t __fread_chk(void* into, size_t room, size_t size, size_t count, FILE* file) {
    static decltype(__fread_chk)* known = nullptr;
    if (fate_of(k_read, "__fread_chk") == Fate::fails && errno != EINTR) {
        file->_flags |= 0x20;
        return 0;
    }
    return next(known, "__fread_chk")(into, room, size, count, file);
}

size_t fwrite(const void* from, size_t size, size_t count, FILE* file) {
    static decltype(fwrite)* known = nullptr;
    if (fate_of(k_write, "fwrite") == Fate::fails && errno != EINTR) {
        file->_flags |= 0x20;
        return 0;
    }
    return next(known, "fwrite")(from, size, count, file);
}

int fflush(FILE* file) {
    static decltype(fflush)* known = nullptr;
    if (fate_of(k_write, "fflush") == Fate::fails && errno != EINTR) {
        if (file != nullptr) {
            file->_flags |= 0x20;
        }
        return EOF;
    }
    return next(known, "fflush")(file);
}

FAILING(int, poll, k_poll, -1, (pollfd * fds, nfds_t count, int timeout), (fds, count, timeout))
FAILING(int, __poll_chk, k_poll, -1, (pollfd * fds, nfds_t count, int timeout, size_t room),
        (fds, count, timeout, room))
FAILING(int, ppoll, k_poll, -1,
        (pollfd * fds, nfds_t count, const timespec* timeout, const sigset_t* mask),
        (fds, count, timeout, mask))
FAILING(int, __ppoll_chk, k_poll, -1,
        (pollfd * fds, nfds_t count, const timespec* timeout, const sigset_t* mask, size_t room),
        (fds, count, timeout, mask, room))
FAILING(int, socket, k_socket, -1, (int domain, int type, int protocol) noexcept,
        (domain, type, protocol))
FAILING(int, connect, k_connect, -1, (int fd, const sockaddr* address, socklen_t size),
        (fd, address, size))
FAILING(int, fsync, k_sync, -1, (int fd), (fd))
FAILING(int, fdatasync, k_sync, -1, (int fd), (fd))
FAILING(int, rename, k_rename, -1, (const char* from, const char* to) noexcept, (from, to))
FAILING(int, flock, k_lock, -1, (int fd, int operation) noexcept, (fd, operation))
FAILING(int, ftruncate, k_truncate, -1, (int fd, off_t size) noexcept, (fd, size))
FAILING(int, ftruncate64, k_truncate, -1, (int fd, off64_t size) noexcept, (fd, size))
FAILING(int, truncate, k_truncate, -1, (const char* path, off_t size) noexcept, (path, size))
FAILING(int, fallocate, k_truncate, -1, (int fd, int mode, off_t at, off_t size),
        (fd, mode, at, size))
FAILING(int, stat, k_stat, -1, (const char* path, struct stat* facts) noexcept, (path, facts))
FAILING(int, lstat, k_stat, -1, (const char* path, struct stat* facts) noexcept, (path, facts))
FAILING(int, fstat, k_stat, -1, (int fd, struct stat* facts) noexcept, (fd, facts))

// The descriptor is gone all the same.
int close(int fd) {
    static decltype(close)* known = nullptr;
    if (fate_of(k_close, "close") == Fate::fails) {
        syscall(SYS_close, fd);
        errno = g_error;
        return -1;
    }
    return next(known, "close")(fd);
}

void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) noexcept {
    if (fate_of(k_mmap, "mmap") == Fate::fails) {
        return MAP_FAILED;
    }
    return reinterpret_cast<void*>(syscall(SYS_mmap, at, size, protection, flags, fd, offset));
}

void* malloc(size_t size) {
    return fate_of_allocation("malloc", __builtin_return_address(0)) == Fate::fails
               ? nullptr
               : __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
    return fate_of_allocation("calloc", __builtin_return_address(0)) == Fate::fails
               ? nullptr
               : __libc_calloc(count, size);
}

void* realloc(void* block, size_t size) {
    return fate_of_allocation("realloc", __builtin_return_address(0)) == Fate::fails
               ? nullptr
               : __libc_realloc(block, size);
}

}  // extern "C"
