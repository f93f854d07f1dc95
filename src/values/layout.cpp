#include "values/layout.hpp"

#include <algorithm>
#include <vector>

#include "output/color.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

using Kind = Node::Kind;

constexpr std::size_t k_most_lines = 40;
constexpr std::size_t k_indent = 2;

/// How much of a value is shown; each step of shortening is another row.
struct Share {
    std::size_t members;  // of each array or object
    std::size_t columns;  // of each text
    std::size_t depth;    // what is deeper stands in one line
};
constexpr Share k_shares[] = {{1'000, 300, 32}, {30, 200, 32}, {12, 120, 16},
                              {6, 80, 8},       {3, 60, 6},    {1, 60, 4}};

struct Piece {
    std::string text;
    Style style = Style::plain;
};
using Pieces = std::vector<Piece>;

std::size_t width_of(const Pieces& pieces) {
    std::size_t width = 0;
    for (const Piece& piece : pieces) {
        width += display_width(piece.text);
    }
    return width;
}

/// How bytes that are no text are written: each as \xNN, or, where somebody else escapes the line
/// for a terminal, as U+FFFD.
enum class Bytes { hex, replaced };

/// Which members stand in a line: as many as the share says, or as have room.
enum class Fitting { by_share, by_room };

/// A text in quotes, with JSON's escapes; bytes that are no text as b"…".
std::string quoted(std::string_view text, Bytes bytes) {
    const bool is_text = is_utf8(text);
    if (!is_text && bytes == Bytes::hex) {
        return "b\"" + escape_for_terminal(text) + '"';
    }
    std::string result = is_text ? "" : "b";
    {
        Writer out(result);
        JsonWriter(out, JsonLayout::compact).value(text);
    }
    result.erase(result.find_last_not_of('\n') + 1);
    return result;
}

/// The same without quotes.
std::string unquoted(std::string_view text, Bytes bytes) {
    if (bytes == Bytes::hex) {
        return escape_for_terminal(text);
    }
    const std::string in_quotes = quoted(text, bytes);
    const std::size_t begin = in_quotes.find('"') + 1;
    return in_quotes.substr(begin, in_quotes.size() - begin - 1);
}

class Layout {
public:
    Layout(const Display& display, const Share& share, Bytes bytes,
           Fitting fitting = Fitting::by_share)
        : m_display(display), m_share(share), m_bytes(bytes), m_fitting(fitting) {}

    /// The value in lines. The outermost array or object always has its members below each other.
    void write(const Node& node) {
        add(node, {}, 0, "");
        m_out.shortened = m_shortened;
    }

    [[nodiscard]] LaidOut take() { return std::move(m_out); }
    [[nodiscard]] std::size_t lines() const { return m_lines; }
    [[nodiscard]] bool shortened() const { return m_shortened; }

    /// Adds the value in one line to `pieces`; no further than about `room` columns. False if
    /// members are left out for want of room.
    bool in_line(const Node& node, std::size_t room, Pieces& pieces) {
        if (!node.is_container()) {
            pieces.push_back(scalar(node, room));
            return true;
        }
        bool all = true;
        const bool object = node.kind == Kind::object;
        pieces.push_back({opening(node), Style::plain});
        std::size_t used = width_of(pieces);
        std::size_t shown = std::min(node.members.size(), m_share.members);
        for (std::size_t i = 0; i < shown; ++i) {
            if (used > room) {
                shown = i;
                all = false;
                break;
            }
            Pieces member;
            if (object) {
                member = name_of(node.members[i]);
            }
            all = in_line(node.members[i], room - used, member) && all;
            const std::size_t width = width_of(member) + 2;
            if (m_fitting == Fitting::by_room && i != 0 && used + width + k_room_for_rest > room) {
                shown = i;
                all = false;
                break;
            }
            used += width;
            if (i != 0) {
                pieces.push_back({", "});
            }
            pieces.insert(pieces.end(), std::make_move_iterator(member.begin()),
                          std::make_move_iterator(member.end()));
        }
        const std::string more = rest_of(node, shown);
        if (!more.empty()) {
            pieces.push_back({(shown == 0 ? "" : ", ") + more, Style::dim});
        }
        pieces.push_back({object ? "}" : "]"});
        return all;
    }

private:
    /// A file has no width; there what people read well is enough.
    [[nodiscard]] std::size_t columns() const {
        return m_display.columns == 0 ? 100 : m_display.columns;
    }

    void add(const Node& node, Pieces before, std::size_t indent, std::string_view after) {
        const std::size_t used = indent + width_of(before) + after.size();
        const std::size_t room = columns() > used + 1 ? columns() - used : 1;
        const bool has_members = node.is_container() && !node.members.empty();
        const bool may_divide = has_members && indent < m_share.depth * k_indent;
        if (!may_divide || indent != 0) {
            const bool was_shortened = m_shortened;
            m_fitting = may_divide ? Fitting::by_share : Fitting::by_room;
            Pieces pieces;
            const bool all = in_line(node, room, pieces);
            if (!may_divide || (all && width_of(pieces) <= room && pieces.size() < k_most_pieces)) {
                before.insert(before.end(), pieces.begin(), pieces.end());
                line(indent, before, after);
                return;
            }
            m_shortened = was_shortened;
        }
        before.push_back({opening(node)});
        line(indent, before, "");
        const std::size_t shown = std::min(node.members.size(), m_share.members);
        const std::string more = rest_of(node, shown);
        for (std::size_t i = 0; i < shown && m_lines <= k_far_too_many; ++i) {
            const Node& member = node.members[i];
            add(member, node.kind == Kind::object ? name_of(member) : Pieces(), indent + k_indent,
                i + 1 < shown || !more.empty() ? "," : "");
        }
        if (!more.empty()) {
            line(indent + k_indent, {{more, Style::dim}}, "");
        }
        line(indent, {{node.kind == Kind::object ? "}" : "]"}}, after);
    }

    void line(std::size_t indent, const Pieces& pieces, std::string_view after) {
        m_out.text.append(indent, ' ');
        for (const Piece& piece : pieces) {
            m_out.text += m_display.paint(piece.style, piece.text);
        }
        m_out.text += after;
        m_out.text += '\n';
        ++m_lines;
    }

    [[nodiscard]] std::string opening(const Node& node) const {
        std::string text;
        if (node.kind == Kind::object && !node.text.empty()) {
            text = plain(node.text) + ' ';
        }
        return text + (node.kind == Kind::object ? '{' : '[');
    }

    [[nodiscard]] std::string plain(std::string_view text) const { return unquoted(text, m_bytes); }

    Pieces name_of(const Node& member) {
        constexpr std::size_t k_longest = 60;
        return {{cut(quoted(whole(member.name, k_longest), m_bytes), k_longest + 2), Style::cyan},
                {": "}};
    }

    std::string_view whole(std::string_view text, std::size_t bytes) {
        m_shortened = m_shortened || text.size() > bytes;
        return whole_characters(text, bytes);
    }

    std::string cut(std::string text, std::size_t width) {
        if (display_width(text) <= width) {
            return text;
        }
        m_shortened = true;
        return cut_to_width(text, width, m_display.ellipsis());
    }

    Piece scalar(const Node& node, std::size_t room) {
        m_shortened = m_shortened || node.left_out != 0 || node.open_end;
        switch (node.kind) {
            case Kind::null:
                return {"null", Style::dim};
            case Kind::boolean:
                return {node.text, Style::dim};
            case Kind::number:
                return {
                    cut(plain(whole(node.text, m_share.columns)), std::max<std::size_t>(room, 8))};
            case Kind::remark:
                return {cut("<" + plain(whole(node.text, m_share.columns)) + ">", room),
                        Style::dim};
            default:
                break;
        }
        const std::size_t most = std::max<std::size_t>(std::min(m_share.columns, room), 8);
        const std::string_view shown = whole(node.text, most);
        std::string text = quoted(shown, m_bytes);
        const bool goes_on = shown.size() < node.text.size() || node.left_out != 0 || node.open_end;
        if (goes_on || display_width(text) > room) {
            const std::string end = m_display.ellipsis();
            text = cut_to_width(text, most - std::min(most, end.size()), "") + end;
            m_shortened = true;
        }
        return {text, Style::green};
    }

    /// "… 2 more"; empty if all of its members are shown.
    std::string rest_of(const Node& node, std::size_t shown) {
        const std::uint64_t left = node.members.size() - shown + node.left_out;
        if (left == 0 && !node.open_end) {
            return "";
        }
        m_shortened = true;
        const std::string ellipsis = m_display.ellipsis();
        if (node.open_end) {
            return ellipsis;
        }
        return ellipsis + ' ' + format_count(left) + " more";
    }

    static constexpr std::size_t k_room_for_rest = 12;     // ", … 99 more}"
    static constexpr std::size_t k_most_pieces = 60;       // of one line
    static constexpr std::size_t k_far_too_many = 10'000;  // lines

    Display m_display;
    Share m_share;
    Bytes m_bytes;
    Fitting m_fitting;
    LaidOut m_out;
    std::size_t m_lines = 0;
    bool m_shortened = false;
};

}  // namespace

LaidOut lay_out(const Node& node, const Display& display) {
    for (const Share& share : k_shares) {
        Layout layout(display, share, Bytes::hex);
        layout.write(node);
        if (layout.lines() <= k_most_lines || &share == &k_shares[std::size(k_shares) - 1]) {
            return layout.take();
        }
    }
    return {};
}

LaidOut lay_out_in_line(const Node& node, const Display& display, std::size_t columns) {
    constexpr Share k_all = {1'000, 60, 32};
    for (const Fitting fitting : {Fitting::by_share, Fitting::by_room}) {
        Layout layout(display, k_all, Bytes::replaced, fitting);
        Pieces pieces;
        const bool all = layout.in_line(node, columns, pieces);
        if ((!all || width_of(pieces) > columns) && fitting == Fitting::by_share) {
            continue;
        }
        LaidOut line;
        for (const Piece& piece : pieces) {
            line.text += piece.text;
        }
        line.shortened = layout.shortened();
        if (display_width(line.text) > columns) {
            line.text = cut_to_width(line.text, columns, display.ellipsis());
            line.shortened = true;
        }
        return line;
    }
    return {};
}

}  // namespace cachectl
