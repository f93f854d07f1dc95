#include "walk/probe.hpp"

#include <memory>

#include "redis/error.hpp"

namespace cachectl {

namespace {

struct Page {
    PageFacts facts;
    std::size_t replies_left = 0;
    std::function<void(PageFacts)> done;
};

using TakeFact = void (*)(KeyFacts&, const Reply&);

void take_existence(KeyFacts& key, const Reply& reply) { key.exists = reply.integer != 0; }

void take_type(KeyFacts& key, const Reply& reply) {
    key.type = reply.text;
    if (reply.text == "none") key.exists = false;
}

void take_ttl(KeyFacts& key, const Reply& reply) {
    if (reply.integer == -2) key.exists = false;
    if (reply.integer >= 0) key.ttl = std::chrono::milliseconds(reply.integer);
}

void take_size(KeyFacts& key, const Reply& reply) {
    if (reply.is_nil()) key.exists = false;
    key.size_bytes = static_cast<std::uint64_t>(reply.integer);
}

void take_idle(KeyFacts& key, const Reply& reply) {
    if (reply.is_nil()) key.exists = false;
    if (reply.is_integer()) key.idle = std::chrono::seconds(reply.integer);
}

// Older servers answer a key that has gone with an error, and LFU policies keep no idle time.
bool says_gone(const Reply& reply) {
    return reply.is_error() && reply.text.starts_with("ERR no such key");
}
bool says_no_idle_time(const Reply& reply) {
    return reply.is_error() && reply.text.starts_with("ERR An LFU");
}

class Probe {
public:
    Probe(Client& client, std::shared_ptr<Page> page) : m_client(client), m_page(std::move(page)) {}

    void ask(std::size_t index, std::initializer_list<std::string_view> args, TakeFact take) {
        m_client.send(args, [client = &m_client, page = m_page, index, take](Reply reply) {
            PageFacts& facts = page->facts;
            if (reply.is_broken()) {
                facts.connection_lost = true;
            } else if (says_gone(reply)) {
                facts.keys[index].exists = false;
            } else if (!reply.is_error()) {
                take(facts.keys[index], reply);
            } else if (!says_no_idle_time(reply) && !facts.refused) {
                facts.refused = refusal(reply, "look at keys", client->server());
            }
            if (--page->replies_left == 0) page->done(std::move(facts));
        });
    }

private:
    Client& m_client;
    std::shared_ptr<Page> m_page;
};

}  // namespace

void probe_keys(Client& client, std::vector<std::string> keys, const FactsWanted& wanted,
                std::function<void(PageFacts)> done) {
    auto page = std::make_shared<Page>();
    page->done = std::move(done);
    page->facts.keys.reserve(keys.size());
    for (std::string& key : keys) page->facts.keys.emplace_back().key = std::move(key);
    if (!wanted.any() || keys.empty()) {
        page->done(std::move(page->facts));
        return;
    }
    // Counted before the first is sent: on a broken connection the replies come at once.
    page->replies_left = page->facts.keys.size() * (std::size_t{wanted.existence} + wanted.type +
                                                    wanted.ttl + wanted.size + wanted.idle);
    Probe probe(client, page);
    for (std::size_t i = 0; i < page->facts.keys.size(); ++i) {
        const std::string key = page->facts.keys[i].key;
        if (wanted.existence) probe.ask(i, {"EXISTS", key}, take_existence);
        if (wanted.type) probe.ask(i, {"TYPE", key}, take_type);
        if (wanted.ttl) probe.ask(i, {"PTTL", key}, take_ttl);
        if (wanted.size) probe.ask(i, {"MEMORY", "USAGE", key}, take_size);
        if (wanted.idle) probe.ask(i, {"OBJECT", "IDLETIME", key}, take_idle);
    }
}

}  // namespace cachectl
