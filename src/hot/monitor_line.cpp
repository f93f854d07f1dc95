#include "hot/monitor_line.hpp"

#include <algorithm>
#include <charconv>

namespace cachectl {

namespace {

int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/// The text behind the opening quote, up to the closing one; `text` goes on behind that. As
/// sdscatrepr() of the server writes it. Nothing if it does not end.
std::optional<std::string> unquote(std::string_view& text) {
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return value;
        }
        if (text[i] != '\\' || i + 1 == text.size()) {
            value += text[i];
            continue;
        }
        const char c = text[++i];
        const bool is_hex = c == 'x' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                            hex_digit(text[i + 2]) >= 0;
        if (is_hex) {
            value += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            constexpr std::string_view k_names = "nrtab", k_bytes = "\n\r\t\a\b";
            const std::size_t known = k_names.find(c);
            value += known == std::string_view::npos ? c : k_bytes[known];
        }
    }
    return std::nullopt;
}

template <typename Number>
bool take_number(std::string_view& text, Number& number) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc()) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// Where a command's keys stand among its arguments.
struct Places {
    std::string_view name;
    enum class Kind {
        none,
        all,           // from `first` on
        all_but_last,  // the last one is a timeout
        pairs,         // every other one
        two,
        one,      // `first`
        counted,  // behind the number of them, which is at `first`
        streams,  // the first half of what is behind STREAMS
    } kind;
    std::size_t first = 1;
};

using enum Places::Kind;
constexpr Places k_places[] = {
    {"ping", none},
    {"info", none},
    {"auth", none},
    {"hello", none},
    {"select", none},
    {"client", none},
    {"config", none},
    {"scan", none},
    {"keys", none},
    {"dbsize", none},
    {"flushdb", none},
    {"flushall", none},
    {"multi", none},
    {"exec", none},
    {"discard", none},
    {"unwatch", none},
    {"subscribe", none},
    {"psubscribe", none},
    {"unsubscribe", none},
    {"punsubscribe", none},
    {"publish", none},
    {"pubsub", none},
    {"ssubscribe", none},
    {"sunsubscribe", none},
    {"spublish", none},
    {"command", none},
    {"monitor", none},
    {"script", none},
    {"function", none},
    {"cluster", none},
    {"time", none},
    {"role", none},
    {"wait", none},
    {"waitaof", none},
    {"slowlog", none},
    {"commandlog", none},
    {"latency", none},
    {"acl", none},
    {"replconf", none},
    {"psync", none},
    {"asking", none},
    {"readonly", none},
    {"readwrite", none},
    {"quit", none},
    {"reset", none},
    {"echo", none},
    {"swapdb", none},
    {"save", none},
    {"bgsave", none},
    {"bgrewriteaof", none},
    {"lastsave", none},
    {"shutdown", none},
    {"debug", none},
    {"lolwut", none},
    {"failover", none},
    {"replicaof", none},
    {"slaveof", none},
    {"module", none},
    {"randomkey", none},
    {"hotkeys", none},
    {"clusterscan", none},
    {"eval", none},
    {"evalsha", none},
    {"eval_ro", none},
    {"evalsha_ro", none},
    {"fcall", none},
    {"fcall_ro", none},
    {"del", all},
    {"unlink", all},
    {"exists", all},
    {"touch", all},
    {"mget", all},
    {"watch", all},
    {"sinter", all},
    {"sunion", all},
    {"sdiff", all},
    {"sinterstore", all},
    {"sunionstore", all},
    {"sdiffstore", all},
    {"pfcount", all},
    {"pfmerge", all},
    {"bitop", all, 2},
    {"blpop", all_but_last},
    {"brpop", all_but_last},
    {"bzpopmin", all_but_last},
    {"bzpopmax", all_but_last},
    {"mset", pairs},
    {"msetnx", pairs},
    {"rename", two},
    {"renamenx", two},
    {"copy", two},
    {"smove", two},
    {"lmove", two},
    {"blmove", two},
    {"rpoplpush", two},
    {"brpoplpush", two},
    {"zrangestore", two},
    {"geosearchstore", two},
    {"object", one, 2},
    {"memory", one, 2},
    {"xinfo", one, 2},
    {"xgroup", one, 2},
    {"zunion", counted},
    {"zinter", counted},
    {"zdiff", counted},
    {"zintercard", counted},
    {"sintercard", counted},
    {"lmpop", counted},
    {"zmpop", counted},
    {"blmpop", counted, 2},
    {"bzmpop", counted, 2},
    {"zunionstore", counted, 2},
    {"zinterstore", counted, 2},
    {"zdiffstore", counted, 2},
    {"msetex", counted},
    {"xread", streams},
    {"xreadgroup", streams},
};

Places places_of(std::string_view name) {
    for (const Places& known : k_places) {
        if (known.name == name) {
            return known;
        }
    }
    return {name, one};
}

std::vector<std::string_view> keys_behind_streams(const std::vector<std::string>& args) {
    for (std::size_t i = 1; i < args.size(); ++i) {
        if (lower(args[i]) == "streams") {
            const std::size_t streams = (args.size() - i - 1) / 2;
            return {args.begin() + static_cast<std::ptrdiff_t>(i + 1),
                    args.begin() + static_cast<std::ptrdiff_t>(i + 1 + streams)};
        }
    }
    return {};
}

}  // namespace

std::optional<MonitorLine> parse_monitor_line(std::string_view text) {
    MonitorLine line;
    if (!take_number(text, line.at) || !text.starts_with(" [")) {
        return std::nullopt;
    }
    text.remove_prefix(2);
    if (!take_number(text, line.database)) {
        return std::nullopt;
    }
    const std::size_t end = text.find("] \"");
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    text.remove_prefix(end + 2);
    while (text.starts_with("\"") && line.args.size() <= MonitorLine::k_most_args) {
        text.remove_prefix(1);
        auto arg = unquote(text);
        if (!arg) {  // a line that was too long ends somewhere
            break;
        }
        line.args.push_back(std::move(*arg));
        if (text.starts_with(' ')) {
            text.remove_prefix(1);
        }
    }
    return line.args.empty() ? std::nullopt : std::optional(std::move(line));
}

std::vector<std::string_view> keys_of_command(const std::vector<std::string>& args) {
    if (args.size() < 2) {
        return {};
    }
    const std::string name = lower(args[0]);
    const Places places = places_of(name);
    std::vector<std::string_view> keys;
    const auto take = [&](std::size_t first, std::size_t end, std::size_t step = 1) {
        for (std::size_t i = first; i < std::min(end, args.size()); i += step) {
            keys.emplace_back(args[i]);
        }
    };
    switch (places.kind) {
        case none:
            break;
        case all:
            take(places.first, args.size());
            break;
        case all_but_last:
            take(1, args.size() - 1);
            break;
        case pairs:
            take(1, args.size(), 2);
            break;
        case two:
            take(1, 3);
            break;
        case one:
            take(places.first, places.first + 1);
            break;
        case counted: {
            std::size_t count = 0;
            std::string_view text;
            if (places.first < args.size()) {
                text = args[places.first];
            }
            const bool steps = places.name == "msetex";
            if (take_number(text, count) && count <= args.size()) {
                take(places.first + 1, places.first + 1 + count * (steps ? 2 : 1), steps ? 2 : 1);
            }
            if (places.name.ends_with("store")) {
                take(1, 2);
            }
            break;
        }
        case streams:
            keys = keys_behind_streams(args);
            break;
    }
    return keys;
}

}  // namespace cachectl
