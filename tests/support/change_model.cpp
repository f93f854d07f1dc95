#include "support/change_model.hpp"

#include <algorithm>
#include <cstdlib>

namespace cachectl::test {

namespace {

constexpr std::int64_t k_slack_ms = 60'000;  // that a run may take; TTLs lie further apart

std::string random_name(RandomData& random) {
    static const std::vector<std::string> pieces = {
        "a",  "b",  "c",    "course:", "sess:", "menu:", ":",    "*",  "?",
        "[",  "]",  "[ab]", "\\",      "\n",    " ",     "\xff", "'",  "{t}",
        "-x", "\"", "1",    "2",       "3",     "^",     "%%",   "{}", std::string(1, '\0')};
    std::string name;
    for (std::size_t i = 1 + random.below(4); i > 0; --i) {
        name += random.any_of(pieces);
    }
    return name;
}

std::string escaped(const std::string& name) {
    std::string glob;
    for (const char c : name) {
        if (c == '*' || c == '?' || c == '[' || c == '\\') {
            glob += '\\';
        }
        glob += c;
    }
    return glob;
}

std::string any_key(RandomData& random, const Keyspace& keys) {
    if (keys.empty()) {
        return "a";
    }
    auto at = keys.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random.below(keys.size())));
    return at->first;
}

/// Valid globs: what is unbalanced is a matter of other tests.
std::string random_glob(RandomData& random, const Keyspace& keys) {
    const std::string key = any_key(random, keys);
    switch (random.below(6)) {
        case 0:
            return escaped(key);
        case 1:
            return escaped(key.substr(0, 1 + random.below(key.size()))) + "*";
        case 2:
            return "*" + escaped(key.substr(random.below(key.size())));
        case 3:
            return "course:*";
        case 4:
            return "[abcm]*";
        default:
            return "?" + escaped(key.substr(1)) + "*";
    }
}

// A pattern of an argument cannot hold NUL.
bool can_be_argument(const std::string& text) { return text.find('\0') == std::string::npos; }

std::vector<std::string> random_globs(RandomData& random, const Keyspace& keys, std::size_t most) {
    std::vector<std::string> globs;
    for (std::size_t i = random.below(most + 1); i > 0; --i) {
        std::string glob = random_glob(random, keys);
        if (can_be_argument(glob)) {
            globs.push_back(std::move(glob));
        }
    }
    return globs;
}

std::set<std::string> matches_of(const std::vector<std::string>& globs, RespClient& redis) {
    std::set<std::string> found;
    for (const std::string& glob : globs) {
        for (std::string& key : redis.list({"KEYS", glob})) {
            found.insert(std::move(key));
        }
    }
    return found;
}

bool passes(const ChangeCase& change, const ModelKey& key) {
    if (!change.type.empty() && key.type != change.type) {
        return false;
    }
    if (change.no_ttl && key.ttl_ms) {
        return false;
    }
    if (change.ttl_below_s && !(key.ttl_ms && *key.ttl_ms < *change.ttl_below_s * 1000)) {
        return false;
    }
    if (change.ttl_above_s && key.ttl_ms && *key.ttl_ms <= *change.ttl_above_s * 1000) {
        return false;
    }
    return !change.size_over || key.size_bytes > *change.size_over;
}

bool needs_change(const ChangeCase& change, const ModelKey& key) {
    switch (change.mode) {
        case Mode::cap:
            return !key.ttl_ms || *key.ttl_ms > change.duration_s * 1000;
        case Mode::add:
        case Mode::remove:
            return key.ttl_ms.has_value();
        default:
            return true;
    }
}

std::optional<std::int64_t> ttl_after(const ChangeCase& change, const ModelKey& key) {
    switch (change.mode) {
        case Mode::set:
        case Mode::cap:
            return change.duration_s * 1000;
        case Mode::add:
            return *key.ttl_ms + change.duration_s * 1000;
        default:
            return std::nullopt;
    }
}

bool is_about(const std::optional<std::int64_t>& now, const std::optional<std::int64_t>& then) {
    if (now.has_value() != then.has_value()) {
        return false;
    }
    return !now || (*now <= *then + 1'000 && *now >= *then - k_slack_ms);
}

}  // namespace

Keyspace read_keyspace(RespClient& redis) {
    Keyspace keys;
    for (const std::string& name : redis.list({"KEYS", "*"})) {
        ModelKey& key = keys[name];
        key.type = redis.text({"TYPE", name});
        key.dump = redis.text({"DUMP", name});
        const std::int64_t ttl = redis.integer({"PTTL", name});
        if (ttl >= 0) {
            key.ttl_ms = ttl;
        }
        key.size_bytes = redis.integer({"MEMORY", "USAGE", name});
    }
    return keys;
}

void fill_randomly(RespClient& redis, RandomData& random) {
    redis.run({"FLUSHALL"});
    for (std::size_t i = random.below(40); i > 0; --i) {
        const std::string name = random_name(random);
        redis.run({"DEL", name});
        const std::string value(1 + random.below(300), 'v');
        switch (random.below(6)) {
            case 0:
                redis.run({"RPUSH", name, value, "b"});
                break;
            case 1:
                redis.run({"SADD", name, value, "b"});
                break;
            case 2:
                redis.run({"ZADD", name, "1", value});
                break;
            case 3:
                redis.run({"HSET", name, "f", value});
                break;
            case 4:
                redis.run({"XADD", name, "1-1", "f", value});
                break;
            default:
                redis.run({"SET", name, value});
        }
        static const std::vector<std::string> k_ttls = {"100", "1000", "10000", "100000"};
        if (!random.one_in(3)) {
            redis.run({"EXPIRE", name, random.any_of(k_ttls)});
        }
    }
}

ChangeCase random_case(RandomData& random, const Keyspace& keys) {
    ChangeCase change;
    change.mode = static_cast<Mode>(random.below(6));
    if (change.mode == Mode::flush) {
        change.patterns = {random.any_of({"course", "sess", "menu", "a", "nosuch"})};
    } else if (random.one_in(4)) {
        change.uses_list = true;
        for (std::size_t i = 1 + random.below(8); i > 0; --i) {
            std::string name = random.one_in(4) ? random_name(random) : any_key(random, keys);
            // The list's keys are ended by NUL.
            if (can_be_argument(name)) {
                change.listed.push_back(std::move(name));
            }
        }
    } else {
        change.patterns = random_globs(random, keys, 3);
        if (random.one_in(3)) {
            const std::string name = any_key(random, keys);
            if (can_be_argument(name)) {
                change.patterns.push_back(escaped(name));
            }
        }
        if (change.patterns.empty()) {
            change.patterns.emplace_back("c*");
        }
    }
    change.excludes = random_globs(random, keys, 1);
    change.protects = random_globs(random, keys, 2);
    if (change.mode != Mode::flush) {
        if (random.one_in(5)) {
            change.type = random.any_of({"string", "list", "set", "zset", "hash", "stream"});
        }
        change.no_ttl = random.one_in(8);
        if (random.one_in(8)) {
            change.ttl_below_s = 5'000;
        }
        if (random.one_in(8)) {
            change.ttl_above_s = 500;
        }
        if (random.one_in(8)) {
            change.size_over = 100;
        }
        if (random.one_in(5)) {
            change.limit = 1 + random.below(5);
        }
    }
    if (random.one_in(5)) {
        change.max_keys = 1 + random.below(10);
    }
    if (random.one_in(8)) {
        change.expect = {random.below(4), 4 + random.below(10)};
    }
    if (change.expires()) {
        change.duration_s = random.one_in(2) ? 3'000 : 30'000;
    }
    change.fail_if_none = random.one_in(4);
    return change;
}

std::vector<std::string> ChangeCase::command_line(const std::string& list_path) const {
    std::vector<std::string> args = {expires()             ? "expire"
                                     : mode == Mode::flush ? "flush"
                                                           : "invalidate"};
    const auto option = [&](const std::string& name, const std::string& value) {
        args.push_back(name);
        args.push_back(value);
    };
    const std::string duration = std::to_string(duration_s) + "s";
    if (mode == Mode::set) {
        option("--set", duration);
    }
    if (mode == Mode::cap) {
        option("--cap", duration);
    }
    if (mode == Mode::add) {
        option("--add", duration);
    }
    if (mode == Mode::remove) {
        args.emplace_back("--remove");
    }
    for (const std::string& glob : excludes) {
        option("--exclude", glob);
    }
    for (const std::string& glob : protects) {
        option("--protect", glob);
    }
    if (!type.empty()) {
        option("--type", type);
    }
    if (no_ttl) {
        args.emplace_back("--no-ttl");
    }
    if (ttl_below_s) {
        option("--ttl-below", std::to_string(*ttl_below_s) + "s");
    }
    if (ttl_above_s) {
        option("--ttl-above", std::to_string(*ttl_above_s) + "s");
    }
    if (size_over) {
        option("--size-over", std::to_string(*size_over));
    }
    if (limit) {
        option("--limit", std::to_string(*limit));
    }
    if (max_keys) {
        option("--max-keys", std::to_string(*max_keys));
    }
    if (expect) {
        option("--expect", std::to_string(expect->first) + ".." + std::to_string(expect->second));
    }
    if (fail_if_none) {
        args.emplace_back("--fail-if-none");
    }
    if (uses_list) {
        option("--keys-from", list_path);
        args.emplace_back("--null");
    }
    if (mode != Mode::flush) {
        args.emplace_back("--all");
    }
    args.emplace_back("--");
    args.insert(args.end(), patterns.begin(), patterns.end());
    return args;
}

std::string ChangeCase::list_bytes() const {
    std::string bytes;
    for (const std::string& key : listed) {
        bytes.append(key).append(1, '\0');
    }
    return bytes;
}

Expected expected_of(const ChangeCase& change, const Keyspace& keys, RespClient& redis) {
    std::set<std::string> named;
    if (change.uses_list) {
        named = {change.listed.begin(), change.listed.end()};
    } else if (change.mode == Mode::flush) {
        named = matches_of({escaped(change.patterns[0]) + ":*"}, redis);
    } else {
        named = matches_of(change.patterns, redis);
    }
    const std::set<std::string> excluded = matches_of(change.excludes, redis);
    const std::set<std::string> protected_keys = matches_of(change.protects, redis);

    Expected expected;
    for (const auto& [name, key] : keys) {
        if (!named.contains(name) || excluded.contains(name) || !passes(change, key)) {
            continue;
        }
        expected.selected.insert(name);
        if (protected_keys.contains(name)) {
            expected.spared.insert(name);
        } else if (!needs_change(change, key)) {
            expected.unchanged.insert(name);
        } else {
            expected.planned.insert(name);
        }
    }
    const std::uint64_t planned = expected.planned.size();
    const bool within_limit = !change.limit || planned <= *change.limit;
    if (within_limit) {
        expected.refused =
            (change.max_keys && planned > *change.max_keys) ||
            (change.expect && (planned < change.expect->first || planned > change.expect->second));
    }
    return expected;
}

std::set<std::string> changed_between(const Keyspace& before, const Keyspace& after) {
    std::set<std::string> changed;
    for (const auto& [name, key] : before) {
        const auto now = after.find(name);
        if (now == after.end() || !is_about(now->second.ttl_ms, key.ttl_ms)) {
            changed.insert(name);
        }
    }
    return changed;
}

std::optional<std::string> difference(const ChangeCase& change, const Keyspace& before,
                                      const Keyspace& after, const std::set<std::string>& changed) {
    for (const auto& [name, key] : after) {
        if (!before.contains(name)) {
            return "a key has come: " + name;
        }
    }
    for (const auto& [name, key] : before) {
        const auto now = after.find(name);
        const bool is_changed = changed.contains(name);
        if (!change.expires()) {
            if (is_changed != (now == after.end())) {
                return (is_changed ? "still there: " : "gone: ") + name;
            }
            continue;
        }
        if (now == after.end()) {
            return "gone: " + name;
        }
        if (now->second.dump != key.dump) {
            return "another value: " + name;
        }
        if (!is_about(now->second.ttl_ms, is_changed ? ttl_after(change, key) : key.ttl_ms)) {
            return (is_changed ? "the wrong TTL: " : "its TTL was changed: ") + name;
        }
    }
    return std::nullopt;
}

}  // namespace cachectl::test
