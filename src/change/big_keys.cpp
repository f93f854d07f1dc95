#include "change/big_keys.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "keyspace/key_facts.hpp"

namespace cachectl {

namespace {

// Measured with Redis 7.0.15 and 8.0, Valkey 8.0: 0.02 µs for a KiB of strings up to 500 KiB, 0.09
// of 2 MiB, 0.2 of 20 MiB.
constexpr double k_freeing_string_byte = 0.1 / 1024;
// Elements of some 64 bytes, at 0.15 microseconds each.
constexpr double k_freeing_element_byte = 0.15 / 64;

/// A size, or nothing where the key is gone.
bool tells_size(const Reply& reply) {
    return reply.is_nil() ||
           (reply.is_integer() && reply.integer >= 0 && reply.integer <= k_most_memory);
}

/// Replies come in the order of sending: of each key its memory, for DEL then its type.
class Measuring : public ReplySink {
public:
    Measuring(Removal removal, std::vector<std::string> keys, const ReadingLimits& limits,
              std::function<void(MeasuredKeys)> done)
        : m_removal(removal), m_keys(std::move(keys)), m_limits(limits), m_done(std::move(done)) {}

    void take(Reply reply) override {
        const std::size_t questions = m_removal == Removal::del ? 2 : 1;
        const std::size_t question = m_replies % questions;
        const std::size_t index = m_replies++ / questions;
        if (reply.is_error() || reply.is_broken() || (question == 0 && !tells_size(reply))) {
            if (!m_measured.refused) {
                m_measured.refused = std::move(reply);
            }
        } else if (question == 0) {
            m_bytes = reply.integer;
            if (questions == 1) {
                add(index, {});
            }
        } else {
            add(index, reply.text);
        }
        if (m_replies == questions * m_keys.size()) {
            finish();
        }
    }

private:
    void add(std::size_t index, std::string_view type) {
        const double cost = freeing_cost(m_removal, type, m_bytes);
        m_measured.dearest = std::max(m_measured.dearest, cost);
        std::string& key = m_keys[index];
        if (m_removal == Removal::del && cost > k_most_freeing) {
            m_measured.heavy.push_back(std::move(key));
            return;
        }
        const auto bytes = static_cast<std::uint64_t>(m_bytes);
        if (bytes > m_limits.of_key) {
            m_measured.large.push_back(std::move(key));
            return;
        }
        auto& portions = m_measured.portions;
        if (portions.empty() || portions.back().freeing + cost > k_most_freeing ||
            portions.back().bytes + bytes > m_limits.of_portion) {
            portions.emplace_back();
        }
        portions.back().keys.push_back(std::move(key));
        portions.back().freeing += cost;
        portions.back().bytes += bytes;
    }

    void finish() {
        if (m_measured.refused) {
            m_measured.portions.clear(), m_measured.heavy.clear(), m_measured.large.clear();
        }
        m_done(std::move(m_measured));
    }

    Removal m_removal;
    std::vector<std::string> m_keys;
    ReadingLimits m_limits;
    std::function<void(MeasuredKeys)> m_done;
    MeasuredKeys m_measured;
    std::size_t m_replies = 0;
    std::int64_t m_bytes = 0;
};

}  // namespace

double freeing_cost(Removal removal, std::string_view type, std::int64_t bytes) {
    const auto size = static_cast<double>(bytes);
    const bool by_element = removal == Removal::del && type != "string";
    return size * (by_element ? k_freeing_element_byte : k_freeing_string_byte);
}

Cost measuring_cost(Removal removal, unsigned keys) {
    Cost cost = VerbCost{Verb::memory_usage, keys, k_memory_usage_cost * keys};
    if (removal == Removal::del) {
        cost.add({Verb::type, keys, k_key_command_cost * keys});
    }
    return cost;
}

void measure_keys(Client& client, Removal removal, std::vector<std::string> keys,
                  const ReadingLimits& limits, std::function<void(MeasuredKeys)> done) {
    // The sink takes its own copy: a reply may come, and move a key away, while others are sent.
    const std::vector<std::string> names = keys;
    const auto sink =
        std::make_shared<Measuring>(removal, std::move(keys), limits, std::move(done));
    for (const std::string& key : names) {
        client.send({"MEMORY", "USAGE", key}, sink);
        if (removal == Removal::del) {
            client.send({"TYPE", key}, sink);
        }
    }
}

}  // namespace cachectl
