// HOTKEYS: the server itself adds up its time by key while a session lasts. There is one session a
// node: one that is somebody else's is neither ended nor read away.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "hot/hot_keys.hpp"
#include "redis/error_reply.hpp"
#include "redis/version.hpp"
#include "redis/wake.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;

constexpr int k_most_keys = 64;             // what a session may be asked for
constexpr std::chrono::seconds k_grace{5};  // after which it ends by itself if we cannot end it

/// The fields of HOTKEYS GET; none where there is no session.
std::map<std::string_view, const Reply*> fields_of(const Reply& reply) {
    const Reply* fields = &reply;
    if (fields->is_array() && fields->elements.size() == 1 && fields->elements[0].is_array()) {
        fields = &fields->elements[0];
    }
    std::map<std::string_view, const Reply*> found;
    for (std::size_t i = 0; fields->is_array() && i + 1 < fields->elements.size(); i += 2) {
        if (fields->elements[i].is_text()) {
            found.emplace(fields->elements[i].text, &fields->elements[i + 1]);
        }
    }
    return found;
}

std::optional<std::int64_t> number_of(const Reply& session, std::string_view name) {
    const auto fields = fields_of(session);
    const auto field = fields.find(name);
    if (field == fields.end() || !field->second->is_integer()) {
        return std::nullopt;
    }
    return field->second->integer;
}

/// Which session it is: when it began.
std::optional<std::int64_t> start_of(const Reply& session) {
    return number_of(session, "collection-start-time-unix-ms");
}

void read_times(const Reply& session, const std::string& node, double per_second,
                std::vector<HotKey>& keys) {
    const auto fields = fields_of(session);
    const auto times = fields.find("by-cpu-time-us");
    if (times == fields.end() || !times->second->is_array()) {
        return;
    }
    const std::vector<Reply>& pairs = times->second->elements;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (pairs[i].is_text() && pairs[i + 1].is_integer()) {
            keys.push_back(
                {pairs[i].text, static_cast<double>(pairs[i + 1].integer) * per_second, {}, node});
        }
    }
}

/// Our session on one node.
struct NodeSession {
    ServerNode node;
    std::optional<std::int64_t> start;
};

void end(const NodeSession& session) {
    session.node.client->call({"HOTKEYS", "STOP"});
    session.node.client->call({"HOTKEYS", "RESET"});
}

/// Why none could be begun; empty: one has been.
std::string begin(NodeSession& session, const HotQuestion& question) {
    Client& node = *session.node.client;
    const Reply there = node.call({"HOTKEYS", "GET"});
    if (there.is_error() || there.is_broken()) {
        return refusal(there, "look for hot keys with HOTKEYS", node.server()).what();
    }
    if (!fields_of(there).empty()) {
        return "somebody else's HOTKEYS session is there, which is left as it is";
    }
    const auto count = std::clamp(static_cast<int>(question.count), 1, k_most_keys);
    const auto duration = std::chrono::ceil<std::chrono::seconds>(question.interval) + k_grace;
    const Reply begun =
        node.call({"HOTKEYS", "START", "METRICS", "2", "CPU", "NET", "COUNT", std::to_string(count),
                   "DURATION", std::to_string(duration.count())});
    if (!begun.is_text()) {
        return refusal(begun, "look for hot keys with HOTKEYS", node.server()).what();
    }
    session.start = start_of(node.call({"HOTKEYS", "GET"}));
    return {};
}

}  // namespace

std::optional<HotKeys> hot_by_hotkeys(Client& client, const HotQuestion& question,
                                      std::string& why_not) {
    const ServerInfo& server = client.server();
    if (server.name == "redis" && Version::parse(server.version) < Version{8, 6}) {
        why_not = "HOTKEYS is there from Redis 8.6 on";
        return std::nullopt;
    }
    if (server.name != "redis") {
        why_not = "HOTKEYS is Redis' own";
        return std::nullopt;
    }
    std::vector<NodeSession> sessions;
    for (const ServerNode& node : client.nodes()) {
        NodeSession session{node, {}};
        why_not = begin(session, question);
        if (!why_not.empty()) {
            std::for_each(sessions.begin(), sessions.end(), end);
            return std::nullopt;
        }
        sessions.push_back(session);
    }
    const auto began = client.now();
    client.sleep(question.interval);  // a signal ends it; what was begun is ended all the same
    HotKeys found{.method = HotMethod::hotkeys, .unit = "cpu_us_per_s"};
    found.interval = std::chrono::duration_cast<milliseconds>(client.now() - began);
    wake(client);
    for (const NodeSession& session : sessions) {
        const Reply report = session.node.client->call({"HOTKEYS", "GET"});
        if (report.is_broken()) {
            found.failure = refusal(report, "read the HOTKEYS session", client.server());
            continue;
        }
        if (start_of(report) != session.start) {
            found.notes.emplace_back("another HOTKEYS session has taken the place of ours" +
                                     (session.node.name.empty() ? "" : " on " + session.node.name));
            continue;
        }
        const auto lasted = number_of(report, "collection-duration-ms");
        const double ms = static_cast<double>(
            std::max<std::int64_t>(1, lasted && *lasted > 0 ? *lasted : found.interval.count()));
        read_times(report, session.node.name, 1'000 / ms, found.keys);
        end(session);
    }
    keep_hottest(found.keys, question);
    return found;
}

}  // namespace cachectl
