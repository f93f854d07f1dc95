#include "values/reading.hpp"

#include <fmt/format.h>

#include <utility>

#include "util/text.hpp"
#include "values/json_value.hpp"
#include "values/msgpack.hpp"
#include "values/packed.hpp"
#include "values/php.hpp"
#include "values/pickle.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_packings = 2;
constexpr std::size_t k_most_unpacked = 1024 * 1024;

/// Formats that are known by how they begin, and not decoded.
struct Mark {
    std::string_view begins;
    std::string_view followed_by;  // one of these bytes; empty: anything
    std::string_view id;
    std::string_view name;
};

constexpr Mark k_marks[] = {
    {{"\0\0\0\2", 4},
     {"\0\1\2\3\4\5\6\7\b\t\n\v\f\r\16\17\20\21\22\23\24\25\26\27\30\31\32\33", 28},
     "igbinary",
     "igbinary (PHP)"},
    {{"\xac\xed\0\5", 4}, "", "java", "Java serialization"},
    {{"\4\b", 2}, "0TFifl\"':;@[{oIScmMueU/", "ruby-marshal", "Ruby Marshal 4.8"},
    {"\x04\x22\x4d\x18", "", "lz4", "an LZ4 frame"},
    {{"\xff\6\0\0sNaPpY", 10}, "", "snappy", "a Snappy stream"},
    {"BZh", "123456789", "bzip2", "bzip2"},
    {{"\xfd"
      "7zXZ\0",
      6},
     "",
     "xz",
     "xz"},
    {"HYLL", {"\0\1", 2}, "hyperloglog", "a HyperLogLog (PFCOUNT tells its count)"},
    {"\x89PNG\r\n\x1a\n", "", "png", "a PNG image"},
    {"\xff\xd8\xff", "", "jpeg", "a JPEG image"},
    {"%PDF-", "", "pdf", "a PDF document"},
};

bool has_mark(std::string_view bytes, const Mark& mark) {
    return bytes.starts_with(mark.begins) &&
           (mark.followed_by.empty() ||
            (bytes.size() > mark.begins.size() &&
             mark.followed_by.find(bytes[mark.begins.size()]) != std::string_view::npos));
}

class ValueReader {
public:
    ValueReader(Extent extent, const NodeBounds& bounds) : m_bounds(bounds) {
        m_reading.cut = extent == Extent::beginning;
    }

    ValueReading run(std::string_view bytes) {
        std::string unpacked;
        while (m_reading.packings.size() < k_most_packings) {
            Unpacked next = unpack(bytes, k_most_unpacked);
            // Of a value that is all there, what does not unpack to its end is not such data.
            if (next.packing.empty() || (next.damaged && !m_reading.cut)) {
                break;
            }
            m_reading.packings.emplace_back(next.packing);
            m_reading.cut = !next.whole;
            unpacked = std::move(next.bytes);
            bytes = unpacked;
        }
        m_reading.unpacked_bytes = bytes.size();
        if (!decode(bytes)) {
            name_bytes(bytes);
            if (m_reading.is_unpacked()) {
                m_reading.text = bytes;
            }
        }
        return std::move(m_reading);
    }

private:
    /// Whether it is that: a value whose end is missing may be cut, and no other.
    [[nodiscard]] bool fits(DecodeEnd end) const {
        return end == DecodeEnd::whole || (end == DecodeEnd::cut && m_reading.cut);
    }

    bool decode(std::string_view bytes) {
        return take("json", "JSON", decode_json(bytes, m_bounds)) ||
               take("php", "PHP serialized data", decode_php(bytes, m_bounds)) ||
               take_pickle(bytes) || take_mark(bytes) ||
               take("msgpack", "msgpack", decode_msgpack(bytes, m_bounds));
    }

    bool take(std::string_view id, std::string_view name, Decoded decoded) {
        if (!fits(decoded.end)) {
            return false;
        }
        m_reading.form = ValueReading::Form::tree;
        m_reading.id = id;
        m_reading.name = name;
        m_reading.tree = std::move(decoded.root);
        return true;
    }

    bool take_pickle(std::string_view bytes) {
        Pickle pickle = read_pickle(bytes, m_bounds);
        if (!fits(pickle.end)) {
            return false;
        }
        m_reading.form = ValueReading::Form::found;
        m_reading.id = "python-pickle";
        m_reading.name = fmt::format("Python pickle, protocol {}", pickle.protocol);
        m_reading.tree = std::move(pickle.found);
        return true;
    }

    bool take_mark(std::string_view bytes) {
        for (const Mark& mark : k_marks) {
            if (has_mark(bytes, mark)) {
                m_reading.form = ValueReading::Form::known;
                m_reading.id = mark.id;
                m_reading.name = mark.name;
                if (m_reading.is_unpacked()) {
                    m_reading.text = bytes;
                }
                return true;
            }
        }
        return false;
    }

    void name_bytes(std::string_view bytes) {
        const std::string_view whole =
            m_reading.cut && !bytes.empty() ? whole_characters(bytes, bytes.size() - 1) : bytes;
        const bool text = (is_utf8(bytes) || (m_reading.cut && is_utf8(whole))) &&
                          bytes.find('\0') == std::string_view::npos;
        m_reading.form = text ? ValueReading::Form::text : ValueReading::Form::binary;
        m_reading.id = text ? "text" : "binary";
        m_reading.name = text ? "text" : "binary data";
    }

    NodeBounds m_bounds;
    ValueReading m_reading;
};

}  // namespace

std::string ValueReading::full_name() const {
    std::string full = name;
    for (auto packing = packings.rbegin(); packing != packings.rend(); ++packing) {
        full += (packing == packings.rbegin() ? " unpacked from " : " in ") + *packing;
    }
    return full;
}

std::string ValueReading::ids() const {
    std::string ids;
    for (const std::string& packing : packings) {
        ids += packing + '+';
    }
    return ids + id;
}

ValueReading read_value(std::string_view bytes, Extent extent, const NodeBounds& bounds) {
    return ValueReader(extent, bounds).run(bytes);
}

}  // namespace cachectl
