#include "keyspace/value.hpp"

#include <tuple>

#include "keyspace/collection_value.hpp"
#include "keyspace/hash_value.hpp"
#include "keyspace/string_value.hpp"
#include "keyspace/value_calls.hpp"
#include "redis/error_reply.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

void check_choice(const std::string& type, const ValueLimits& limits) {
    if (!limits.fields.empty() && type != "hash") {
        throw Error(ExitCode::usage, "--field is for hashes; this key holds a " + type);
    }
    if (limits.range && type != "list" && type != "zset") {
        throw Error(ExitCode::usage,
                    "--index is for lists and sorted sets; this key holds a " + type);
    }
}

/// Whether the key was deleted after its type was read. Asked where nothing was read of its value.
bool is_gone(ValueCalls& calls, const KeyRecord& record) {
    const Reply exists = calls.all({{"EXISTS", record.key}}).front();
    return exists.is_integer() && exists.integer == 0;
}

/// Of a fact that a server may refuse to report: refused is the same as unknown.
bool is_reported(const Reply& reply) {
    return reply.is_text() || (reply.is_integer() && reply.integer >= 0);
}

}  // namespace

std::string_view length_command(std::string_view type) {
    constexpr std::pair<std::string_view, std::string_view> k_commands[] = {
        {"string", "STRLEN"}, {"list", "LLEN"}, {"set", "SCARD"},
        {"zset", "ZCARD"},    {"hash", "HLEN"}, {"stream", "XLEN"}};
    for (const auto& [known, command] : k_commands) {
        if (known == type) {
            return command;
        }
    }
    return {};
}

void drop_cut_character(std::string& text) {
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80) {
            continue;  // not a first byte
        }
        const bool first = byte >= 0xC2 && byte <= 0xF4;
        const std::size_t whole = !first ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        const std::string_view before(text.data(), text.size() - back);
        if (whole > back && is_utf8(before)) {
            text.resize(before.size());
        }
        return;
    }
}

std::optional<KeyRecord> read_key(Client& client, const std::string& key, const ValueLimits& limits,
                                  const ValueEvents& events) {
    ValueCalls calls(client);
    std::vector<ValueCalls::Command> commands = {{"TYPE", key}, {"PTTL", key}};
    if (!client.server().hangs_up) {
        commands.push_back({"OBJECT", "ENCODING", key});
        commands.push_back({"MEMORY", "USAGE", key});
        commands.push_back({"OBJECT", "IDLETIME", key});
    }
    std::vector<Reply> facts = calls.all(commands);
    facts.resize(5);  // replies to what was not asked for are absent
    const Reply &type = facts[0], &ttl = facts[1], &encoding = facts[2], &size = facts[3],
                &idle = facts[4];
    if (!type.is_text()) {
        throw refusal(type, "look at the key", client.server());
    }
    if (!ttl.is_integer()) {
        throw refusal(ttl, "look at the key", client.server());
    }
    if (type.text == "none" || ttl.integer == -2) {
        return std::nullopt;
    }

    check_choice(type.text, limits);
    KeyRecord record;
    record.key = key;
    record.type = type.text;
    if (ttl.integer >= 0) {
        record.ttl = std::chrono::milliseconds(ttl.integer);
    }
    if (is_reported(encoding)) {
        record.encoding = encoding.text;
    }
    if (is_reported(size)) {
        record.size_bytes = static_cast<std::uint64_t>(size.integer);
    }
    if (is_reported(idle) && record.encoding != "int") {  // numbers may share theirs
        record.idle = std::chrono::seconds(idle.integer);
    }
    if (record.type == "string") {
        read_string(client, record, limits, events);
        if (*record.length == 0 && is_gone(calls, record)) {
            return std::nullopt;
        }
        return record;
    }
    const std::string_view command = length_command(record.type);
    if (command.empty()) {
        return record;
    }
    record.length = calls.number(calls.all({{std::string(command), key}}).front());
    record.asked_for = *record.length;
    if (limits.range) {
        std::tie(record.first_index, record.asked_for) = limits.range->of(*record.length);
    }
    if (record.type == "hash") {
        read_hash(client, record, limits, events);
    } else {
        read_collection(client, record, limits, events);
    }
    record.truncated = record.elements_cut || record.elements.size() < record.asked_for;
    if (record.elements.empty() && is_gone(calls, record)) {
        return std::nullopt;
    }
    return record;
}

}  // namespace cachectl
