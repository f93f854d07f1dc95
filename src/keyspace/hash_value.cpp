#include "keyspace/hash_value.hpp"

#include <algorithm>
#include <unordered_set>

#include "keyspace/element_cursor.hpp"
#include "keyspace/value_calls.hpp"
#include "redis/reply_slice.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_most_fields = 1000;  // of one page

class HashReader {
public:
    HashReader(Client& client, KeyRecord& record, const ValueLimits& limits,
               const ValueEvents& events)
        : m_calls(client),
          m_record(record),
          m_limits(limits),
          m_events(events),
          m_slice(reply_slice(client.server())) {}

    void read() {
        if (!m_limits.fields.empty()) {
            read_fields();
            return;
        }
        if (wanted() == 0) {
            return;
        }
        const bool at_once = certain_size() <= m_slice;
        if (!at_once && lists_hash_names(m_calls.server())) {
            scan(Page::names);
        } else if (at_once || !draw()) {
            scan(Page::fields_and_values);
        }
    }

private:
    enum class Page { fields_and_values, names };

    /// Those that were asked for, whatever else is in the hash.
    void read_fields() {
        add(values_of(m_limits.fields));
        m_record.missing_fields.assign(m_gone.begin(), m_gone.end());
        std::sort(m_record.missing_fields.begin(), m_record.missing_fields.end());
        m_record.asked_for = m_record.elements.size();
    }

    /// Bytes of the whole hash, or more than a slice where they are not certain.
    std::uint64_t certain_size() {
        // Other encodings are for small hashes.
        if (m_record.encoding != "hashtable") {
            return m_record.size_bytes.value_or(0);
        }
        return m_calls.exact_size(m_record.key, *m_record.length).value_or(~std::uint64_t{0});
    }

    [[nodiscard]] std::uint64_t wanted() const {
        return m_limits.elements == 0 ? *m_record.length
                                      : std::min(m_limits.elements, *m_record.length);
    }
    [[nodiscard]] std::uint64_t missing() const {
        return wanted() - std::min<std::uint64_t>(wanted(), m_record.elements.size());
    }

    [[nodiscard]] std::uint64_t page_size() const {
        const std::uint64_t mean =
            std::max<std::uint64_t>(1, m_record.size_bytes.value_or(0) / *m_record.length);
        return std::min(missing(), std::clamp<std::uint64_t>(m_slice / mean, 1, k_most_fields));
    }

    // A small hash comes at once, whatever COUNT says, and a field may come twice.
    void scan(Page page) {
        std::unordered_set<std::string> seen;
        ElementCursor cursor;
        while (missing() > 0 && !cursor.at_end() && stop_signal() == 0) {
            ValueCalls::Command command = {"HSCAN", m_record.key, cursor.text(), "COUNT",
                                           std::to_string(page_size())};
            if (page == Page::names) {
                command.emplace_back("NOVALUES");
            }
            Reply reply = m_calls.array(command);
            m_calls.check(reply, reply.elements.size() == 2 && reply.elements[1].is_array());
            cursor.advance(std::move(reply.elements[0].text), m_calls.origin());
            std::vector<Reply>& parts = reply.elements[1].elements;
            const std::size_t step = page == Page::names ? 1 : 2;
            std::vector<std::string> names;
            std::vector<ValueElement> elements;
            for (std::size_t i = 0; i + step <= parts.size(); i += step) {
                if (names.size() + elements.size() == missing()) {
                    break;
                }
                if (!seen.insert(parts[i].text).second) {
                    continue;
                }
                if (page == Page::names) {
                    names.push_back(std::move(parts[i].text));
                } else {
                    elements.push_back(
                        {.name = std::move(parts[i].text), .bytes = std::move(parts[i + 1].text)});
                }
            }
            if (page == Page::names) {
                elements = values_of(std::move(names));
            }
            add(std::move(elements));
            if (m_events.on_page) {
                m_events.on_page(m_record);
            }
        }
    }

    /// False where more is wanted than one reply can bring, or the server refuses.
    bool draw() {
        if (m_limits.elements == 0 || m_limits.elements > k_most_fields) {
            return false;
        }
        Reply reply = m_calls.all({{"HRANDFIELD", m_record.key, std::to_string(wanted())}}).front();
        if (reply.is_error()) {
            return false;
        }
        m_calls.check(reply, reply.is_array());
        std::vector<std::string> names;
        for (Reply& name : reply.elements) {
            names.push_back(std::move(name.text));
        }
        add(values_of(std::move(names)));
        return true;
    }

    /// A value cannot be read in parts: one that is longer than a slice is left out, unless it was
    /// asked for by its size.
    std::vector<ValueElement> values_of(std::vector<std::string> names) {
        std::vector<ValueCalls::Command> ask;
        for (const std::string& name : names) {
            ask.push_back({"HSTRLEN", m_record.key, name});
        }
        const std::vector<Reply> lengths = m_calls.all(ask);

        std::vector<ValueElement> elements;
        std::vector<std::size_t> page;
        std::uint64_t page_bytes = 0;
        for (std::size_t i = 0; i < names.size(); ++i) {
            ValueElement& element = elements.emplace_back();
            element.name = std::move(names[i]);
            const std::uint64_t bytes = m_calls.number(lengths[i]);
            if (bytes > m_slice && !m_limits.wants_all_of(bytes)) {
                element.unread_bytes = bytes;
                continue;
            }
            if (!page.empty() && page_bytes + bytes > m_slice) {
                read_values(elements, page);
                page.clear();
                page_bytes = 0;
            }
            page.push_back(i);
            page_bytes += bytes;
        }
        if (!page.empty()) {
            read_values(elements, page);
        }
        return elements;
    }

    void read_values(std::vector<ValueElement>& elements, const std::vector<std::size_t>& page) {
        ValueCalls::Command command = {"HMGET", m_record.key};
        for (const std::size_t i : page) {
            command.push_back(elements[i].name);
        }
        Reply reply = m_calls.array(command);
        m_calls.check(reply, reply.elements.size() == page.size());
        for (std::size_t n = 0; n < page.size(); ++n) {
            if (reply.elements[n].is_nil()) {
                m_gone.insert(elements[page[n]].name);
            } else {
                elements[page[n]].bytes = std::move(reply.elements[n].text);
            }
        }
    }

    void add(std::vector<ValueElement> elements) {
        std::erase_if(elements, [&](const ValueElement& e) { return m_gone.contains(e.name); });
        if (expires_hash_fields(m_calls.server()) && !elements.empty()) {
            read_ttls(elements);
        }
        for (ValueElement& element : elements) {
            cut_element(m_record, m_limits, element.bytes);
            if (element.unread_bytes) {
                m_record.elements_cut = true;
            }
            m_record.elements.push_back(std::move(element));
        }
    }

    /// They are left out where the user has no right to them.
    void read_ttls(std::vector<ValueElement>& elements) {
        ValueCalls::Command command = {"HPTTL", m_record.key, "FIELDS",
                                       std::to_string(elements.size())};
        for (const ValueElement& element : elements) {
            command.push_back(element.name);
        }
        const Reply reply = m_calls.all({command}).front();
        if (!reply.is_array() || reply.elements.size() != elements.size()) {
            return;
        }
        for (std::size_t i = 0; i < elements.size(); ++i) {
            const Reply& ttl = reply.elements[i];
            if (ttl.is_integer() && ttl.integer >= 0) {
                elements[i].ttl = std::chrono::milliseconds(ttl.integer);
            }
        }
    }

    ValueCalls m_calls;
    KeyRecord& m_record;
    const ValueLimits& m_limits;
    const ValueEvents& m_events;
    std::uint64_t m_slice;                   // bytes
    std::unordered_set<std::string> m_gone;  // fields that were deleted while we read
};

}  // namespace

void read_hash(Client& client, KeyRecord& record, const ValueLimits& limits,
               const ValueEvents& events) {
    HashReader(client, record, limits, events).read();
}

void cut_element(KeyRecord& record, const ValueLimits& limits, std::string& bytes) {
    if (limits.element_bytes == 0 || bytes.size() <= limits.element_bytes) {
        return;
    }
    bytes.resize(limits.element_bytes);
    drop_cut_character(bytes);
    record.elements_cut = true;
}

}  // namespace cachectl
