#include "keyspace/collection_value.hpp"

#include <algorithm>
#include <unordered_set>

#include "keyspace/element_cursor.hpp"
#include "keyspace/hash_value.hpp"
#include "keyspace/value_calls.hpp"
#include "keyspace/value_watch.hpp"
#include "redis/reply_slice.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_most_elements = 1000;  // of one page

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
            read_positions(&CollectionReader::list_page);
        } else if (m_record.type == "zset") {
            read_positions(&CollectionReader::zset_page);
        } else if (m_record.type == "set") {
            read_set();
        } else if (m_record.type == "stream") {
            (void)read_ranges(&CollectionReader::stream_page);
        }
    }

private:
    using Page = std::size_t (CollectionReader::*)(std::uint64_t count);

    /// Pages by position: what somebody adds or removes before it moves all that follows.
    void read_positions(Page page) {
        if (wanted() <= page_size()) {
            (void)read_ranges(page);
            return;
        }
        ValueWatch watch(m_calls, m_record.key, std::string(length_command(m_record.type)));
        watch.begin();
        const bool all_came = read_ranges(page);
        if (stop_signal() == 0) {
            const ValueWatch::Parts parts = watch.end(*m_record.length);
            m_record.changed = !all_came || parts != ValueWatch::Parts::of_one_version;
        }
    }

    /// False if it has become shorter.
    bool read_ranges(Page page) {
        while (wanted() > 0 && stop_signal() == 0) {
            const std::uint64_t count = page_size();
            if ((this->*page)(count) < count) {
                return false;
            }
            tell_page();
        }
        return true;
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

}  // namespace

void read_collection(Client& client, KeyRecord& record, const ValueLimits& limits,
                     const ValueEvents& events) {
    CollectionReader(client, record, limits, events).read();
}

}  // namespace cachectl
