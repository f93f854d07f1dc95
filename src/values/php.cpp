#include "values/php.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <vector>

#include "util/text.hpp"
#include "values/byte_reader.hpp"

namespace cachectl {

namespace {

using Kind = Node::Kind;

constexpr std::size_t k_deepest_php = 100'000;

/// The property's name without the mark that says it is protected or private.
std::string_view property_name(std::string_view name) {
    if (!name.starts_with('\0')) {
        return name;
    }
    const std::size_t end = name.find('\0', 1);
    return end == std::string_view::npos ? name : name.substr(end + 1);
}

bool is_integer(std::string_view text) {
    text.remove_prefix(text.starts_with('-') ? 1 : 0);
    return !text.empty() && (text.size() == 1 || text[0] != '0') &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "1.5", "1.0E+25", "INF", "-INF", "NAN": the number as JSON writes it; nothing if it is none.
std::optional<std::string> real_text(std::string_view text) {
    if (text == "NAN") {
        return "nan";
    }
    if (text == "INF" || text == "-INF") {
        return text == "INF" ? "inf" : "-inf";
    }
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return fmt::format("{}", number);
}

class PhpDecoder {
public:
    PhpDecoder(std::string_view text, const NodeBounds& bounds) : m_in(text), m_tree(bounds) {}

    Decoded run() {
        DecodeEnd end = value();
        while (end == DecodeEnd::whole && !m_open.empty()) {
            end = next();
        }
        if (end == DecodeEnd::no || (end == DecodeEnd::whole && !m_in.at_end()) ||
            !m_tree.has_root()) {
            return {};
        }
        for (; !m_open.empty(); m_open.pop_back()) {
            m_tree.leave_out(m_open.back().left);
            close_tree();
        }
        return {end, m_tree.take()};
    }

private:
    struct Open {
        std::uint64_t left;  // members that are still to come
        bool is_list;        // so far its indexes are 0, 1, 2 …
        std::uint64_t next_index = 0;
    };

    DecodeEnd cut_or_no() const { return m_in.at_end() ? DecodeEnd::cut : DecodeEnd::no; }

    void close_tree() {
        if (m_open.back().is_list) {
            m_tree.become(Kind::array);
        }
        m_tree.end();
    }

    DecodeEnd next() {
        if (m_open.back().left == 0) {
            if (!m_in.skip("}")) {
                return cut_or_no();
            }
            close_tree();
            m_open.pop_back();
            return DecodeEnd::whole;
        }
        const DecodeEnd name = member_name();
        if (name != DecodeEnd::whole) {
            return name;
        }
        --m_open.back().left;
        return value();
    }

    DecodeEnd member_name() {
        Open& open = m_open.back();
        if (m_in.skip("i:")) {
            const auto number = m_in.until(';');
            if (!number || !is_integer(*number)) {
                return number ? DecodeEnd::no : DecodeEnd::cut;
            }
            open.is_list = open.is_list && *number == fmt::to_string(open.next_index++);
            m_tree.name(*number);
            return DecodeEnd::whole;
        }
        open.is_list = false;
        if (!m_in.skip("s:")) {
            return m_in.left() < 2 ? DecodeEnd::cut : DecodeEnd::no;
        }
        std::string_view name;
        const DecodeEnd end = quoted(name, ";");
        if (end == DecodeEnd::whole) {
            m_tree.name(property_name(name));
        }
        return end;
    }

    /// LENGTH:"…" and what stands behind it. Cut: `text` has what there is of it.
    DecodeEnd quoted(std::string_view& text, std::string_view behind) {
        std::uint64_t length = 0;
        const DecodeEnd count = number_before(length, ':');
        if (count != DecodeEnd::whole) {
            return count;
        }
        if (!m_in.skip("\"")) {
            return cut_or_no();
        }
        const auto bytes = m_in.bytes(length);
        if (!bytes) {
            text = m_in.rest();
            return DecodeEnd::cut;
        }
        text = *bytes;
        const std::string end = "\"" + std::string(behind);
        if (m_in.skip(end)) {
            return DecodeEnd::whole;
        }
        return end.starts_with(m_in.rest()) ? DecodeEnd::cut : DecodeEnd::no;
    }

    DecodeEnd number_before(std::uint64_t& number, char end) {
        const auto digits = m_in.until(end);
        if (!digits) {
            return m_in.left() < 20 ? DecodeEnd::cut : DecodeEnd::no;
        }
        const auto [last, error] =
            std::from_chars(digits->data(), digits->data() + digits->size(), number);
        return error == std::errc() && last == digits->data() + digits->size() ? DecodeEnd::whole
                                                                               : DecodeEnd::no;
    }

    DecodeEnd value() {
        const auto letter = m_in.byte();
        if (!letter) {
            return DecodeEnd::cut;
        }
        if (*letter == 'N') {
            m_tree.scalar(Kind::null, "null");
            return m_in.skip(";") ? DecodeEnd::whole : cut_or_no();
        }
        if (!m_in.skip(":")) {
            return cut_or_no();
        }
        switch (*letter) {
            case 'b':
            case 'i':
            case 'd':
            case 'r':
            case 'R':
                return simple(static_cast<char>(*letter));
            case 's':
            case 'E':
                return text(static_cast<char>(*letter));
            case 'a':
                return array();
            case 'O':
                return object();
            case 'C':
                return custom();
            default:
                return DecodeEnd::no;
        }
    }

    DecodeEnd simple(char letter) {
        const auto content = m_in.until(';');
        if (!content) {
            return m_in.left() < 64 ? DecodeEnd::cut : DecodeEnd::no;
        }
        if (letter == 'd') {
            const auto number = real_text(*content);
            if (!number) {
                return DecodeEnd::no;
            }
            m_tree.scalar(Kind::number, *number);
            return DecodeEnd::whole;
        }
        if (!is_integer(*content) || (letter == 'b' && *content != "0" && *content != "1")) {
            return DecodeEnd::no;
        }
        if (letter == 'b') {
            m_tree.scalar(Kind::boolean, *content == "1" ? "true" : "false");
        } else if (letter == 'i') {
            m_tree.scalar(Kind::number, *content);
        } else {
            m_tree.scalar(Kind::remark, fmt::format("reference {}", *content));
        }
        return DecodeEnd::whole;
    }

    DecodeEnd text(char letter) {
        std::string_view text;
        const DecodeEnd end = quoted(text, ";");
        const Kind kind = letter == 'E' ? Kind::remark : Kind::text;
        if (end == DecodeEnd::whole) {
            m_tree.scalar(kind, text);
        } else if (end == DecodeEnd::cut && !text.empty()) {
            m_tree.cut_text(kind, text);
        }
        return end;
    }

    DecodeEnd array() { return open({}, true); }

    DecodeEnd object() {
        std::string_view name;
        const DecodeEnd end = quoted(name, ":");
        return end == DecodeEnd::whole ? open(name, false) : end;
    }

    DecodeEnd open(std::string_view class_name, bool is_list) {
        std::uint64_t members = 0;
        const DecodeEnd count = number_before(members, ':');
        if (count != DecodeEnd::whole) {
            return count;
        }
        if (!m_in.skip("{")) {
            return cut_or_no();
        }
        if (m_open.size() >= k_deepest_php) {
            return DecodeEnd::no;
        }
        m_tree.begin(Kind::object, class_name);
        m_open.push_back({members, is_list});
        return DecodeEnd::whole;
    }

    /// C:8:"ArrayObj":12:{…}: only its class knows what is in it.
    DecodeEnd custom() {
        std::string_view name;
        const DecodeEnd end = quoted(name, ":");
        if (end != DecodeEnd::whole) {
            return end;
        }
        std::uint64_t length = 0;
        const DecodeEnd count = number_before(length, ':');
        if (count != DecodeEnd::whole) {
            return count;
        }
        if (!m_in.skip("{")) {
            return cut_or_no();
        }
        if (!m_in.bytes(length)) {
            return DecodeEnd::cut;
        }
        m_tree.scalar(Kind::remark, fmt::format("{}, {} of its own", name, format_size(length)));
        return m_in.skip("}") ? DecodeEnd::whole : cut_or_no();
    }

    ByteReader m_in;
    NodeBuilder m_tree;
    std::vector<Open> m_open;
};

}  // namespace

Decoded decode_php(std::string_view text, const NodeBounds& bounds) {
    return PhpDecoder(text, bounds).run();
}

}  // namespace cachectl
