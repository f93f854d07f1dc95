#include "warm/rows/collect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "dump/json_text.hpp"
#include "util/error.hpp"
#include "warm/rows/option_text.hpp"

namespace cachectl {

namespace {

Encoder row_encoder(const GatherOptions& options) {
    return Encoder({EncodeAs::json, options.columns, std::nullopt, options.shape});
}

}  // namespace

// What is sent as one JSON text is sent from where it lies. Many small parts are copied into the
// commands, whose text is there twice while it grows.
Gathered::Gathered(const GatherOptions& options)
    : m_max_bytes(options.max_bytes),
      m_copies(options.as == EncodeAs::json ? 0 : 2),
      m_memory(options.memory ? options.memory : std::make_shared<GatheredMemory>()) {}

Gathered::~Gathered() { m_memory->held -= m_bytes; }

void Gathered::hold(std::size_t more) {
    m_bytes += more;
    m_memory->held += more;
}

Gathered::Item& Gathered::item(const std::string& name, bool& is_new) {
    const auto [found, inserted] = m_index.try_emplace(name, m_items.size());
    is_new = inserted;
    if (inserted) {
        m_items.push_back({name, {}});
        // The name is held twice, and the index keeps a node and a bucket for it. The list of items
        // is there twice while it grows.
        constexpr std::size_t k_node = 4 * sizeof(void*) + sizeof(std::string);
        hold(2 * sizeof(Item) + k_node + 2 * name.size());
    }
    return m_items[found->second];
}

std::string_view Gathered::closed(std::size_t index) {
    Item& item = m_items[index];
    if (!std::exchange(item.closed, true)) {
        item.text.append("]");
    }
    return item.text.view();
}

void Gathered::account(std::size_t more, std::size_t value_size) {
    hold(more);
    m_memory->largest = std::max(m_memory->largest, value_size);
    const std::size_t copies = m_memory->copies + m_copies;
    if (m_memory->held + copies * m_memory->largest > m_max_bytes) {
        throw OptionError(
            ExitCode::bad_input,
            fmt::format("gathering rows into keys takes more than {} bytes of memory", m_max_bytes),
            "choose fewer " + option("columns") + ", or raise --max-memory");
    }
}

Collect::Collect(const GatherOptions& options, std::optional<std::string> by)
    : m_encoder(row_encoder(options)), m_gathered(options) {
    if (by) {
        m_by = KeyTemplate::of_column(std::move(*by));
    }
}

RowResult<> Collect::add(const Record& record) {
    if (m_by) {
        if (auto rendered = m_by->render(record, m_name); !rendered) {
            return rendered;
        }
        m_quoted.clear();
        if (!append_json_string(m_name, m_quoted)) {
            return BadRow{not_utf8(fmt::format("column '{}'", m_by->columns().front()))};
        }
    }
    if (auto encoded = m_encoder.encode(record, m_encoded); !encoded) {
        return encoded;
    }
    bool is_new = false;
    Gathered::Item& item = m_gathered.item(m_by ? m_quoted : m_name, is_new);
    const std::size_t held = item.text.held();
    if (!m_by) {
        item.text.append(is_new ? "[" : ",");
        item.text.append(m_encoded.parts[0]);
        m_gathered.account(item.text.held() - held, item.text.size());
        ++m_records;
        return {};
    }
    // The object is held in addition to the texts that it is made of.
    const std::size_t before = is_new ? 0 : item.text.size();
    const std::size_t more = (is_new ? item.name.size() + 2 : 0) + m_encoded.parts[0].size();
    item.text.clear();
    item.text.append(m_encoded.parts[0]);
    m_object_size += more;
    m_object_size -= before;
    m_duplicates += is_new ? 0 : 1;
    m_gathered.account(item.text.held() - held + more - std::min(more, before), m_object_size);
    ++m_records;
    return {};
}

std::string_view Collect::value() {
    if (!m_by) {
        return m_records == 0 ? "[]" : m_gathered.closed(0);
    }
    m_object.clear();
    m_object.reserve(m_object_size);
    m_object += '{';
    for (const Gathered::Item& item : m_gathered.items()) {
        if (m_object.size() > 1) {
            m_object += ',';
        }
        m_object.append(item.name).append(1, ':').append(item.text.view());
    }
    m_object += '}';
    return m_object;
}

namespace {

/// A part of a value is kept with its length before it.
void append_part(std::string_view part, GrowingText& to) {
    const auto size = static_cast<std::uint64_t>(part.size());
    to.append({reinterpret_cast<const char*>(&size), sizeof size});
    to.append(part);
}

void read_parts(std::string_view text, std::vector<std::string_view>& parts) {
    while (!text.empty()) {
        std::uint64_t size = 0;
        std::memcpy(&size, text.data(), sizeof size);
        parts.push_back(text.substr(sizeof size, size));
        text.remove_prefix(sizeof size + size);
    }
}

/// The field and the value of a hash are two columns of a row, as elements of a list are.
Encoder group_encoder(const GatherOptions& options) {
    if (options.as == EncodeAs::json) {
        return row_encoder(options);
    }
    if (options.as == EncodeAs::string) {
        throw OptionError(ExitCode::usage, option("group") + " makes no string of its rows",
                          option("as") + " json, list, set, zset or hash");
    }
    const bool is_hash = options.as == EncodeAs::hash;
    if (is_hash && options.columns.size() != 2) {
        throw OptionError(ExitCode::usage, option("group") + " with " + option("as") +
                                               " hash needs " + option("columns") + " FIELD,VALUE");
    }
    return Encoder(
        {is_hash ? EncodeAs::list : options.as, options.columns, std::nullopt, options.shape});
}

}  // namespace

Group::Group(const GatherOptions& options, KeyTemplate key)
    : m_as(options.as),
      m_encoder(group_encoder(options)),
      m_key(std::move(key)),
      m_gathered(options) {}

RowResult<> Group::encode(const Record& record) {
    auto encoded = m_encoder.encode(record, m_encoded);
    if (encoded && m_as == EncodeAs::hash && m_encoded.parts.size() != 2) {
        return BadRow{"the field or the value of the hash is null"};
    }
    return encoded;
}

RowResult<> Group::add(const Record& record) {
    if (auto rendered = m_key.render(record, m_name); !rendered) {
        return rendered;
    }
    if (auto encoded = encode(record); !encoded) {
        return encoded;
    }
    bool is_new = false;
    Gathered::Item& item = m_gathered.item(m_name, is_new);
    const std::size_t held = item.text.held();
    if (m_as == EncodeAs::json) {
        item.text.append(is_new ? "[" : ",");
        item.text.append(m_encoded.parts[0]);
    } else {
        for (const std::string_view part : m_encoded.parts) {
            append_part(part, item.text);
        }
    }
    m_gathered.account(item.text.held() - held, item.text.size());
    ++m_records;
    return {};
}

void Group::get(std::size_t index, Encoded& value) {
    value.as = m_as;
    value.parts.clear();
    if (m_as == EncodeAs::json) {
        value.parts.assign({m_gathered.closed(index)});
    } else {
        read_parts(m_gathered.items()[index].text.view(), value.parts);
        count_duplicates(index, value.parts);
    }
}

// A hash has FIELD VALUE …, a zset SCORE MEMBER …; what a set repeats is the same once more.
void Group::count_duplicates(std::size_t index, const std::vector<std::string_view>& parts) {
    if (index < m_counted || (m_as != EncodeAs::hash && m_as != EncodeAs::zset)) {
        return;
    }
    m_counted = index + 1;
    std::vector<std::string_view> names;
    names.reserve(parts.size() / 2);
    for (std::size_t i = m_as == EncodeAs::zset ? 1 : 0; i < parts.size(); i += 2) {
        names.push_back(parts[i]);
    }
    std::sort(names.begin(), names.end());
    const auto last = std::unique(names.begin(), names.end());
    m_duplicates += static_cast<std::uint64_t>(names.end() - last);
}

}  // namespace cachectl
