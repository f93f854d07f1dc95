#include "cli/key_source.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>

#include "util/signals.hpp"
#include "util/text.hpp"
#include "walk/glob.hpp"

namespace cachectl {

namespace {

/// One key a line, or a NUL-terminated key; memory for one key.
class KeyList {
public:
    KeyList(const std::string& path, char separator)
        : m_name(path == "-" ? "stdin" : path),
          m_file(path == "-" ? stdin : std::fopen(path.c_str(), "re")),
          m_separator(separator) {
        if (m_file == nullptr) fail();
    }
    ~KeyList() {
        if (m_file != nullptr && m_file != stdin) std::fclose(m_file);
        std::free(m_line);
    }
    KeyList(const KeyList&) = delete;
    KeyList& operator=(const KeyList&) = delete;

    bool next(std::string& key) {
        do {
            errno = 0;
            const ssize_t size = ::getdelim(&m_line, &m_capacity, m_separator, m_file);
            if (size < 0) {
                // It also fails for want of memory, which is neither the end nor a read error.
                if (std::feof(m_file) == 0 && stop_signal() == 0) fail();
                return false;
            }
            try {
                key.assign(m_line, static_cast<std::size_t>(size));
            } catch (const std::bad_alloc&) {
                errno = ENOMEM;
                fail();
            }
            if (!key.empty() && key.back() == m_separator) key.pop_back();
            // A blank line is nobody's key; between two NULs stands the empty key, which may exist.
        } while (key.empty() && m_separator == '\n');
        return true;
    }

private:
    [[noreturn]] void fail() const {
        const bool too_long = errno == ENOMEM || errno == EOVERFLOW;
        throw Error(ExitCode::bad_input,
                    "cannot read the list of keys from " + m_name + ": " +
                        (too_long ? "a key is too long for memory" : std::strerror(errno)));
    }

    std::string m_name;
    std::FILE* m_file;
    char m_separator;
    char* m_line = nullptr;
    std::size_t m_capacity = 0;
};

}  // namespace

Selection make_selection(const KeyOptions& options, Context& ctx) {
    Selection selection;
    selection.filter = options.filter;
    selection.limit = options.limit;
    selection.mode = options.walk.mode;
    if (options.walk.unique) selection.remember = Remember::everything;
    for (const auto* globs : {&options.filter.patterns, &options.filter.excludes}) {
        for (const std::string& glob : *globs) {
            if (const auto problem = glob_problem(glob)) ctx.warn(*problem);
        }
    }
    if (!options.keys_from.empty()) {
        const auto list =
            std::make_shared<KeyList>(options.keys_from, options.null_separated ? '\0' : '\n');
        selection.next_listed_key = [list](std::string& key) { return list->next(key); };
    } else if (options.null_separated) {
        throw Error(ExitCode::usage, "--null says how --keys-from is separated, which is missing");
    }
    return selection;
}

ExitCode finish_look(Context& ctx, const SelectionOutcome& outcome) {
    const WalkOutcome& walk = outcome.walk;
    if (walk.failure) {
        // What has been shown is true but not all: that is "partial", whatever the cause.
        // A refusal before the first of it is just that.
        const bool refused = walk.failure->code() == ExitCode::refused;
        const bool began = outcome.selected != 0 || (walk.keys != 0 && !refused);
        throw Error(began ? ExitCode::partial : walk.failure->code(),
                    walk.failure->what() + std::string(began ? " (the list is not complete)" : ""),
                    walk.failure->hint());
    }
    if (walk.may_repeat) {
        ctx.warn(std::string(walk.restarts != 0 ? "the server was restarted on the way"
                                                : "the walk was begun anew") +
                 ": some keys may be listed twice");
    } else if (walk.restarts != 0) {
        ctx.note("the server was restarted on the way: the walk was begun anew");
    }
    if (outcome.vanished != 0) {
        ctx.note(fmt::format("{} {} gone before we could look", format_count(outcome.vanished),
                             outcome.vanished == 1 ? "key was" : "keys were"));
    }
    return walk.interrupted && !outcome.limit_reached ? stopped_exit_code() : ExitCode::ok;
}

}  // namespace cachectl
