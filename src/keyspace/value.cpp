#include "keyspace/value.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <unordered_set>

#include "redis/error.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_page_bytes = 1 << 20;  // about so much is asked for at once
constexpr std::uint64_t k_most_elements = 1000;
constexpr std::uint64_t k_longest_string = 512 * 1024 * 1024;  // that a server takes

/// Removes the beginning of a character that a cut has left at the end of a UTF-8 text.
void drop_cut_character(std::string& text) {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80) continue;  // not a first byte
        const bool first = byte >= 0xC2 && byte <= 0xF4;
        const std::size_t whole = !first ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        const std::string_view before(text.data(), text.size() - back);
        if (whole > back && is_utf8(before)) text.resize(before.size());
        return;
    }
}

/// Sends all commands in one write and waits for all replies.
template <std::size_t Count>
std::array<Reply, Count> call_all(
    Client& client, const std::array<std::vector<std::string_view>, Count>& commands) {
    struct State {
        std::array<Reply, Count> replies;
        std::size_t left = Count;
    };
    // Shared, because an exception out of run_until() may leave the callbacks behind us.
    const auto state = std::make_shared<State>();
    for (std::size_t i = 0; i < Count; ++i) {
        client.send(commands[i], [state, i](Reply reply) {
            state->replies[i] = std::move(reply);
            --state->left;
        });
    }
    client.run_until([&] { return state->left == 0; });
    return std::move(state->replies);
}

class ValueReader {
public:
    ValueReader(Client& client, KeyRecord& record, const ValueLimits& limits)
        : m_client(client), m_record(record), m_limits(limits) {}

    void read() {
        if (m_record.type == "string") {
            read_string();
        } else if (m_record.type == "list") {
            read_ranges("LLEN", &ValueReader::list_page);
        } else if (m_record.type == "zset") {
            read_ranges("ZCARD", &ValueReader::zset_page);
        } else if (m_record.type == "hash") {
            read_scan("HLEN", "HSCAN");
        } else if (m_record.type == "set") {
            read_scan("SCARD", "SSCAN");
        } else if (m_record.type == "stream") {
            read_ranges("XLEN", &ValueReader::stream_page);
        }
    }

private:
    using Page = std::size_t (ValueReader::*)(std::uint64_t count);

    void read_string() {
        const bool all = m_limits.bytes == 0 || m_limits.bytes > k_longest_string;
        const std::string last = all ? "-1" : std::to_string(m_limits.bytes - 1);
        auto replies = call_all<2>(
            m_client, {{{"STRLEN", m_record.key}, {"GETRANGE", m_record.key, "0", last}}});
        m_record.length = number(replies[0]);
        check(replies[1], replies[1].is_text());
        m_record.text = std::move(replies[1].text);
        m_record.truncated = m_record.text.size() < *m_record.length;
        if (m_record.truncated) drop_cut_character(m_record.text);
    }

    void read_ranges(std::string_view length_command, Page page) {
        begin(length_command);
        while (wanted() > 0 && stop_signal() == 0) {
            const std::uint64_t count = page_size();
            if ((this->*page)(count) < count) break;  // it has become shorter
        }
        note_truncation();
    }

    std::size_t list_page(std::uint64_t count) {
        const std::string first = std::to_string(m_record.elements.size());
        const std::string last = std::to_string(m_record.elements.size() + count - 1);
        Reply reply = array({"LRANGE", m_record.key, first, last});
        for (Reply& member : reply.elements) add({.bytes = std::move(member.text)});
        return reply.elements.size();
    }

    std::size_t zset_page(std::uint64_t count) {
        const std::string first = std::to_string(m_record.elements.size());
        const std::string last = std::to_string(m_record.elements.size() + count - 1);
        Reply reply = array({"ZRANGE", m_record.key, first, last, "WITHSCORES"});
        for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
            add({.bytes = std::move(reply.elements[i].text),
                 .score = std::move(reply.elements[i + 1].text)});
        }
        return reply.elements.size() / 2;
    }

    std::size_t stream_page(std::uint64_t count) {
        const std::string from =
            m_record.elements.empty() ? "-" : "(" + m_record.elements.back().name;
        const std::string most = std::to_string(count);
        Reply reply = array({"XRANGE", m_record.key, from, "+", "COUNT", most});
        for (Reply& entry : reply.elements) {
            check(entry, entry.is_array() && entry.elements.size() == 2);
            ValueElement element{.name = std::move(entry.elements[0].text)};
            auto& parts = entry.elements[1].elements;
            for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
                element.fields.emplace_back(std::move(parts[i].text), std::move(parts[i + 1].text));
            }
            add(std::move(element));
        }
        return reply.elements.size();
    }

    // A small collection comes at once, whatever COUNT says, and an element may come twice.
    void read_scan(std::string_view length_command, std::string_view scan_command) {
        begin(length_command);
        const bool pairs = scan_command == "HSCAN";
        std::unordered_set<std::string> seen;
        std::string cursor = "0";
        while (wanted() > 0 && stop_signal() == 0) {
            const std::string count = std::to_string(page_size());
            Reply reply = array({scan_command, m_record.key, cursor, "COUNT", count});
            check(reply, reply.elements.size() == 2 && reply.elements[1].is_array());
            cursor = reply.elements[0].text;
            auto& parts = reply.elements[1].elements;
            for (std::size_t i = 0; i + (pairs ? 1 : 0) < parts.size(); i += pairs ? 2 : 1) {
                if (m_limits.elements != 0 && m_record.elements.size() == m_limits.elements) break;
                if (!seen.insert(parts[i].text).second) continue;
                if (pairs) {
                    add({.name = std::move(parts[i].text), .bytes = std::move(parts[i + 1].text)});
                } else {
                    add({.bytes = std::move(parts[i].text)});
                }
            }
            if (cursor == "0") break;
        }
        note_truncation();
    }

    void note_truncation() {
        m_record.truncated = m_record.elements_cut || m_record.elements.size() < *m_record.length;
    }

    void begin(std::string_view command) {
        m_record.length = number(m_client.call({command, m_record.key}));
    }

    /// Elements that are still to be read.
    [[nodiscard]] std::uint64_t wanted() const {
        const std::uint64_t all = m_limits.elements == 0
                                      ? *m_record.length
                                      : std::min(m_limits.elements, *m_record.length);
        return all - std::min<std::uint64_t>(all, m_record.elements.size());
    }

    // By the average size of an element, so that a few hundred of a megabyte each do not come in
    // one reply.
    [[nodiscard]] std::uint64_t page_size() const {
        const std::uint64_t average =
            std::max<std::uint64_t>(1, m_record.size_bytes.value_or(0) / *m_record.length);
        return std::min(wanted(),
                        std::clamp<std::uint64_t>(k_page_bytes / average, 1, k_most_elements));
    }

    void add(ValueElement element) {
        cut(element.bytes);
        for (auto& field : element.fields) cut(field.second);
        m_record.elements.push_back(std::move(element));
    }

    void cut(std::string& bytes) {
        if (m_limits.bytes == 0 || bytes.size() <= m_limits.bytes) return;
        bytes = bytes.substr(0, m_limits.bytes);
        drop_cut_character(bytes);
        m_record.elements_cut = true;
    }

    Reply array(std::initializer_list<std::string_view> command) {
        Reply reply = m_client.call(command);
        check(reply, reply.is_array());
        return reply;
    }

    std::uint64_t number(const Reply& reply) {
        check(reply, reply.is_integer());
        return static_cast<std::uint64_t>(reply.integer);
    }

    void check(const Reply& reply, bool as_expected) {
        if (as_expected) return;
        if (reply.error_prefix() == "WRONGTYPE") {
            throw Error(ExitCode::partial, "the key changed its type while it was read",
                        "try it once more");
        }
        throw refusal(reply, "read the value", m_client.server());
    }

    Client& m_client;
    KeyRecord& m_record;
    ValueLimits m_limits;
};

/// For what a server may keep to itself: refused is the same as unknown.
bool is_told(const Reply& reply) { return reply.is_text() || reply.is_integer(); }

}  // namespace

std::optional<KeyRecord> read_key(Client& client, const std::string& key,
                                  const ValueLimits& limits) {
    const auto [type, ttl, encoding, size, idle] =
        call_all<5>(client, {{{"TYPE", key},
                              {"PTTL", key},
                              {"OBJECT", "ENCODING", key},
                              {"MEMORY", "USAGE", key},
                              {"OBJECT", "IDLETIME", key}}});
    if (!type.is_text()) throw refusal(type, "look at the key", client.server());
    if (!ttl.is_integer()) throw refusal(ttl, "look at the key", client.server());
    if (type.text == "none" || ttl.integer == -2) return std::nullopt;

    KeyRecord record;
    record.key = key;
    record.type = type.text;
    if (ttl.integer >= 0) record.ttl = std::chrono::milliseconds(ttl.integer);
    if (is_told(encoding)) record.encoding = encoding.text;
    if (is_told(size)) record.size_bytes = static_cast<std::uint64_t>(size.integer);
    if (is_told(idle)) record.idle = std::chrono::seconds(idle.integer);
    ValueReader(client, record, limits).read();
    return record;
}

}  // namespace cachectl
