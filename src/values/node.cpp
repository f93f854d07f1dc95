#include "values/node.hpp"

#include <algorithm>
#include <utility>

#include "util/text.hpp"

namespace cachectl {

namespace {

bool is_json_number(std::string_view text) {
    return !text.empty() && (text.back() >= '0' && text.back() <= '9');
}

void write_text(JsonWriter& json, const Node& node) {
    if (is_utf8(node.text)) {
        json.value(node.text);
        return;
    }
    json.begin_object();
    json.field("base64", base64(node.text));
    json.end_object();
}

}  // namespace

void NodeBuilder::begin(Node::Kind kind, std::string_view class_name) {
    Node* node = nullptr;
    if (m_below == 0) {
        Node container;
        container.kind = kind;
        container.text = class_name;
        node = add(std::move(container));
    }
    if (node == nullptr || m_open.size() >= m_bounds.depth) {
        if (node != nullptr) {
            node->open_end = true;  // too deep: what is in it is not kept
        }
        ++m_below;
        return;
    }
    m_open.push_back(node);
}

void NodeBuilder::become(Node::Kind kind) {
    if (m_below == 0 && !m_open.empty()) {
        m_open.back()->kind = kind;
    }
}

void NodeBuilder::end() {
    if (m_below != 0) {
        --m_below;
    } else {
        m_open.pop_back();
    }
}

void NodeBuilder::name(std::string_view name) {
    if (m_below == 0) {
        m_name = whole_characters(name, m_bounds.text_bytes);
    }
}

void NodeBuilder::scalar(Node::Kind kind, std::string_view text) {
    if (m_below != 0) {
        return;
    }
    // A part of a number would be another number.
    const std::string_view kept =
        kind == Node::Kind::number ? text : whole_characters(text, m_bounds.text_bytes);
    Node node;
    node.kind = kind;
    node.text = kept;
    node.left_out = text.size() - kept.size();
    add(std::move(node));
}

void NodeBuilder::cut_text(Node::Kind kind, std::string_view text) {
    if (m_below != 0) {
        return;
    }
    Node node;
    node.kind = kind;
    node.text = whole_characters(text, m_bounds.text_bytes);
    node.open_end = true;
    add(std::move(node));
}

void NodeBuilder::leave_out(std::uint64_t members) {
    if (m_below == 0 && !m_open.empty()) {
        m_open.back()->left_out += members;
    }
}

void NodeBuilder::end_of_input() {
    m_below = 0;
    while (!m_open.empty()) {
        m_open.back()->open_end = true;
        m_open.pop_back();
    }
}

Node* NodeBuilder::add(Node node) {
    node.name = std::exchange(m_name, {});
    if (m_open.empty()) {
        m_has_root = true;
        m_root = std::move(node);
        return &m_root;
    }
    Node& parent = *m_open.back();
    if (m_nodes >= m_bounds.nodes) {
        ++parent.left_out;
        return nullptr;
    }
    ++m_nodes;
    parent.members.push_back(std::move(node));
    return &parent.members.back();
}

bool is_shortened(const Node& node) {
    return node.left_out != 0 || node.open_end ||
           std::any_of(node.members.begin(), node.members.end(), is_shortened);
}

void write_node(JsonWriter& json, const Node& node) {
    switch (node.kind) {
        case Node::Kind::null:
            json.value(nullptr);
            return;
        case Node::Kind::boolean:
            json.value(node.text == "true");
            return;
        case Node::Kind::number:
            is_json_number(node.text) ? json.literal(node.text) : json.value(nullptr);
            return;
        case Node::Kind::text:
        case Node::Kind::bytes:
        case Node::Kind::remark:
            write_text(json, node);
            return;
        case Node::Kind::array:
            json.begin_array();
            for (const Node& member : node.members) {
                write_node(json, member);
            }
            json.end_array();
            return;
        case Node::Kind::object:
            json.begin_object();
            if (!node.text.empty()) {
                json.field("__class", node.text);
            }
            for (const Node& member : node.members) {
                json.key(member.name);
                write_node(json, member);
            }
            json.end_object();
            return;
    }
}

std::string_view whole_characters(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) {
        return text;
    }
    std::size_t end = bytes;
    while (end > 0 && bytes - end < 3 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
        --end;
    }
    return text.substr(0, (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80 ? bytes : end);
}

}  // namespace cachectl
