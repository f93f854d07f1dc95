// What the keys that were found are: asked for key by key and fact by fact, so that what may not be
// told of one leaves the others.
#include <fmt/format.h>

#include <array>
#include <map>

#include "hot/hot_keys.hpp"
#include "redis/wake.hpp"

namespace cachectl {

namespace {

struct Description {
    FactsWanted wanted;
    std::string_view names;
    void (*take)(HotKey& key, const KeyFacts& facts);
};

const std::array<Description, 3> k_descriptions = {{
    {{.type = true},
     "types",
     [](HotKey& key, const KeyFacts& facts) { key.facts.type = facts.type; }},
    {{.size = true},
     "sizes",
     [](HotKey& key, const KeyFacts& facts) { key.facts.size_bytes = facts.size_bytes; }},
    {{.ttl = true},
     "times to live",
     [](HotKey& key, const KeyFacts& facts) {
         key.facts.ttl = facts.ttl;
         key.knows_ttl = facts.exists;
     }},
}};

/// Why the fact is not known of the one key that was asked for; empty: it is.
std::string why_unknown(const PageFacts& page) {
    if (page.connection_lost) {
        return "the connection was lost";
    }
    if (page.refused) {
        return page.refused->what();
    }
    if (page.denial) {
        return page.denial->text;
    }
    return page.keys[0].unreadable ? "the server's answer cannot be read" : "";
}

}  // namespace

void describe(Client& client, HotKeys& found) {
    if (found.keys.empty()) {
        return;
    }
    wake(client);
    std::map<std::string, std::string> unknown;  // what, by why
    for (const Description& description : k_descriptions) {
        std::string why;
        for (HotKey& key : found.keys) {
            read_facts_now(client, {key.key}, description.wanted, [&](const PageFacts& page) {
                if (const std::string reason = why_unknown(page); !reason.empty()) {
                    why = reason;
                    return;
                }
                key.facts.exists = key.facts.exists && page.keys[0].exists;
                description.take(key, page.keys[0]);
            });
        }
        client.drain();
        if (!why.empty()) {
            std::string& names = unknown[why];
            names += (names.empty() ? "" : ", ") + std::string(description.names);
        }
    }
    for (const auto& [why, names] : unknown) {
        found.notes.push_back(
            fmt::format("{} are not known, of some keys at least: {}", names, why));
    }
    std::map<const Client*, std::string> names;
    for (const ServerNode& node : client.nodes()) {
        names[node.client] = node.name;
    }
    for (HotKey& key : found.keys) {
        if (const auto name = names.find(&client.home_of(key.key)); name != names.end()) {
            key.node = name->second;
        }
    }
}

}  // namespace cachectl
