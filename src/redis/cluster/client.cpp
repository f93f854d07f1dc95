#include "redis/cluster/client.hpp"

#include <algorithm>

#include "redis/cluster/routing.hpp"
#include "redis/error_reply.hpp"
#include "util/interruption.hpp"
#include "util/scoped_flag.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr unsigned k_max_redirections = 16;
// Beyond these, nodes that send us to each other get time to agree.
constexpr unsigned k_redirections_at_once = 3;
// A master is about as far away as the node that was asked first: a login that takes longer than
// this many times its login is not waited for, unless all are quick.
constexpr int k_prompt_logins = 4;
constexpr milliseconds k_least_prompt{250};

}  // namespace

ClusterClient::ClusterClient(Loop& loop, ServerAddress address, std::unique_ptr<Session> seed,
                             ClusterOptions options)
    : LoopClient(loop),
      m_loop(loop),
      m_session_options(options.session),
      m_server(seed->server()),
      m_prompt(std::max(k_least_prompt, k_prompt_logins * seed->login_time())),
      m_nodes(loop, std::move(address), std::move(seed), std::move(options)) {
    m_server.role = "master";  // whatever the seed is: changes go to masters
    m_nodes.on_change = [this] { retry_waiting(); };
}

bool ClusterClient::reconnect() {
    const auto begin = Clock::now();
    for (m_nodes.mark_old();;) {
        if (m_nodes.refresh()) {
            return true;
        }
        if (stop_signal() != 0) {
            throw interruption("interrupted while waiting for a node of the cluster");
        }
        if (since(begin) > failover_patience()) {
            throw Error(ExitCode::unreachable, "no node of the cluster answers");
        }
        sleep(k_step);
    }
}

std::vector<ServerNode> ClusterClient::nodes() {
    std::vector<ServerNode> nodes;
    for (ClusterNode* master : m_nodes.masters()) {
        nodes.push_back({master->name(), master});
    }
    return nodes;
}

void ClusterClient::connect_all(WaitFor wait) {
    // Shared, because the timer may outlive this frame.
    const auto over = std::make_shared<bool>(false);
    if (wait == WaitFor::prompt) {
        after(m_prompt, [over] { *over = true; });
    }
    const auto is_over = [&] { return *over || stop_signal() != 0; };
    if (m_nodes.are_old()) {
        m_nodes.begin_refresh();
        run_until([&] { return !m_nodes.refreshing() || is_over(); });
    }
    const std::vector<ClusterNode*> masters = m_nodes.masters();
    for (ClusterNode* master : masters) {
        master->begin_connect();
    }
    const auto is_connecting = [](const ClusterNode* master) { return master->connecting(); };
    run_until(
        [&] { return is_over() || std::none_of(masters.begin(), masters.end(), is_connecting); });
}

Client& ClusterClient::home_of(std::string_view key) {
    ClusterNode* owner = m_nodes.owner(slot_of(key));
    if (owner == nullptr) {
        return *this;
    }
    return *owner;
}

std::vector<SlotGap> ClusterClient::gaps() {
    connect_all();
    std::vector<SlotGap> gaps;
    for (const ClusterNode* master : m_nodes.masters()) {
        if (master->connected()) {
            continue;
        }
        if (stop_signal() != 0) {
            throw interruption("interrupted while connecting to the cluster");
        }
        if (!master->failure()) {
            continue;
        }
        std::vector<SlotRange> slots = m_nodes.slots_of(*master);
        const Error& failure = *master->failure();
        const std::string what =
            "slots " + format_slots(slots) + " of the cluster are out of reach: " + failure.what();
        gaps.push_back({std::move(slots), Error(failure.code(), what, failure.hint()), master});
    }
    if (const auto& slots = m_nodes.unserved(); !slots.empty()) {
        gaps.push_back(
            {slots, Error(ExitCode::refused,
                          "no master serves slots " + format_slots(slots) + " of the cluster",
                          "redis-cli --cluster check tells what it lacks")});
    }
    return gaps;
}

void ClusterClient::send(std::span<const std::string_view> args, Callback done) {
    ++m_undelivered;
    if (!m_open_transaction) {
        m_open_transaction = std::make_shared<ClusterRequest>(m_own);
        m_own.requests.push_back(m_open_transaction);
        m_latest = m_open_transaction;
    }
    m_open_transaction->add(args, std::move(done));
    if (m_open_transaction->is_open()) {
        return;
    }
    const Request request = std::move(m_open_transaction);
    m_open_transaction.reset();
    route(request);
}

void ClusterClient::send(std::span<const std::string_view> args,
                         const std::shared_ptr<ReplySink>& sink) {
    ++m_undelivered;
    ClusterStream& stream = m_of_sinks[sink.get()];
    const auto request = std::make_shared<ClusterRequest>(stream);
    request->add(args, sink);
    stream.requests.push_back(request);
    m_latest = request;
    route(request);
}

void ClusterClient::when_answered(std::function<void()> action) {
    if (!m_latest || m_latest->delivered()) {
        action();
    } else {
        m_latest->when_delivered.push_back(std::move(action));
    }
}

ClusterNode* ClusterClient::node_for(const ClusterRequest& request) {
    return request.slot() ? m_nodes.owner(*request.slot()) : m_nodes.any();
}

void ClusterClient::route(const Request& request) {
    ClusterNode* node = node_for(*request);
    if (node != nullptr && node->connected() && !is_blocked(*request)) {
        transmit(request, *node, Asking::no);
    } else {
        put_aside(request, Delay(0));
    }
}

void ClusterClient::transmit(const Request& request, ClusterNode& node, Asking asking) {
    // For the one command behind it.
    if (asking == Asking::yes) {
        node.send({"ASKING"}, [](const Reply&) {});
    }
    request->transmit(node, [this, request, &node] { judge(request, node); });
}

void ClusterClient::judge(const Request& request, ClusterNode& node) {
    request->origin = node.shared_origin();
    const Reply& reply = request->verdict();
    const auto prefix = reply.error_prefix();
    if (reply.is_broken()) {
        m_nodes.mark_old();
        request->lost_a_node = true;
        request->was_lost_at(node.name());
        if (reply.type == Reply::Type::unsent || request->only_reads()) {
            put_aside_within(request, Delay(0), failover_patience());
        } else {
            finish(request);
        }
    } else if (prefix == "MOVED" || prefix == "ASK") {
        follow(request, node, Reply(reply));
    } else if (prefix == "CLUSTERDOWN" || prefix == "READONLY") {
        m_nodes.mark_old();
        put_aside_within(request, k_step, m_session_options.reply_timeout);
    } else if (prefix == "TRYAGAIN" && request->is_transaction()) {
        put_aside_within(request, k_step, m_session_options.reply_timeout);
    } else {
        finish(request);
    }
}

void ClusterClient::follow(const Request& request, ClusterNode& node, const Reply& reply) {
    const auto redirection = parse_redirection(reply);
    if (!redirection) {
        request->finish(Reply::make_error(reply.text + " (which is no valid redirection)"));
        deliver(request->stream);
        return;
    }
    // ASKING holds for one command, so a transaction waits until the slot has moved.
    if (redirection->kind == Redirection::Kind::ask && request->is_transaction()) {
        put_aside_within(request, k_step, m_session_options.reply_timeout);
        return;
    }
    if (++request->redirections > k_max_redirections) {
        finish(request);
        return;
    }
    ClusterNode* to = m_nodes.at(redirection->to, node);
    if (redirection->kind == Redirection::Kind::ask) {
        if (to == nullptr) {
            put_aside_within(request, k_step, m_session_options.reply_timeout);
        } else if (to->connected()) {
            transmit(request, *to, Asking::yes);
        } else {
            request->asked_to = to;
            put_aside(request, Delay(0));
        }
        return;
    }
    m_nodes.mark_old();
    schedule_recovery(k_step);
    if (to != nullptr) {
        m_nodes.set_owner(redirection->slot, *to);
    }
    if (to == nullptr || request->redirections > k_redirections_at_once) {
        put_aside(request, k_step);
    } else {
        route(request);
    }
}

void ClusterClient::finish(const Request& request) {
    request->finish();
    deliver(request->stream);
}

void ClusterClient::deliver(ClusterStream& stream) {
    if (!stream.is_due && !stream.requests.empty() && stream.requests.front()->finished()) {
        stream.is_due = true;
        m_due.push_back(&stream);
    }
    if (m_delivering) {
        return;
    }
    const ScopedFlag delivering(m_delivering);
    for (; !m_due.empty(); m_due.pop_front()) {
        ClusterStream& due = *m_due.front();
        ReplySink* sink = nullptr;
        while (!due.requests.empty() && due.requests.front()->finished()) {
            const Request request = std::move(due.requests.front());
            due.requests.pop_front();
            m_undelivered -= request->size();
            sink = request->sink();
            m_origin = request->origin;
            request->deliver();
        }
        due.is_due = false;
        if (sink != nullptr && due.requests.empty()) {
            m_of_sinks.erase(sink);
        }
    }
}

std::unique_ptr<Client> client_of(Loop& loop, const ServerAddress& address,
                                  std::unique_ptr<Session> seed, ClusterOptions options) {
    const std::string& mode = seed->server().mode;
    const bool is_node = mode == "cluster";
    if (options.use == UseCluster::on && !is_node && !mode.empty()) {
        throw Error(ExitCode::usage,
                    address.name() + " is no node of a cluster: its mode is " + mode,
                    "leave --cluster out, or give a node's address");
    }
    if (options.use == UseCluster::off && is_node) {
        throw Error(ExitCode::usage, address.name() + " is a node of a cluster",
                    "without --cluster off, the whole cluster is worked on");
    }
    if (!is_node && options.use != UseCluster::on) {
        return seed;
    }
    if (address.read_from == ReadFrom::replica) {
        throw Error(ExitCode::usage,
                    "--read-from replica is for single servers, and " + address.name() +
                        " is a node of a cluster",
                    "its masters are read at a gentle pace with --pace gentle");
    }
    return std::make_unique<ClusterClient>(loop, address, std::move(seed), std::move(options));
}

}  // namespace cachectl
