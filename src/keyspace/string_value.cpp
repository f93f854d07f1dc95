#include "keyspace/string_value.hpp"

#include <algorithm>

#include "keyspace/value_calls.hpp"
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
        for (int tries = 1;; ++tries) {
            const bool watched = watch();
            m_record.length = m_calls.number(m_calls.all({{"STRLEN", m_record.key}}).front());
            const bool came_to_end = take_slices();
            if (stop_signal() != 0) {
                return;
            }
            if (came_to_end && is_unchanged(watched)) {
                return;
            }
            if (tries == k_tries || (m_events.on_text && m_bytes_read != 0)) {
                throw Error(ExitCode::partial, "the value was rewritten while it was read",
                            m_events.on_text
                                ? "what was written is not one version of it; try once more"
                                : "try it once more");
            }
            m_bytes_read = 0;
            m_record.text.clear();
        }
    }

    /// False where the user has no right to it; then the length alone tells of a change.
    [[nodiscard]] bool watch() {
        return !m_calls.server().hangs_up &&
               !m_calls.all({{"WATCH", m_record.key}}).front().is_error();
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

    bool is_unchanged(bool watched) {
        if (watched) {
            const Reply executed =
                m_calls.all({{"MULTI"}, {"STRLEN", m_record.key}, {"EXEC"}}).back();
            if (executed.is_nil()) {
                return false;  // what was watched has changed
            }
            if (executed.is_array() && executed.elements.size() == 1) {
                return has_its_length(executed.elements[0]);
            }
        }
        return has_its_length(m_calls.all({{"STRLEN", m_record.key}}).front());
    }

    [[nodiscard]] bool has_its_length(const Reply& length) const {
        return length.is_integer() &&
               static_cast<std::uint64_t>(length.integer) == *m_record.length;
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
