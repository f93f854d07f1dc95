#include "change/key_spool.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "util/error.hpp"

namespace cachectl {

namespace {

[[noreturn]] void throw_spool_error() {
    throw Error(
        ExitCode::local_io,
        std::string("cannot keep the list of keys in a temporary file: ") + std::strerror(errno));
}

}  // namespace

KeySpool::KeySpool() : m_file(std::tmpfile()) {
    if (!m_file) {
        throw_spool_error();
    }
}

void KeySpool::add(const std::string& key) {
    const std::uint64_t size = key.size();
    if (std::fwrite(&size, sizeof size, 1, m_file.get()) != 1 ||
        std::fwrite(key.data(), 1, key.size(), m_file.get()) != key.size()) {
        throw_spool_error();
    }
}

KeySpool::Source KeySpool::record(Source source) {
    return [this, source = std::move(source)](std::string& key) {
        if (!source(key)) {
            return false;
        }
        add(key);
        return true;
    };
}

KeySpool::Source KeySpool::replay() {
    if (std::fflush(m_file.get()) != 0) {
        throw_spool_error();
    }
    std::rewind(m_file.get());
    return [file = m_file.get()](std::string& key) {
        std::uint64_t size = 0;
        if (std::fread(&size, sizeof size, 1, file) != 1) {
            if (std::ferror(file) != 0) {
                throw_spool_error();
            }
            return false;
        }
        key.resize(size);
        if (std::fread(key.data(), 1, size, file) != size) {
            throw_spool_error();
        }
        return true;
    };
}

}  // namespace cachectl
