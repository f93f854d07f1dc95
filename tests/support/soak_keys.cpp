#include "support/soak_keys.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

namespace cachectl::test {

namespace {

constexpr std::int64_t k_slack_ms = 120'000;  // times to live are hours apart

std::string shown(const SoakKeys& keys, const std::string& name) {
    const auto found = keys.find(name);
    if (found == keys.end()) {
        return "not there";
    }
    return found->second.type + " " + found->second.value + " until " +
           (found->second.expires_at_ms ? std::to_string(*found->second.expires_at_ms) : "ever");
}

bool is_like(const SoakKeys& keys, const std::string& name, const std::optional<SoakValue>& value) {
    const auto found = keys.find(name);
    return found == keys.end() ? !value : value && found->second.is_like(*value);
}

std::string hash_of(RespClient& node, const std::string& key) {
    const auto fields = node.list({"HGETALL", key});
    nlohmann::json object = nlohmann::json::object();
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
        object[fields[i]] = fields[i + 1];
    }
    return object.dump();
}

}  // namespace

bool SoakValue::is_like(const SoakValue& other) const {
    return type == other.type && value == other.value &&
           expires_at_ms.has_value() == other.expires_at_ms.has_value() &&
           (!expires_at_ms || std::abs(*expires_at_ms - *other.expires_at_ms) < k_slack_ms);
}

SoakKeys read_soak_keys(RedisCluster& cluster, const std::string& prefix) {
    SoakKeys all;
    for (std::size_t i = 0; i < cluster.size(); ++i) {
        RespClient node = cluster.client(i);
        if (node.text({"INFO", "replication"}).find("role:master") == std::string::npos) {
            continue;
        }
        for (const std::string& key : node.list({"KEYS", prefix + "*"})) {
            SoakValue value;
            value.type = node.text({"TYPE", key});
            value.value = value.type == "hash" ? hash_of(node, key) : node.text({"GET", key});
            const std::int64_t time = node.integer({"PEXPIRETIME", key});
            if (time >= 0) {
                value.expires_at_ms = time;
            }
            all[key] = value;
        }
    }
    return all;
}

SoakVerdict judge(const SoakKeys& before, const SoakKeys& after, const SoakChanges& changes,
                  bool all_made) {
    SoakVerdict verdict;
    std::set<std::string> names;
    for (const auto& [name, value] : before) {
        names.insert(name);
    }
    for (const auto& [name, value] : after) {
        names.insert(name);
    }
    for (const std::string& name : names) {
        const auto change = changes.find(name);
        const auto was = before.find(name);
        const bool is_as_before =
            is_like(after, name, was == before.end() ? std::nullopt : std::optional(was->second));
        const bool is_changed = change != changes.end() && is_like(after, name, change->second);
        verdict.made += is_changed ? 1 : 0;
        const bool may_stay = change == changes.end() || !all_made;
        if (!is_changed && !(is_as_before && may_stay) && verdict.wrong.empty()) {
            verdict.wrong = name + " was " + shown(before, name) + ", and is " + shown(after, name);
        }
    }
    return verdict;
}

}  // namespace cachectl::test
