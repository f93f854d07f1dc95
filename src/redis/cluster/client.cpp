#include "redis/cluster/client.hpp"

#include <algorithm>
#include <unordered_set>

#include "redis/cluster/routing.hpp"
#include "redis/error_reply.hpp"
#include "util/scoped_flag.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr unsigned k_max_redirections = 16;
// Beyond these, nodes that send us to each other get time to agree.
constexpr unsigned k_redirections_at_once = 3;
constexpr milliseconds k_step{100};
// A master is as far away as the one that was asked first, more or less; a login that took longer
// than so many of that one's is in trouble, unless all are quick.
constexpr int k_prompt_logins = 4;
constexpr milliseconds k_least_prompt{250};
// Between two maps nobody serves a slot for an instant only: this is a hole that stays.
constexpr milliseconds k_unserved_patience{1'000};

Reply unsent(std::string why) {
    Reply reply;
    reply.type = Reply::Type::unsent;
    reply.text = std::move(why);
    return reply;
}

milliseconds since(SteadyTime begin) {
    return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
}

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
        if (m_nodes.refresh()) return true;
        if (stop_signal() != 0 || since(begin) > failover_patience()) {
            throw Error(ExitCode::unreachable, "no node of the cluster answers");
        }
        sleep(k_step);
    }
}

std::vector<ServerNode> ClusterClient::nodes() {
    std::vector<ServerNode> nodes;
    for (ClusterNode* master : m_nodes.masters()) nodes.push_back({master->name(), master});
    return nodes;
}

void ClusterClient::connect_all(WaitFor wait) {
    // Shared, because the timer may outlive this frame.
    const auto over = std::make_shared<bool>(false);
    if (wait == WaitFor::prompt) after(m_prompt, [over] { *over = true; });
    const auto is_over = [&] { return *over || stop_signal() != 0; };
    if (m_nodes.are_old()) {
        m_nodes.begin_refresh();
        run_until([&] { return !m_nodes.refreshing() || is_over(); });
    }
    const std::vector<ClusterNode*> masters = m_nodes.masters();
    for (ClusterNode* master : masters) master->begin_connect();
    const auto is_connecting = [](const ClusterNode* master) { return master->connecting(); };
    run_until(
        [&] { return is_over() || std::none_of(masters.begin(), masters.end(), is_connecting); });
}

Client& ClusterClient::home_of(std::string_view key) {
    ClusterNode* owner = m_nodes.owner(slot_of(key));
    if (owner == nullptr) return *this;
    return *owner;
}

std::vector<SlotGap> ClusterClient::gaps() {
    connect_all();
    std::vector<SlotGap> gaps;
    for (const ClusterNode* master : m_nodes.masters()) {
        if (master->connected() || !master->failure()) continue;
        std::vector<SlotRange> slots = m_nodes.slots_of(*master);
        const Error& failure = *master->failure();
        const std::string what =
            "slots " + format_slots(slots) + " of the cluster are out of reach: " + failure.what();
        gaps.push_back({std::move(slots), Error(failure.code(), what, failure.hint())});
    }
    if (const auto& slots = m_nodes.unserved(); !slots.empty()) {
        gaps.push_back(
            {slots, Error(ExitCode::refused,
                          "no master serves slots " + format_slots(slots) + " of the cluster",
                          "redis-cli --cluster check tells what it lacks")});
    }
    return gaps;
}

// --- a unit's way to its node and back ----------------------------------------------------------

void ClusterClient::send(std::span<const std::string_view> args, Callback done) {
    ++m_undelivered;
    if (!m_open_transaction) {
        m_open_transaction = std::make_shared<ClusterUnit>();
        m_units.push_back(m_open_transaction);
    }
    m_open_transaction->add(args, std::move(done));
    if (m_open_transaction->is_open()) return;
    const Unit unit = std::move(m_open_transaction);
    m_open_transaction.reset();
    route(unit);
}

void ClusterClient::send(std::span<const std::string_view> args,
                         const std::shared_ptr<ReplySink>& sink) {
    send(args, [sink](Reply reply) { sink->take(std::move(reply)); });
}

void ClusterClient::when_answered(std::function<void()> action) {
    if (m_units.empty()) {
        action();
    } else {
        m_units.back()->when_delivered.push_back(std::move(action));
    }
}

ClusterNode* ClusterClient::node_for(const ClusterUnit& unit) {
    return unit.slot() ? m_nodes.owner(*unit.slot()) : m_nodes.any();
}

void ClusterClient::route(const Unit& unit) {
    ClusterNode* node = node_for(*unit);
    if (node != nullptr && node->connected() && !is_blocked(*unit)) {
        transmit(unit, *node, Asking::no);
    } else {
        put_aside(unit, Delay(0));
    }
}

void ClusterClient::transmit(const Unit& unit, ClusterNode& node, Asking asking) {
    // For the one command behind it.
    if (asking == Asking::yes) node.send({"ASKING"}, [](const Reply&) {});
    unit->transmit(node, [this, unit, &node] { judge(unit, node); });
}

void ClusterClient::judge(const Unit& unit, ClusterNode& node) {
    const Reply& reply = unit->verdict();
    const auto prefix = reply.error_prefix();
    if (reply.is_broken()) {
        m_nodes.mark_old();
        unit->lost_a_node = true;
        unit->was_lost_at(node.name());
        if (reply.type == Reply::Type::unsent || unit->only_reads()) {
            put_aside_within(unit, Delay(0), failover_patience());
        } else {
            finish(unit);
        }
    } else if (prefix == "MOVED" || prefix == "ASK") {
        follow(unit, node, Reply(reply));
    } else if (prefix == "CLUSTERDOWN" || prefix == "READONLY") {
        m_nodes.mark_old();
        put_aside_within(unit, k_step, m_session_options.reply_timeout);
    } else if (prefix == "TRYAGAIN" && unit->is_transaction()) {
        put_aside_within(unit, k_step, m_session_options.reply_timeout);
    } else {
        finish(unit);
    }
}

void ClusterClient::follow(const Unit& unit, ClusterNode& node, const Reply& reply) {
    const auto redirection = parse_redirection(reply);
    if (!redirection) {
        unit->finish(Reply::make_error(reply.text + " (which is no valid redirection)"));
        deliver();
        return;
    }
    if (++unit->redirections > k_max_redirections) {
        finish(unit);
        return;
    }
    ClusterNode* to = m_nodes.at(redirection->to, node);
    if (redirection->kind == Redirection::Kind::ask) {
        // ASKING holds for one command, so a transaction waits until the slot has moved.
        if (unit->is_transaction() || to == nullptr) {
            put_aside_within(unit, k_step, m_session_options.reply_timeout);
        } else if (to->connected()) {
            transmit(unit, *to, Asking::yes);
        } else {
            unit->asked_to = to;
            put_aside(unit, Delay(0));
        }
        return;
    }
    m_nodes.mark_old();
    schedule_recovery(k_step);
    if (to != nullptr) m_nodes.set_owner(redirection->slot, *to);
    if (to == nullptr || unit->redirections > k_redirections_at_once) {
        put_aside(unit, k_step);
    } else {
        route(unit);
    }
}

void ClusterClient::finish(const Unit& unit) {
    unit->finish();
    deliver();
}

void ClusterClient::deliver() {
    if (m_delivering) return;
    const ScopedFlag delivering(m_delivering);
    while (!m_units.empty() && m_units.front()->finished()) {
        const Unit unit = std::move(m_units.front());
        m_units.pop_front();
        m_undelivered -= unit->size();
        unit->deliver();
    }
}

// --- units that cannot go on at once ------------------------------------------------------------

void ClusterClient::put_aside(const Unit& unit, Delay delay) {
    if (!unit->troubled) unit->troubled = Clock::now();
    if (unit->slot()) ++m_blocked[*unit->slot()];
    m_waiting.push_back(unit);
    schedule_recovery(delay);
}

void ClusterClient::put_aside_within(const Unit& unit, Delay delay, Delay patience) {
    if (stop_signal() != 0 || (unit->troubled && since(*unit->troubled) > patience)) {
        finish(unit);
    } else {
        put_aside(unit, delay);
    }
}

// Commands on one key are executed in the order of sending, so none may overtake one that waits.
bool ClusterClient::is_blocked(const ClusterUnit& unit) const {
    return unit.slot() && m_blocked.contains(*unit.slot());
}

void ClusterClient::schedule_recovery(Delay delay) {
    if (m_recovery_due) return;
    m_recovery_due = true;
    m_loop.after(delay, m_lifetime.guard([this] { recover(); }));
}

void ClusterClient::recover() {
    m_recovery_due = false;
    if (m_nodes.are_old() && !m_nodes.refreshing()) {
        m_nodes.begin_refresh();
        // Its end comes back here by itself; one that takes long holds nobody up.
        if (m_nodes.refreshing()) {
            schedule_recovery(k_step);
            return;
        }
    }
    retry_waiting();
}

void ClusterClient::retry_waiting() {
    if (m_retrying) return;  // what comes meanwhile gets its own recovery
    const ScopedFlag retrying(m_retrying);
    std::unordered_set<std::uint16_t> stuck;
    const std::size_t count = m_waiting.size();
    for (std::size_t i = 0; i < count; ++i) {
        const Unit unit = m_waiting[i];
        const auto slot = unit->slot();
        if (slot && stuck.contains(*slot)) continue;
        if (!retry(unit)) {
            if (slot) stuck.insert(*slot);
            continue;
        }
        m_waiting[i].reset();
        if (slot && --m_blocked[*slot] == 0) m_blocked.erase(*slot);
    }
    const bool some_are_stuck =
        std::any_of(m_waiting.begin(), m_waiting.begin() + static_cast<std::ptrdiff_t>(count),
                    [](const Unit& unit) { return unit != nullptr; });
    std::erase(m_waiting, nullptr);
    if (some_are_stuck) m_nodes.mark_old();
    if (!m_waiting.empty()) schedule_recovery(some_are_stuck ? k_step : Delay(0));
}

/// False if it has to wait longer.
bool ClusterClient::retry(const Unit& unit) {
    ClusterNode* asked_to = std::exchange(unit->asked_to, nullptr);
    ClusterNode* node = asked_to != nullptr ? asked_to : node_for(*unit);
    if (node != nullptr && stop_signal() == 0) {
        node->begin_connect();
        if (node->connected()) {
            transmit(unit, *node, asked_to != nullptr ? Asking::yes : Asking::no);
            return true;
        }
        if (node->connecting()) {
            unit->asked_to = asked_to;
            return false;
        }
    }
    ++unit->waits;
    m_nodes.mark_old();
    if (!is_hopeless(*unit, node)) return false;
    if (node == nullptr) {
        const std::string slot = unit->slot() ? " " + std::to_string(*unit->slot()) : "s";
        unit->finish(Reply::make_error("CLUSTERDOWN no master serves slot" + slot));
    } else if (const auto& failure = node->failure()) {
        const std::string hint = failure->hint().empty() ? "" : "; " + failure->hint();
        unit->finish(unsent(failure->what() + hint));
    } else {
        unit->finish(unsent("interrupted"));
    }
    deliver();
    return true;
}

bool ClusterClient::is_hopeless(const ClusterUnit& unit, const ClusterNode* node) const {
    if (stop_signal() != 0) return true;
    const Delay waited = since(*unit.troubled);
    if (node == nullptr) return waited > k_unserved_patience;
    // One that has never answered is more likely the wrong address than about to be replaced.
    const bool was_there = node->was_connected() || unit.lost_a_node;
    if (was_there) return waited > std::max(failover_patience(), m_session_options.wait);
    return unit.waits >= 2 && waited > m_session_options.wait;
}

// --- cluster or not -----------------------------------------------------------------------------

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
    if (!is_node && options.use != UseCluster::on) return seed;
    if (address.read_from == ReadFrom::replica) {
        throw Error(ExitCode::usage,
                    "--read-from replica is for single servers, and " + address.name() +
                        " is a node of a cluster",
                    "its masters are read at a gentle pace with --pace gentle");
    }
    return std::make_unique<ClusterClient>(loop, address, std::move(seed), std::move(options));
}

}  // namespace cachectl
