#include "keyspace/policy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "keyspace/glob.hpp"
#include "keyspace/key_type.hpp"
#include "keyspace/sparing_glob.hpp"
#include "util/error.hpp"
#include "util/json_file.hpp"
#include "util/parse.hpp"

namespace cachectl {

namespace {

/// The value of `parse`; its error names file, line and member.
template <typename Parse>
auto parse_text(const JsonValue& value, Parse parse) {
    const std::string& text = value.as_text();
    try {
        return parse(text);
    } catch (const Error& error) {
        value.fail(fmt::format("is wrong: {}", error.what()), error.hint());
    }
}

std::optional<std::chrono::milliseconds> parse_lifetime(const JsonValue* value) {
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto lifetime = parse_text(*value, parse_duration);
    if (lifetime.count() == 0) {
        value->fail("must be more than 0");
    }
    return lifetime;
}

KeyRule parse_rule(const JsonValue& value) {
    value.allow_only({"pattern", "ttl", "max_ttl", "max_size", "type", "protected"});
    KeyRule rule;
    rule.line = value.line();
    const JsonValue& pattern = value.at("pattern");
    rule.pattern = pattern.as_text();
    parse_text(pattern, [](const std::string& glob) { check_sparing_glob(glob); });
    rule.ttl = parse_lifetime(value.find("ttl"));
    rule.max_ttl = parse_lifetime(value.find("max_ttl"));
    if (rule.ttl && rule.max_ttl && *rule.ttl > *rule.max_ttl) {
        value.at("ttl").fail("is longer than its max_ttl");
    }
    if (const JsonValue* size = value.find("max_size")) {
        rule.max_size = parse_text(*size, parse_size);
        if (*rule.max_size == 0) {
            size->fail("must be more than 0");
        }
    }
    if (const JsonValue* type = value.find("type")) {
        parse_text(*type, [](const std::string& name) { check_key_type(name); });
        rule.type = type->as_text();
    }
    if (const JsonValue* is_protected = value.find("protected")) {
        rule.is_protected = is_protected->as_bool();
    }
    return rule;
}

UnknownKeys parse_unknown(const JsonValue& value) {
    const std::string& text = value.as_string();
    if (text == "warn") {
        return UnknownKeys::warn;
    }
    if (text == "ignore") {
        return UnknownKeys::ignore;
    }
    if (text != "fail") {
        value.fail(fmt::format(R"(must be "fail", "warn" or "ignore", not "{}")", text));
    }
    return UnknownKeys::fail;
}

KeyPolicy build_policy(const JsonValue& root, const std::string& file) {
    root.allow_only({"delimiter", "keys", "unknown", "health", "mute"});
    KeyPolicy policy;
    policy.file = file;
    if (const JsonValue* delimiter = root.find("delimiter")) {
        policy.delimiter = delimiter->as_text();
    }
    if (const JsonValue* unknown = root.find("unknown")) {
        policy.unknown = parse_unknown(*unknown);
        policy.unknown_line = unknown->line();
    }
    for (const JsonValue& value : root.at("keys").as_array()) {
        KeyRule rule = parse_rule(value);
        const auto earlier =
            std::find_if(policy.rules.begin(), policy.rules.end(),
                         [&](const KeyRule& other) { return other.pattern == rule.pattern; });
        if (earlier != policy.rules.end()) {
            value.at("pattern").fail(
                fmt::format("'{}' is the pattern of line {} already: this rule would never apply",
                            rule.pattern, earlier->line));
        }
        policy.rules.push_back(std::move(rule));
    }
    return policy;
}

}  // namespace

const KeyRule* KeyPolicy::find(std::string_view key) const {
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const KeyRule& rule) {
        return glob_match(rule.pattern, key);
    });
    return found == rules.end() ? nullptr : &*found;
}

const KeyRule* KeyPolicy::find_protected(std::string_view key) const {
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const KeyRule& rule) {
        return rule.is_protected && glob_match(rule.pattern, key);
    });
    return found == rules.end() ? nullptr : &*found;
}

std::vector<std::string> KeyPolicy::protected_patterns() const {
    std::vector<std::string> patterns;
    for (const KeyRule& rule : rules) {
        if (rule.is_protected) {
            patterns.push_back(rule.pattern);
        }
    }
    return patterns;
}

KeyPolicy read_key_policy(const std::string& path) {
    // Who can write to it decides what is protected.
    return build_policy(read_json_file(path, Writers::owner_only), path);
}

KeyPolicy parse_key_policy(std::string_view text, const std::string& file) {
    return build_policy(parse_json(text, file), file);
}

}  // namespace cachectl
