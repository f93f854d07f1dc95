#include "rdb/lzf.hpp"

namespace cachectl {

namespace {

// A byte below this begins a run of so many bytes and one more, which follow as they are; another
// one a copy of what was unpacked before.
constexpr unsigned k_longest_run = 32;
constexpr unsigned k_long_copy = 7;  // a copy's length with another byte of it to come

}  // namespace

std::optional<std::string> lzf_unpack(std::string_view packed, std::size_t size) {
    std::string out;
    std::size_t at = 0;
    const auto next = [&] { return static_cast<unsigned char>(packed[at++]); };
    while (at < packed.size()) {
        const unsigned control = next();
        if (control < k_longest_run) {
            const std::size_t length = control + 1;
            if (length > packed.size() - at || length > size - out.size()) {
                return std::nullopt;
            }
            out.append(packed, at, length);
            at += length;
            continue;
        }
        std::size_t length = control >> 5;
        if (packed.size() - at < (length == k_long_copy ? 2U : 1U)) {
            return std::nullopt;
        }
        if (length == k_long_copy) {
            length += next();
        }
        length += 2;
        const std::size_t back = ((control & 0x1fU) << 8) + next() + 1;
        if (back > out.size() || length > size - out.size()) {
            return std::nullopt;
        }
        for (std::size_t i = 0; i < length; ++i) {  // it may copy what it has just written
            out += out[out.size() - back];
        }
    }
    if (out.size() != size) {
        return std::nullopt;
    }
    return out;
}

}  // namespace cachectl
