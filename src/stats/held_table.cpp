#include "stats/held_table.hpp"

#include <algorithm>

#include "output/chart.hpp"
#include "output/escape.hpp"
#include "output/styled_line.hpp"
#include "stats/figure_text.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

/// Where the columns end, or begin if they are written from the left.
struct HeldColumns {
    explicit HeldColumns(std::size_t columns)
        : shape(std::clamp<std::size_t>(columns * 3 / 10, 16, 48)),
          calls(shape + 9),
          share(calls + 9),
          bar(share + 2),
          bar_width(columns >= 80 ? 10 : 0),
          longest((bar_width > 0 ? bar + bar_width : share) + 10),
          by(longest + 2) {}

    std::size_t shape, calls, share, bar, bar_width, longest, by;
};

Style style_of(const HeldBy& held) {
    constexpr double k_much = 0.10;
    return held.in_slow_log && held.share >= k_much ? Style::red : Style::plain;
}

std::string held_header(const HeldColumns& at, const Display& display, std::size_t columns) {
    constexpr std::string_view k_title = "HELD THE SERVER, LAST MINUTE";
    StyledLine line(display);
    const bool has_room = k_title.size() + 6 <= at.calls;
    line.add(has_room ? k_title : "HELD THE SERVER", Style::bold)
        .add_right("CALLS", at.calls, Style::bold)
        .add_right("OF TIME", at.share, Style::bold)
        .add_right("LONGEST", at.longest, Style::bold)
        .pad_to(at.by)
        .add("BY", Style::bold);
    return line.text(columns);
}

}  // namespace

std::vector<std::string> held_table(std::span<const HeldBy> held, const Display& display,
                                    std::size_t columns, std::size_t most_rows) {
    if (held.empty() || most_rows == 0) {
        return {};
    }
    const HeldColumns at(columns);
    std::vector<std::string> lines{held_header(at, display, columns)};
    for (const HeldBy& one : held.first(std::min(held.size(), most_rows))) {
        const Style style = style_of(one);
        StyledLine line(display);
        line.add_escaped(cut_to_width(escape_for_terminal(one.shape), at.shape, display.ellipsis()))
            .add_right(format_count(one.calls), at.calls)
            .add_right(format_share(one.share), at.share, style);
        if (at.bar_width > 0) {
            line.pad_to(at.bar).add(bar(one.share, at.bar_width, display.glyphs), style);
        }
        if (one.in_slow_log) {
            line.add_right(format_wait(one.longest), at.longest)
                .pad_to(at.by)
                .add(describe_caller(one) + (one.node.empty() ? "" : " on " + one.node));
        } else {
            line.pad_to(at.by).add("not in the slow log", Style::dim);
        }
        lines.push_back(line.text(columns));
    }
    return lines;
}

}  // namespace cachectl
