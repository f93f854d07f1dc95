// A decoded value: a tree that is bounded in depth, members and text, whatever it was decoded from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "output/json.hpp"

namespace cachectl {

struct Node {
    enum class Kind {
        null,
        boolean,
        number,  // `text` is as it was written: JSON's grammar, or "nan", "inf", "-inf"
        text,    // UTF-8, or bytes where the format does not tell the two apart
        bytes,   // what the format calls binary
        remark,  // what is no data, in words: "reference 2", "os.system"
        array,
        object,  // `text` is its class, if it has one
    };

    Kind kind = Kind::null;
    std::string name;  // in an object; of a remark in an array: none
    std::string text;  // "true" and "false" of a boolean
    std::vector<Node> members;
    /// Members of an array or object, or bytes of a text, that are there and were not kept.
    std::uint64_t left_out = 0;
    bool open_end = false;  // the input ends within it: nobody knows how much there is more

    [[nodiscard]] bool is_container() const { return kind == Kind::array || kind == Kind::object; }
};

/// How much of a value is kept. What lies beyond is read over and counted.
struct NodeBounds {
    std::size_t nodes = 2'000;
    std::size_t depth = 32;
    std::size_t text_bytes = 4'096;  // of one text

    /// For programs: texts whole.
    static NodeBounds for_programs() {
        return {100'000, 100, std::numeric_limits<std::size_t>::max()};
    }
};

/// Makes the tree out of what a decoder meets, in its order.
class NodeBuilder {
public:
    explicit NodeBuilder(const NodeBounds& bounds) : m_bounds(bounds) {}

    void begin(Node::Kind kind, std::string_view class_name = {});
    /// Of what was begun last and is still open.
    void become(Node::Kind kind);
    void end();
    /// In an object: the name of the next value.
    void name(std::string_view name);
    void scalar(Node::Kind kind, std::string_view text);
    /// The same, of a text whose end is missing.
    void cut_text(Node::Kind kind, std::string_view text);
    /// In what is open, so many more members are known to follow.
    void leave_out(std::uint64_t members);
    /// The input has ended: what is still open ends here.
    void end_of_input();

    /// When everything has been ended.
    [[nodiscard]] Node take() { return std::move(m_root); }
    /// Whether anything was met at all.
    [[nodiscard]] bool has_root() const { return m_has_root; }

private:
    Node* add(Node node);

    NodeBounds m_bounds;
    Node m_root;
    bool m_has_root = false;
    std::string m_name;
    // A node stays where it is while it is open: only then could its neighbours move it.
    std::vector<Node*> m_open;
    std::uint64_t m_below = 0;  // open ones that are not kept
    std::size_t m_nodes = 0;
};

/// How a decoder came out.
enum class DecodeEnd {
    whole,  // the input is one value of this format, and nothing else
    cut,    // the input ends within such a value
    no,     // it is not of this format
};

struct Decoded {
    DecodeEnd end = DecodeEnd::no;
    Node root;
};

/// Whether anything of the value is not in the tree.
bool is_shortened(const Node& node);

/// As one JSON value. Bytes that are no text become {"base64": …}, the class of an object its
/// member "__class", numbers that JSON does not have null.
void write_node(JsonWriter& json, const Node& node);

/// The longest beginning of `text` of at most so many bytes that halves no character.
std::string_view whole_characters(std::string_view text, std::size_t bytes);

}  // namespace cachectl
