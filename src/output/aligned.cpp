#include "output/aligned.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "output/table.hpp"

namespace cachectl {

namespace {

/// One that no line of the text ends.
std::string fence_around(const std::string& text) {
    constexpr std::size_t k_least = 3;
    std::size_t longest = 0, run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return std::string(std::max(k_least, longest + 1), '`');
}

}  // namespace

void write_aligned(Writer& out, const std::function<void(Writer&)>& write) {
    if (current_table_markup() != Markup::markdown) {
        write(out);
        return;
    }
    std::string text;
    Writer between(text);
    write(between);
    between.flush();
    const std::string fence = fence_around(text);
    out.write(fence + '\n' + text + (text.ends_with('\n') ? "" : "\n") + fence + '\n');
}

}  // namespace cachectl
