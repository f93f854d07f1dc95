#include "cli/key_list.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "output/escape.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

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
      m_file(path == "-" ? stdin : std::fopen(path.c_str(), "re")),
      m_form(form) {
    if (m_file == nullptr) {
        fail(std::strerror(errno));
    }
}

KeyList::~KeyList() {
    if (m_file != nullptr && m_file != stdin) {
        std::fclose(m_file);
    }
    std::free(m_line);
}

bool KeyList::next(std::string& key) {
    do {
        if (!read(key)) {
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
    errno = 0;
    const ssize_t size = ::getdelim(&m_line, &m_capacity, separator, m_file);
    const bool too_long = errno == ENOMEM || errno == EOVERFLOW;
    if (size < 0) {
        // It also fails for want of memory, which is neither the end nor a read error.
        if (std::feof(m_file) != 0 || stop_signal() != 0) {
            return false;
        }
        fail(too_long ? "a key is too long for memory" : std::strerror(errno));
    }
    try {
        key.assign(m_line, static_cast<std::size_t>(size));
    } catch (const std::bad_alloc&) {
        fail("a key is too long for memory");
    }
    ++m_line_number;
    const bool at_end = key.empty() || key.back() != separator;
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
