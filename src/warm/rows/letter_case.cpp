#include "warm/rows/letter_case.hpp"

#include <algorithm>
#include <array>

namespace cachectl {

namespace {

/// Capital letters from `first` to `last`; the small one is `distance` behind each. Where step is
/// 2, capitals and small letters take turns.
struct Range {
    unsigned first;
    unsigned last;
    int distance;
    unsigned step = 1;
};

// https://www.unicode.org/Public/UCD/latest/ucd/UnicodeData.txt, of what UTF-8 has in one byte or
// two. U+0130 and U+0131 are left out: their other case depends on the language.
constexpr std::array k_ranges = {
    Range{0x41, 0x5a, 32},     Range{0xc0, 0xd6, 32},     Range{0xd8, 0xde, 32},
    Range{0x100, 0x12e, 1, 2}, Range{0x132, 0x136, 1, 2}, Range{0x139, 0x147, 1, 2},
    Range{0x14a, 0x176, 1, 2}, Range{0x178, 0x178, -121}, Range{0x179, 0x17d, 1, 2},
    Range{0x1cd, 0x1db, 1, 2}, Range{0x1f8, 0x21e, 1, 2}, Range{0x222, 0x232, 1, 2},
    Range{0x386, 0x386, 38},   Range{0x388, 0x38a, 37},   Range{0x38c, 0x38c, 64},
    Range{0x38e, 0x38f, 63},   Range{0x391, 0x3a1, 32},   Range{0x3a3, 0x3ab, 32},
    Range{0x400, 0x40f, 80},   Range{0x410, 0x42f, 32},   Range{0x460, 0x480, 1, 2},
    Range{0x48a, 0x4be, 1, 2}, Range{0x4c1, 0x4cd, 1, 2}, Range{0x4d0, 0x52e, 1, 2},
};

unsigned in_case(unsigned letter, LetterCase letter_case) {
    constexpr unsigned k_final_sigma = 0x3c2;
    if (letter == k_final_sigma) {
        return letter_case == LetterCase::upper ? 0x3a3 : letter;
    }
    for (const Range& range : k_ranges) {
        const bool to_lower = letter_case == LetterCase::lower;
        const auto shift = static_cast<unsigned>(to_lower ? 0 : range.distance);
        const unsigned capital = letter - shift;
        if (capital < range.first || capital > range.last) {
            continue;
        }
        if ((capital - range.first) % range.step != 0) {
            continue;
        }
        return to_lower ? letter + static_cast<unsigned>(range.distance) : capital;
    }
    return letter;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

}  // namespace

void append_in_case(std::string_view text, LetterCase letter_case, std::string& out) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x80) {
            out += static_cast<char>(in_case(byte, letter_case));
            continue;
        }
        const bool two =
            byte >= 0xc2 && byte < 0xe0 && at + 1 < text.size() && is_continuation(text[at + 1]);
        if (!two) {
            out += text[at];
            continue;
        }
        const auto next = static_cast<unsigned char>(text[++at]);
        const unsigned letter = in_case((byte & 0x1fU) << 6 | (next & 0x3fU), letter_case);
        out += static_cast<char>(0xc0U | letter >> 6);
        out += static_cast<char>(0x80U | (letter & 0x3fU));
    }
}

}  // namespace cachectl
