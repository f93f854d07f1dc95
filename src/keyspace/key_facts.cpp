#include "keyspace/key_facts.hpp"

#include <algorithm>

#include "pace/cost.hpp"
#include "redis/error_reply.hpp"

namespace cachectl {

namespace {

/// All there is to know of a fact: another one is another row of the table.
struct Fact {
    bool FactsWanted::*wanted;
    std::string_view command;
    std::string_view subcommand;
    VerbCost cost;
    /// A reply of a type that the command does not have says nothing of the key.
    void (*read)(KeyFacts&, const Reply&);
    /// Where this is set, the fact is left out if the user has no right to the command or the
    /// server does not know it. Without one, such a page is refused.
    bool FactsWanted::*may_lack;
    /// Begins the error of a server that keeps no such fact, which is then left out.
    std::string_view not_kept;
};

void read_existence(KeyFacts& key, const Reply& reply) {
    if (reply.is_integer() && (reply.integer == 0 || reply.integer == 1)) {
        key.exists = reply.integer == 1;
    } else {
        key.unreadable = true;
    }
}

void read_type(KeyFacts& key, const Reply& reply) {
    if (!reply.is_text() || reply.text.empty()) {
        key.unreadable = true;
    } else if (reply.text == "none") {
        key.exists = false;
    } else {
        key.type = reply.text;
    }
}

void read_ttl(KeyFacts& key, const Reply& reply) {
    if (!reply.is_integer() || reply.integer < -2) {
        key.unreadable = true;
    } else if (reply.integer == -2) {
        key.exists = false;
    } else if (reply.integer >= 0) {
        key.ttl = std::chrono::milliseconds(reply.integer);
    }
}

void read_size(KeyFacts& key, const Reply& reply) {
    if (reply.is_nil()) {
        key.exists = false;
    } else if (reply.is_integer() && reply.integer >= 0 && reply.integer <= k_most_memory) {
        key.size_bytes = static_cast<std::uint64_t>(reply.integer);
    } else {
        key.unreadable = true;
    }
}

void read_idle(KeyFacts& key, const Reply& reply) {
    if (reply.is_nil()) {
        key.exists = false;
    } else if (reply.is_integer() && reply.integer >= 0) {
        key.idle = std::chrono::seconds(reply.integer);
    } else {
        key.unreadable = true;
    }
}

// Redis and Valkey count no references to an object that is shared.
void read_references(KeyFacts& key, const Reply& reply) {
    constexpr std::int64_t k_most_of_its_own = 1'000'000;
    if (reply.is_nil()) {
        key.exists = false;
    } else if (reply.is_integer() && reply.integer > k_most_of_its_own) {
        key.idle.reset();
    }
}

void read_frequency(KeyFacts& key, const Reply& reply) {
    if (reply.is_nil()) {
        key.exists = false;
    } else if (reply.is_integer() && reply.integer >= 0) {
        key.frequency = static_cast<std::uint64_t>(reply.integer);
    } else {
        key.unreadable = true;
    }
}

void read_encoding(KeyFacts& key, const Reply& reply) {
    if (reply.is_nil()) {
        key.exists = false;
    } else if (reply.is_text()) {
        key.encoding = reply.text;
    } else {
        key.unreadable = true;
    }
}

// clang-format off
constexpr Fact k_facts[] = {
    {&FactsWanted::existence, "EXISTS", "",
     {Verb::exists, 1, k_key_command_cost}, read_existence, &FactsWanted::existence_may_lack, {}},
    {&FactsWanted::type, "TYPE", "",
     {Verb::type, 1, k_key_command_cost}, read_type, nullptr, {}},
    {&FactsWanted::ttl, "PTTL", "",
     {Verb::pttl, 1, k_key_command_cost}, read_ttl, nullptr, {}},
    {&FactsWanted::size, "MEMORY", "USAGE",
     {Verb::memory_usage, 1, k_memory_usage_cost}, read_size, &FactsWanted::may_lack, {}},
    {&FactsWanted::idle, "OBJECT", "IDLETIME",
     {Verb::object_idletime, 1, k_key_command_cost}, read_idle, &FactsWanted::may_lack,
     "ERR An LFU"},
    {&FactsWanted::own_idle, "OBJECT", "REFCOUNT",
     {Verb::object_refcount, 1, k_key_command_cost}, read_references, &FactsWanted::may_lack,
     "ERR"},
    {&FactsWanted::frequency, "OBJECT", "FREQ",
     {Verb::object_freq, 1, k_key_command_cost}, read_frequency, &FactsWanted::may_lack, {}},
    {&FactsWanted::encoding, "OBJECT", "ENCODING",
     {Verb::object_encoding, 1, k_key_command_cost}, read_encoding, &FactsWanted::may_lack, {}},
};
// clang-format on

/// "OBJECT IDLETIME"
std::string name_of(const Fact& fact) {
    return std::string(fact.command) +
           (fact.subcommand.empty() ? "" : ' ' + std::string(fact.subcommand));
}

// Older servers answer a key that has gone with an error.
bool says_gone(const Reply& reply) {
    return reply.is_error() && reply.text.starts_with("ERR no such key");
}

bool says_not_kept(const Reply& reply, const Fact& fact) {
    return reply.is_error() && !fact.not_kept.empty() && reply.text.starts_with(fact.not_kept);
}

/// The facts of one page: takes the replies, which come key by key and fact by fact.
class PageReading final : public ReplySink, public std::enable_shared_from_this<PageReading> {
public:
    PageReading(Client& client, std::vector<std::string> keys, const FactsWanted& wanted,
                std::function<void(PageFacts)> done)
        : m_client(client), m_done(std::move(done)), m_wanted(wanted) {
        m_page.keys.reserve(keys.size());
        for (std::string& key : keys) {
            m_page.keys.emplace_back().key = std::move(key);
        }
        for (const Fact& fact : k_facts) {
            if (wanted.*fact.wanted) {
                m_facts.push_back(&fact);
            }
        }
    }

    void start(Pace& pace, const Pace::Owner& owner) {
        if (m_facts.empty() || m_page.keys.empty()) {
            finish();
            return;
        }
        Cost each;
        for (const Fact* fact : m_facts) {
            each.add(fact->cost);
        }
        const unsigned portion = pace.portion(each);
        // Of a page that is over before its last portion has left, nothing more is asked.
        for (std::size_t at = 0; at < m_page.keys.size() && m_done; at += portion) {
            const std::size_t count = std::min<std::size_t>(portion, m_page.keys.size() - at);
            pace.submit(owner, each.times(static_cast<unsigned>(count)),
                        [self = shared_from_this(), at, count] { self->ask(at, count); });
        }
    }

    void start_now() {
        if (m_facts.empty() || m_page.keys.empty()) {
            finish();
        } else {
            ask(0, m_page.keys.size());
        }
    }

    void take(Reply reply) override {
        const Fact& fact = *m_facts[m_next % m_facts.size()];
        const std::size_t index = m_next++ / m_facts.size();
        if (!m_done) {
            return;
        }
        KeyFacts& key = m_page.keys[index];
        if (reply.is_broken()) {
            m_page.connection_lost = true;
        } else if (says_gone(reply)) {
            key.exists = false;
        } else if (!reply.is_error()) {
            fact.read(key, reply);
        } else if (says_not_kept(reply, fact)) {
            // The key has none.
        } else if (denied_by(reply) == Denied::key) {
            key.denied = true;
            if (!m_page.denial) {
                m_page.denial = std::move(reply);
            }
        } else if (may_lack(fact) && !is_passing(reply)) {
            if (!m_page.lacking) {
                m_page.lacking =
                    refusal(reply, "look at all of a key", m_client.server(), name_of(fact));
            }
        } else {
            m_page.refused = refusal(reply, "look at keys", m_client.server(), name_of(fact));
            m_page.refused_by = std::move(reply);
        }
        const bool last = m_next == m_page.keys.size() * m_facts.size();
        if (last || m_page.connection_lost || m_page.refused) {
            finish();
        }
    }

private:
    void ask(std::size_t first, std::size_t count) {
        const std::shared_ptr<ReplySink> self = shared_from_this();
        for (std::size_t i = first; i < first + count && m_done; ++i) {
            for (const Fact* fact : m_facts) {
                if (!m_done) {
                    return;
                }
                const std::string_view key = m_page.keys[i].key;
                if (fact->subcommand.empty()) {
                    m_client.send({fact->command, key}, self);
                } else {
                    m_client.send({fact->command, fact->subcommand, key}, self);
                }
            }
        }
    }

    [[nodiscard]] bool may_lack(const Fact& fact) const {
        return fact.may_lack != nullptr && m_wanted.*fact.may_lack;
    }

    void finish() {
        const auto done = std::exchange(m_done, nullptr);
        done(std::move(m_page));
    }

    Client& m_client;
    std::function<void(PageFacts)> m_done;  // empty when it has been called
    PageFacts m_page;
    std::vector<const Fact*> m_facts;
    FactsWanted m_wanted;
    std::size_t m_next = 0;  // the reply, counted over keys and facts
};

}  // namespace

bool FactsWanted::any() const {
    return std::any_of(std::begin(k_facts), std::end(k_facts),
                       [this](const Fact& fact) { return this->*fact.wanted; });
}

FactsWanted FactsWanted::with(const FactsWanted& needed) const {
    FactsWanted both = *this;
    for (const Fact& fact : k_facts) {
        if (!(needed.*fact.wanted)) {
            continue;
        }
        both.*fact.wanted = true;
        if (fact.may_lack != nullptr) {
            both.*fact.may_lack = false;
        }
    }
    return both;
}

void read_facts(Client& client, Pace& pace, const Pace::Owner& owner, std::vector<std::string> keys,
                const FactsWanted& wanted, std::function<void(PageFacts)> done) {
    std::make_shared<PageReading>(client, std::move(keys), wanted, std::move(done))
        ->start(pace, owner);
}

void read_facts_now(Client& client, std::vector<std::string> keys, const FactsWanted& wanted,
                    std::function<void(PageFacts)> done) {
    std::make_shared<PageReading>(client, std::move(keys), wanted, std::move(done))->start_now();
}

Cost facts_cost(const FactsWanted& wanted) {
    Cost each;
    for (const Fact& fact : k_facts) {
        if (wanted.*fact.wanted) {
            each.add(fact.cost);
        }
    }
    return each;
}

}  // namespace cachectl
