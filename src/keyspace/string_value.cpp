#include "keyspace/string_value.hpp"

#include <algorithm>

#include "keyspace/value_calls.hpp"
#include "keyspace/value_watch.hpp"
#include "redis/reply_slice.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_longest_string = 512 * 1024 * 1024;  // by the servers' default
constexpr int k_tries = 3;

class StringReader {
public:
    StringReader(Client& client, KeyRecord& record, const ValueLimits& limits,
                 const ValueEvents& events)
        : m_calls(client),
          m_record(record),
          m_events(events),
          m_slice(reply_slice(client.server())),
          m_limit(limits.bytes == 0 ? ~std::uint64_t{0} : limits.bytes) {}

    void read() {
        const std::uint64_t first = std::min({m_limit, m_slice, k_longest_string});
        auto replies = m_calls.all({{"STRLEN", m_record.key}, range(0, first)});
        m_record.length = m_calls.number(replies[0]);
        m_calls.check(replies[1], replies[1].is_text());
        if (wanted() <= first) {
            take(replies[1].text);
        } else {
            read_slices();
        }
        m_record.truncated = m_bytes_read < *m_record.length;
        if (m_record.truncated) {
            drop_cut_character(m_record.text);
        }
    }

private:
    [[nodiscard]] std::uint64_t wanted() const { return std::min(m_limit, *m_record.length); }

    [[nodiscard]] ValueCalls::Command range(std::uint64_t from, std::uint64_t bytes) const {
        return {"GETRANGE", m_record.key, std::to_string(from), std::to_string(from + bytes - 1)};
    }

    void take(std::string& text) {
        m_bytes_read += text.size();
        if (m_events.on_text) {
            m_events.on_text(text);
        } else {
            m_record.text.append(text);
        }
    }

    void read_slices() {
        ValueWatch watch(m_calls, m_record.key, "STRLEN");
        for (int tries = 1;; ++tries) {
            watch.begin();
            m_record.length = m_calls.number(m_calls.all({{"STRLEN", m_record.key}}).front());
            const bool came_to_end = take_slices();
            if (stop_signal() != 0) {
                return;
            }
            const ValueWatch::Parts parts = watch.end(*m_record.length);
            if (came_to_end && parts == ValueWatch::Parts::of_one_version) {
                return;
            }
            if (tries == k_tries || (m_events.on_text && m_bytes_read != 0)) {
                throw is_mixture(parts);
            }
            m_bytes_read = 0;
            m_record.text.clear();
        }
    }

    [[nodiscard]] Error is_mixture(ValueWatch::Parts parts) const {
        return {ExitCode::partial,
                parts == ValueWatch::Parts::moved
                    ? "the value moved to another node while it was read, or the connection to its "
                      "node was lost"
                    : "the value was rewritten while it was read",
                m_events.on_text ? "what was written may not be one version of it; try once more"
                                 : "try it once more"};
    }

    /// False if the value ends sooner than its length said.
    bool take_slices() {
        while (m_bytes_read < wanted() && stop_signal() == 0) {
            const std::uint64_t bytes = std::min(m_slice, wanted() - m_bytes_read);
            Reply slice = std::move(m_calls.all({range(m_bytes_read, bytes)}).front());
            m_calls.check(slice, slice.is_text());
            take(slice.text);
            if (m_events.on_page) {
                m_events.on_page(m_record);
            }
            if (slice.text.size() < bytes) {
                return false;
            }
        }
        return true;
    }

    ValueCalls m_calls;
    KeyRecord& m_record;
    const ValueEvents& m_events;
    std::uint64_t m_slice;  // bytes
    std::uint64_t m_limit;  // bytes
    std::uint64_t m_bytes_read = 0;
};

}  // namespace

void read_string(Client& client, KeyRecord& record, const ValueLimits& limits,
                 const ValueEvents& events) {
    StringReader(client, record, limits, events).read();
}

}  // namespace cachectl
