#include "keyspace/value.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "keyspace/element_cursor.hpp"
#include "keyspace/hash_value.hpp"
#include "keyspace/string_value.hpp"
#include "keyspace/value_calls.hpp"
#include "redis/error_reply.hpp"
#include "redis/reply_slice.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_most_elements = 1000;  // of one page

/// Reads lists, sets, sorted sets and streams: how long an element is, is not known before it
/// comes, so pages go by the mean.
class CollectionReader {
public:
    CollectionReader(Client& client, KeyRecord& record, const ValueLimits& limits,
                     const ValueEvents& events)
        : m_calls(client),
          m_record(record),
          m_limits(limits),
          m_events(events),
          m_slice(reply_slice(client.server())) {}

    void read() {
        if (wanted() == 0) {
            return;
        }
        m_mean = std::max<std::uint64_t>(1, size() / *m_record.length);
        if (m_mean > m_slice && !m_limits.wants_all_of(m_mean)) {
            m_record.unread_element_bytes = m_mean;
        } else if (m_record.type == "list") {
            read_ranges(&CollectionReader::list_page);
        } else if (m_record.type == "zset") {
            read_ranges(&CollectionReader::zset_page);
        } else if (m_record.type == "set") {
            read_set();
        } else if (m_record.type == "stream") {
            read_ranges(&CollectionReader::stream_page);
        }
    }

private:
    using Page = std::size_t (CollectionReader::*)(std::uint64_t count);

    void read_ranges(Page page) {
        while (wanted() > 0 && stop_signal() == 0) {
            const std::uint64_t count = page_size();
            if ((this->*page)(count) < count) {
                break;  // it has become shorter
            }
            tell_page();
        }
    }

    std::size_t list_page(std::uint64_t count) {
        Reply reply = m_calls.array({"LRANGE", m_record.key, next(), last(count)});
        for (Reply& member : reply.elements) {
            add({.bytes = std::move(member.text)});
        }
        return reply.elements.size();
    }

    std::size_t zset_page(std::uint64_t count) {
        Reply reply = m_calls.array({"ZRANGE", m_record.key, next(), last(count), "WITHSCORES"});
        for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
            add({.bytes = std::move(reply.elements[i].text),
                 .score = std::move(reply.elements[i + 1].text)});
        }
        return reply.elements.size() / 2;
    }

    std::size_t stream_page(std::uint64_t count) {
        const std::string from =
            m_record.elements.empty() ? "-" : "(" + m_record.elements.back().name;
        Reply reply =
            m_calls.array({"XRANGE", m_record.key, from, "+", "COUNT", std::to_string(count)});
        for (Reply& entry : reply.elements) {
            m_calls.check(entry, entry.is_array() && entry.elements.size() == 2);
            ValueElement element{.name = std::move(entry.elements[0].text)};
            auto& parts = entry.elements[1].elements;
            for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
                element.fields.emplace_back(std::move(parts[i].text), std::move(parts[i + 1].text));
            }
            add(std::move(element));
        }
        return reply.elements.size();
    }

    // A small set comes at once, whatever COUNT says, and a member may come twice.
    void read_set() {
        std::unordered_set<std::string> seen;
        ElementCursor cursor;
        while (wanted() > 0 && !cursor.at_end() && stop_signal() == 0) {
            Reply reply = m_calls.array(
                {"SSCAN", m_record.key, cursor.text(), "COUNT", std::to_string(page_size())});
            m_calls.check(reply, reply.elements.size() == 2 && reply.elements[1].is_array());
            cursor.advance(std::move(reply.elements[0].text), m_calls.origin());
            for (Reply& member : reply.elements[1].elements) {
                if (wanted() == 0) {
                    break;
                }
                if (!seen.insert(member.text).second) {
                    continue;
                }
                add({.bytes = std::move(member.text)});
            }
            tell_page();
        }
    }

    /// Elements that are still to be read.
    [[nodiscard]] std::uint64_t wanted() const {
        const std::uint64_t all = m_limits.elements == 0
                                      ? m_record.asked_for
                                      : std::min(m_limits.elements, m_record.asked_for);
        return all - std::min<std::uint64_t>(all, m_record.elements.size());
    }

    [[nodiscard]] std::uint64_t page_size() const {
        return std::min(wanted(), std::clamp<std::uint64_t>(m_slice / m_mean, 1, k_most_elements));
    }

    /// Bytes of the whole; exact where that is cheap.
    [[nodiscard]] std::uint64_t size() {
        const std::uint64_t size = m_record.size_bytes.value_or(0);
        if (size <= m_slice) {
            return size;
        }
        return m_calls.exact_size(m_record.key, *m_record.length).value_or(size);
    }

    [[nodiscard]] std::string next() const { return last(1); }
    [[nodiscard]] std::string last(std::uint64_t count) const {
        return std::to_string(m_record.first_index + m_record.elements.size() + count - 1);
    }

    void tell_page() {
        if (m_events.on_page) {
            m_events.on_page(m_record);
        }
    }

    void add(ValueElement element) {
        cut_element(m_record, m_limits, element.bytes);
        for (auto& field : element.fields) {
            cut_element(m_record, m_limits, field.second);
        }
        m_record.elements.push_back(std::move(element));
    }

    ValueCalls m_calls;
    KeyRecord& m_record;
    const ValueLimits& m_limits;
    const ValueEvents& m_events;
    std::uint64_t m_slice;     // bytes
    std::uint64_t m_mean = 1;  // bytes of an element
};

void check_choice(const std::string& type, const ValueLimits& limits) {
    if (!limits.fields.empty() && type != "hash") {
        throw Error(ExitCode::usage, "--field is for hashes; this key holds a " + type);
    }
    if (limits.range && type != "list" && type != "zset") {
        throw Error(ExitCode::usage,
                    "--index is for lists and sorted sets; this key holds a " + type);
    }
}

/// Whether the key was deleted after its type was read. Asked where nothing was read of its value.
bool is_gone(ValueCalls& calls, const KeyRecord& record) {
    const Reply exists = calls.all({{"EXISTS", record.key}}).front();
    return exists.is_integer() && exists.integer == 0;
}

/// Of a fact that a server may refuse to report: refused is the same as unknown.
bool is_reported(const Reply& reply) {
    return reply.is_text() || (reply.is_integer() && reply.integer >= 0);
}

}  // namespace

std::string_view length_command(std::string_view type) {
    constexpr std::pair<std::string_view, std::string_view> k_commands[] = {
        {"string", "STRLEN"}, {"list", "LLEN"}, {"set", "SCARD"},
        {"zset", "ZCARD"},    {"hash", "HLEN"}, {"stream", "XLEN"}};
    for (const auto& [known, command] : k_commands) {
        if (known == type) {
            return command;
        }
    }
    return {};
}

void drop_cut_character(std::string& text) {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80) {
            continue;  // not a first byte
        }
        const bool first = byte >= 0xC2 && byte <= 0xF4;
        const std::size_t whole = !first ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        const std::string_view before(text.data(), text.size() - back);
        if (whole > back && is_utf8(before)) {
            text.resize(before.size());
        }
        return;
    }
}

std::optional<KeyRecord> read_key(Client& client, const std::string& key, const ValueLimits& limits,
                                  const ValueEvents& events) {
    ValueCalls calls(client);
    std::vector<ValueCalls::Command> commands = {{"TYPE", key}, {"PTTL", key}};
    if (!client.server().hangs_up) {
        commands.push_back({"OBJECT", "ENCODING", key});
        commands.push_back({"MEMORY", "USAGE", key});
        commands.push_back({"OBJECT", "IDLETIME", key});
    }
    std::vector<Reply> facts = calls.all(commands);
    facts.resize(5);  // replies to what was not asked for are absent
    const Reply &type = facts[0], &ttl = facts[1], &encoding = facts[2], &size = facts[3],
                &idle = facts[4];
    if (!type.is_text()) {
        throw refusal(type, "look at the key", client.server());
    }
    if (!ttl.is_integer()) {
        throw refusal(ttl, "look at the key", client.server());
    }
    if (type.text == "none" || ttl.integer == -2) {
        return std::nullopt;
    }

    check_choice(type.text, limits);
    KeyRecord record;
    record.key = key;
    record.type = type.text;
    if (ttl.integer >= 0) {
        record.ttl = std::chrono::milliseconds(ttl.integer);
    }
    if (is_reported(encoding)) {
        record.encoding = encoding.text;
    }
    if (is_reported(size)) {
        record.size_bytes = static_cast<std::uint64_t>(size.integer);
    }
    if (is_reported(idle)) {
        record.idle = std::chrono::seconds(idle.integer);
    }
    if (record.type == "string") {
        read_string(client, record, limits, events);
        if (*record.length == 0 && is_gone(calls, record)) {
            return std::nullopt;
        }
        return record;
    }
    const std::string_view command = length_command(record.type);
    if (command.empty()) {
        return record;
    }
    record.length = calls.number(calls.all({{std::string(command), key}}).front());
    record.asked_for = *record.length;
    if (limits.range) {
        std::tie(record.first_index, record.asked_for) = limits.range->of(*record.length);
    }
    if (record.type == "hash") {
        read_hash(client, record, limits, events);
    } else {
        CollectionReader(client, record, limits, events).read();
    }
    record.truncated = record.elements_cut || record.elements.size() < record.asked_for;
    if (record.elements.empty() && is_gone(calls, record)) {
        return std::nullopt;
    }
    return record;
}

}  // namespace cachectl
