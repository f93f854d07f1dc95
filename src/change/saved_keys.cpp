#include "change/saved_keys.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "redis/error_reply.hpp"
#include "redis/info.hpp"
#include "redis/server_clock.hpp"
#include "redis/version.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

SavedFacts::Use use_by_policy(Client& client) {
    const Reply reply = client.call({"INFO", "memory"});
    const InfoFields fields(reply.is_text() ? reply.text : std::string());
    const std::string_view policy = fields.text("maxmemory_policy");
    if (policy.ends_with("lru")) {
        return SavedFacts::Use::idle;
    }
    return policy.ends_with("lfu") ? SavedFacts::Use::frequency : SavedFacts::Use::none;
}

/// Replies come in the order of sending: of each key its expiry, its use if that is asked for, and
/// its value.
class Saving : public ReplySink {
public:
    Saving(std::vector<std::string> keys, const SavedFacts& facts,
           std::function<void(SavedKeys)> done)
        : m_keys(std::move(keys)), m_facts(facts), m_done(std::move(done)) {}

    [[nodiscard]] std::size_t questions() const {
        return m_facts.use == SavedFacts::Use::none ? 2 : 3;
    }

    void take(Reply reply) override {
        const std::size_t question = m_replies % questions();
        const std::size_t index = m_replies++ / questions();
        if (question == 0) {
            m_key = SavedKey{.name = std::move(m_keys[index]), .dumped = {}};
            m_fate = Fate::saved;
        }
        if (reply.is_error() || reply.is_broken()) {
            take_error(std::move(reply), question);
        } else if (question == 0) {
            m_fate = take_expiry(m_facts, reply, m_key) ? Fate::saved : Fate::vanished;
        } else if (question + 1 < questions()) {
            take_use(m_facts, reply, m_key);
        } else if (reply.is_text()) {
            m_key.dumped = std::move(reply.text);
        } else if (m_fate == Fate::saved) {
            m_fate = Fate::vanished;
        }
        if (question + 1 == questions()) {
            end_key();
        }
        if (m_replies == questions() * m_keys.size()) {
            finish();
        }
    }

private:
    enum class Fate { saved, vanished, denied };

    void take_error(Reply reply, std::size_t question) {
        if (denied_by(reply) == Denied::key) {
            m_fate = Fate::denied;
            m_saved.denial = m_saved.denial.empty() ? reply.text : m_saved.denial;
            return;
        }
        const bool is_use = question != 0 && question + 1 != questions();
        if (is_use && !reply.is_broken()) {
            return;  // the policy has been changed meanwhile, or there is no right to it
        }
        if (!m_saved.refused) {
            m_saved.refused = std::move(reply);
        }
    }

    void end_key() {
        switch (m_fate) {
            case Fate::saved:
                m_saved.keys.push_back(std::move(m_key));
                return;
            case Fate::vanished:
                m_saved.vanished.push_back(std::move(m_key.name));
                return;
            case Fate::denied:
                m_saved.denied.push_back(std::move(m_key.name));
                return;
        }
    }

    void finish() {
        if (m_saved.refused) {
            m_saved.keys.clear(), m_saved.vanished.clear(), m_saved.denied.clear();
        }
        m_done(std::move(m_saved));
    }

    std::vector<std::string> m_keys;
    const SavedFacts& m_facts;
    std::function<void(SavedKeys)> m_done;
    SavedKeys m_saved;
    SavedKey m_key;
    Fate m_fate = Fate::saved;
    std::size_t m_replies = 0;
};

}  // namespace

SavedFacts saved_facts(Context& ctx, Client& client) {
    SavedFacts facts;
    const ServerInfo& server = client.server();
    facts.tells_expire_time =
        server.is_of_known_kind() && Version::parse(server.version) >= Version{7, 0};
    if (!facts.tells_expire_time) {
        facts.server_now =
            server_clock(client, std::chrono::time_point_cast<milliseconds>(ctx.wall_now()));
    }
    facts.use = use_by_policy(client);
    return facts;
}

std::vector<std::string_view> expiry_question(const SavedFacts& facts, std::string_view key) {
    return {facts.tells_expire_time ? "PEXPIRETIME" : "PTTL", key};
}

std::vector<std::string_view> use_question(const SavedFacts& facts, std::string_view key) {
    switch (facts.use) {
        case SavedFacts::Use::idle:
            return {"OBJECT", "IDLETIME", key};
        case SavedFacts::Use::frequency:
            return {"OBJECT", "FREQ", key};
        case SavedFacts::Use::none:
            break;
    }
    return {};
}

bool take_expiry(const SavedFacts& facts, const Reply& answer, SavedKey& key) {
    constexpr std::int64_t k_missing = -2;
    if (answer.integer >= 0) {
        const milliseconds time(answer.integer);
        key.expires_at =
            facts.tells_expire_time ? time : facts.server_now().time_since_epoch() + time;
    }
    return answer.integer != k_missing;
}

bool is_same_expiry(const SavedFacts& facts, std::optional<milliseconds> one,
                    std::optional<milliseconds> other) {
    constexpr milliseconds k_late_answer{1'000};
    if (facts.tells_expire_time || !one || !other) {
        return one == other;
    }
    return std::chrono::abs(*one - *other) < k_late_answer;
}

void take_use(const SavedFacts& facts, const Reply& answer, SavedKey& key) {
    if (!answer.is_integer() || answer.integer < 0) {
        return;
    }
    if (facts.use == SavedFacts::Use::idle) {
        key.idle = std::chrono::seconds(answer.integer);
    } else {
        key.frequency = static_cast<std::uint8_t>(std::min<std::int64_t>(255, answer.integer));
    }
}

// The idle time is asked for before DUMP, which makes it 0.
void read_saved_keys(Client& client, std::vector<std::string> keys, const SavedFacts& facts,
                     std::function<void(SavedKeys)> done) {
    // The sink takes its own copy: a reply may come, and move a key away, while others are sent.
    const std::vector<std::string> names = keys;
    const auto sink = std::make_shared<Saving>(std::move(keys), facts, std::move(done));
    for (const std::string& key : names) {
        client.send(expiry_question(facts, key), sink);
        if (facts.use != SavedFacts::Use::none) {
            client.send(use_question(facts, key), sink);
        }
        client.send({"DUMP", key}, sink);
    }
}

Cost dumping_cost(unsigned keys, std::uint64_t bytes) {
    return VerbCost{Verb::dump, keys, dump_cost(keys, bytes)};
}

Cost saving_cost(const SavedFacts& facts, unsigned keys, std::uint64_t bytes) {
    Cost cost = dumping_cost(keys, bytes);
    cost.add({Verb::pttl, keys, k_key_command_cost * keys});
    if (facts.use != SavedFacts::Use::none) {
        cost.add({Verb::object_idletime, keys, k_key_command_cost * keys});
    }
    return cost;
}

}  // namespace cachectl
