#include "cli/key_list.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "output/escape.hpp"
#include "util/error.hpp"
#include "util/signals.hpp"

namespace cachectl {

KeyList::KeyList(const std::string& path, KeyForm form)
    : m_name(path == "-" ? "stdin" : path),
      m_file(path == "-" ? stdin : std::fopen(path.c_str(), "re")),
      m_form(form) {
    if (m_file == nullptr) fail(std::strerror(errno));
}

KeyList::~KeyList() {
    if (m_file != nullptr && m_file != stdin) std::fclose(m_file);
    std::free(m_line);
}

bool KeyList::next(std::string& key) {
    do {
        if (!read(key)) return false;
        if (m_form == KeyForm::nul) return true;
    } while (key.empty());
    if (m_form == KeyForm::escaped) key = unescape(key);
    return true;
}

bool KeyList::read(std::string& key) {
    const char separator = m_form == KeyForm::nul ? '\0' : '\n';
    errno = 0;
    const ssize_t size = ::getdelim(&m_line, &m_capacity, separator, m_file);
    const bool too_long = errno == ENOMEM || errno == EOVERFLOW;
    if (size < 0) {
        // It also fails for want of memory, which is neither the end nor a read error.
        if (std::feof(m_file) != 0 || stop_signal() != 0) return false;
        fail(too_long ? "a key is too long for memory" : std::strerror(errno));
    }
    try {
        key.assign(m_line, static_cast<std::size_t>(size));
    } catch (const std::bad_alloc&) {
        fail("a key is too long for memory");
    }
    ++m_line_number;
    const bool at_end = key.empty() || key.back() != separator;
    if (!at_end) key.pop_back();
    if (m_form != KeyForm::nul) {
        if (m_line_number == 1) drop_byte_order_mark(key);
        drop_carriage_return(key, at_end);
    }
    return true;
}

void KeyList::drop_byte_order_mark(std::string& key) const {
    if (key.starts_with("\xff\xfe") || key.starts_with("\xfe\xff")) {
        fail("it is UTF-16; iconv -f UTF-16 -t UTF-8 makes it readable");
    }
    constexpr std::string_view k_utf8 = "\xef\xbb\xbf";
    if (key.starts_with(k_utf8)) key.erase(0, k_utf8.size());
}

void KeyList::drop_carriage_return(std::string& key, bool at_end) {
    const bool has_one = key.ends_with('\r');
    if (m_ends == Ends::unknown && (has_one || !key.empty())) {
        m_ends = has_one ? Ends::crlf : Ends::lf;
    }
    if (m_ends != Ends::crlf) return;
    if (has_one) {
        key.pop_back();
    } else if (!at_end) {
        fail("its first line ends in CR LF and line " + std::to_string(m_line_number) +
             " in LF: which bytes are the keys'? `keys --escaped` writes lists that are certain");
    }
}

void KeyList::fail(const std::string& why) const {
    throw Error(ExitCode::bad_input, "cannot read the list of keys from " + m_name + ": " + why);
}

}  // namespace cachectl
