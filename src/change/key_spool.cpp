#include "change/key_spool.hpp"

#include <cstdint>
#include <cstdio>
#include <string_view>

namespace cachectl {

namespace {

constexpr std::string_view k_spooled = "the list of keys";

}  // namespace

KeySpool::KeySpool() : m_file(make_temporary_file(k_spooled)) {}

void KeySpool::add(const std::string& key) {
    const std::uint64_t size = key.size();
    if (std::fwrite(&size, sizeof size, 1, m_file.get()) != 1 ||
        std::fwrite(key.data(), 1, key.size(), m_file.get()) != key.size()) {
        throw_temporary_file_error(k_spooled);
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
        throw_temporary_file_error(k_spooled);
    }
    std::rewind(m_file.get());
    return [file = m_file.get()](std::string& key) {
        std::uint64_t size = 0;
        if (std::fread(&size, sizeof size, 1, file) != 1) {
            if (std::ferror(file) != 0) {
                throw_temporary_file_error(k_spooled);
            }
            return false;
        }
        key.resize(size);
        if (std::fread(key.data(), 1, size, file) != size) {
            throw_temporary_file_error(k_spooled);
        }
        return true;
    };
}

}  // namespace cachectl
