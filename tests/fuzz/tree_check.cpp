#include "fuzz/tree_check.hpp"

#include <algorithm>
#include <string>

#include "fuzz/json_check.hpp"
#include "fuzz/target.hpp"
#include "output/escape.hpp"
#include "output/json.hpp"
#include "output/writer.hpp"
#include "util/text.hpp"
#include "values/layout.hpp"

namespace cachectl {

namespace {

std::size_t count_nodes(const Node& node, std::size_t depth, const NodeBounds& bounds) {
    expect(depth <= bounds.depth + 1, "the depth is bounded");
    expect(node.text.size() <= bounds.text_bytes || node.is_container() ||
               node.kind == Node::Kind::number || node.kind == Node::Kind::remark,
           "texts are bounded");
    std::size_t nodes = 1;
    for (const Node& member : node.members) {
        nodes += count_nodes(member, depth + 1, bounds);
    }
    return nodes;
}

std::string json_of(const Node& root) {
    std::string text;
    {
        Writer out(text);
        JsonWriter json(out, JsonLayout::compact);
        write_node(json, root);
    }
    text.pop_back();
    return text;
}

}  // namespace

void expect_harmless(std::string_view text) {
    while (!text.empty()) {
        const Utf8Step step = decode_utf8(text);
        expect(step.valid && (is_printable(step.code_point) || step.code_point == '\n'),
               "nothing reaches a terminal that it would act on");
        text.remove_prefix(step.bytes);
    }
}

void expect_good_tree(const Node& root, const NodeBounds& bounds) {
    expect(count_nodes(root, 0, bounds) <= bounds.nodes + 1, "the nodes are bounded");
    const std::string json = json_of(root);
    expect(is_minified_json(json), "a tree is JSON: " + json);
    for (const std::size_t columns : {0U, 20U, 60U, 100U}) {
        for (const Glyphs glyphs : {Glyphs::unicode, Glyphs::ascii}) {
            const Display display{.columns = columns, .glyphs = glyphs, .paint = {}};
            const LaidOut laid_out = lay_out(root, display);
            expect_harmless(laid_out.text);
            const auto lines = std::count(laid_out.text.begin(), laid_out.text.end(), '\n');
            expect(lines <= 160, "a value fits on a few screens, whatever it is");
            const LaidOut line = lay_out_in_line(root, display, 60);
            expect_harmless(line.text);
            expect(display_width(line.text) <= 60, "a line is no longer than it may be");
            expect(!is_shortened(root) || laid_out.shortened, "what is missing is said");
        }
    }
}

void expect_good_decoder(Decoded (*decode)(std::string_view, const NodeBounds&),
                         std::string_view input) {
    constexpr NodeBounds k_small = {.nodes = 20, .depth = 4, .text_bytes = 16};
    const Decoded whole = decode(input, {});
    if (whole.end == DecodeEnd::no) {
        return;
    }
    expect_good_tree(whole.root, {});
    const Decoded bounded = decode(input, k_small);
    expect(bounded.end == whole.end, "bounds make no difference to what it is");
    expect_good_tree(bounded.root, k_small);
    // Space may stand behind a value.
    const std::size_t end = input.find_last_not_of(" \t\r\n");
    if (whole.end == DecodeEnd::whole && end != std::string_view::npos) {
        const Decoded without_end = decode(input.substr(0, end), {});
        expect(without_end.end != DecodeEnd::whole, "without its end it is not whole");
        if (without_end.end == DecodeEnd::cut) {
            expect_good_tree(without_end.root, {});
        }
    }
}

}  // namespace cachectl
