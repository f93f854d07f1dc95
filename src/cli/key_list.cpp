#include "cli/key_list.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "output/escape.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_buffer_bytes = std::size_t{64} << 10;
constexpr std::size_t k_longest_key = std::size_t{512} << 20;  // proto-max-bulk-len by default

}  // namespace

bool reads_back(std::string_view key, KeyForm form) {
    constexpr std::string_view k_ends_early("\n\0", 2);
    switch (form) {
        case KeyForm::nul:
            return key.find('\0') == std::string_view::npos;
        case KeyForm::escaped:
            return !key.empty();
        case KeyForm::lines:
            break;
    }
    return !key.empty() && key.find_first_of(k_ends_early) == std::string_view::npos &&
           !key.ends_with('\r') && !key.starts_with("\xef\xbb\xbf");
}

KeyList::KeyList(const std::string& path, KeyForm form)
    : m_name(path == "-" ? "stdin" : path),
      m_file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                         : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      m_form(form) {
    if (m_file.get() < 0) {
        fail(std::strerror(errno));
    }
}

bool KeyList::next(std::string& key) {
    do {
        if (stop_signal() != 0 || !read(key)) {
            return false;
        }
        if (m_form == KeyForm::nul) {
            return true;
        }
    } while (key.empty());
    if (m_form == KeyForm::escaped) {
        key = unescape(key);
    }
    return true;
}

bool KeyList::read(std::string& key) {
    const char separator = m_form == KeyForm::nul ? '\0' : '\n';
    key.clear();
    try {
        append_up_to(separator, key);
    } catch (const std::bad_alloc&) {
        fail("a key is too long for memory");
    }
    if (m_ended == Ended::by_signal || (m_ended == Ended::at_end && key.empty())) {
        return false;
    }
    ++m_line_number;
    const bool at_end = key.back() != separator;
    if (!at_end) {
        key.pop_back();
    }
    if (m_form != KeyForm::nul && m_line_number == 1) {
        drop_byte_order_mark(key);
    }
    check_form(key, at_end);
    if (m_form != KeyForm::nul) {
        drop_carriage_return(key, at_end);
    }
    return true;
}

/// With the separator, if there is one.
void KeyList::append_up_to(char separator, std::string& key) {
    while (key.empty() || key.back() != separator) {
        if (m_begin == m_buffer.size()) {
            fill();
        }
        if (m_ended != Ended::no) {
            return;
        }
        const std::size_t found = m_buffer.find(separator, m_begin);
        const std::size_t end = found == std::string::npos ? m_buffer.size() : found + 1;
        key.append(m_buffer, m_begin, end - m_begin);
        m_begin = end;
        if (key.size() > k_longest_key) {
            fail("a key is longer than 512 MiB, which no server takes");
        }
    }
}

void KeyList::fill() {
    m_buffer.resize(k_buffer_bytes);
    m_begin = 0;
    ssize_t size = -1;
    do {
        size = stop_signal() != 0 ? -1 : ::read(m_file.get(), m_buffer.data(), m_buffer.size());
    } while (size < 0 && errno == EINTR && stop_signal() == 0);
    m_buffer.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (stop_signal() != 0) {
        m_ended = Ended::by_signal;
    } else if (size < 0) {
        fail(std::strerror(errno));
    } else if (size == 0) {
        m_ended = Ended::at_end;
    }
}

void KeyList::drop_byte_order_mark(std::string& key) const {
    if (key.starts_with("\xff\xfe") || key.starts_with("\xfe\xff")) {
        fail("it is UTF-16; iconv -f UTF-16 -t UTF-8 makes it readable");
    }
    constexpr std::string_view k_utf8 = "\xef\xbb\xbf";
    if (key.starts_with(k_utf8)) {
        key.erase(0, k_utf8.size());
    }
}

void KeyList::drop_carriage_return(std::string& key, bool at_end) {
    const bool has_one = key.ends_with('\r');
    if (m_form == KeyForm::escaped) {
        if (has_one) {
            key.pop_back();  // one of a key's own is \x0d
        }
        return;
    }
    if (key.empty()) {
        return;
    }
    const Ends ends = has_one ? Ends::crlf : Ends::lf;
    if (m_ends == Ends::unknown) {
        m_ends = ends;
    }
    // The last line may have no end at all.
    if (ends != m_ends && !(at_end && ends == Ends::lf)) {
        fail("line " + std::to_string(m_line_number) + " ends in " + (has_one ? "CR LF" : "LF") +
             ", unlike the lines before it: is the CR the key's? "
             "`keys --escaped` writes lists that are certain");
    }
    if (has_one && m_ends == Ends::crlf) {
        key.pop_back();
    }
}

void KeyList::check_form(const std::string& key, bool at_end) const {
    if (m_form != KeyForm::nul && key.find('\0') != std::string::npos) {
        fail("line " + std::to_string(m_line_number) +
             " has a NUL: is it a list for -0? `keys --escaped` writes keys that have one");
    }
    if (m_form == KeyForm::nul && m_line_number == 1 && at_end &&
        key.find('\n') != std::string::npos) {
        fail("it has no NUL: is it a list of lines, without -0?");
    }
}

void KeyList::fail(const std::string& why) const {
    throw Error(ExitCode::bad_input, "cannot read the list of keys from " + m_name + ": " + why);
}

}  // namespace cachectl
