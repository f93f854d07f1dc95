#include "safety/weigh.hpp"

#include <memory>
#include <utility>

namespace cachectl {

namespace {

/// Replies come in the order of sending: of each key its memory, then its type.
class Weighing : public ReplySink {
public:
    Weighing(std::vector<std::string> keys, std::function<void(WeighedKeys)> done)
        : m_keys(std::move(keys)), m_done(std::move(done)) {}

    void take(Reply reply) override {
        const bool is_type = m_replies++ % 2 == 1;
        if (reply.is_error() || reply.is_broken()) {
            if (!m_weighed.refused) m_weighed.refused = std::move(reply);
        } else if (!is_type) {
            m_bytes = reply.is_integer() ? reply.integer : 0;
        } else {
            add(std::move(m_keys[m_replies / 2 - 1]), reply.text == "string" ? 0 : m_bytes);
        }
        if (m_replies == 2 * m_keys.size()) finish();
    }

private:
    void add(std::string key, std::int64_t bytes) {
        if (bytes > k_most_to_free_at_once) {
            m_weighed.heavy.push_back(std::move(key));
            return;
        }
        auto& light = m_weighed.light;
        if (light.empty() || light.back().bytes + bytes > k_most_to_free_at_once) {
            light.emplace_back();
        }
        light.back().keys.push_back(std::move(key));
        light.back().bytes += bytes;
    }

    void finish() {
        if (m_weighed.refused) m_weighed.light.clear(), m_weighed.heavy.clear();
        m_done(std::move(m_weighed));
    }

    std::vector<std::string> m_keys;
    std::function<void(WeighedKeys)> m_done;
    WeighedKeys m_weighed;
    std::size_t m_replies = 0;
    std::int64_t m_bytes = 0;
};

}  // namespace

Cost weighing_cost(unsigned keys) {
    Cost cost = VerbCost{Verb::memory_usage, keys, k_memory_usage_cost * keys};
    cost.add({Verb::type, keys, k_key_command_cost * keys});
    return cost;
}

void weigh_keys(Client& client, std::vector<std::string> keys,
                std::function<void(WeighedKeys)> done) {
    // The sink takes its own copy: a reply may come, and move a key away, while others are sent.
    const std::vector<std::string> names = keys;
    const auto sink = std::make_shared<Weighing>(std::move(keys), std::move(done));
    for (const std::string& key : names) {
        client.send({"MEMORY", "USAGE", key}, sink);
        client.send({"TYPE", key}, sink);
    }
}

}  // namespace cachectl
