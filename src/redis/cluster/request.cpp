#include "redis/cluster/request.hpp"

#include <algorithm>

#include "redis/cluster/routing.hpp"
#include "redis/slot.hpp"

namespace cachectl {

void ClusterRequest::add(std::span<const std::string_view> args, Client::Callback done) {
    if (!m_slot) {
        if (const auto position = key_position(args)) {
            m_slot = slot_of(args[*position]);
        }
    }
    m_commands.push_back({{args.begin(), args.end()}, std::move(done), {}});
}

bool ClusterRequest::is_transaction() const {
    return !m_commands.empty() && m_commands.front().args.front() == "MULTI";
}

bool ClusterRequest::is_open() const {
    return is_transaction() && m_commands.back().args.front() != "EXEC";
}

bool ClusterRequest::only_reads() const {
    return std::all_of(m_commands.begin(), m_commands.end(), [](const Command& command) {
        return cachectl::only_reads(command.args.front());
    });
}

void ClusterRequest::transmit(Client& to, const std::function<void()>& answered) {
    m_replies = 0;
    std::vector<std::string_view> args;
    for (std::size_t i = 0; i < m_commands.size(); ++i) {
        args.assign(m_commands[i].args.begin(), m_commands[i].args.end());
        to.send(args, [this, i, answered](Reply reply) {
            m_commands[i].reply = std::move(reply);
            if (++m_replies == m_commands.size()) {
                answered();
            }
        });
    }
}

const Reply& ClusterRequest::verdict() const {
    const Reply& last = m_commands.back().reply;
    if (!last.is_error()) {
        return last;
    }
    return std::find_if(m_commands.begin(), m_commands.end(),
                        [](const Command& command) { return command.reply.is_error(); })
        ->reply;
}

void ClusterRequest::was_lost_at(const std::string& node) {
    for (Command& command : m_commands) {
        Reply& reply = command.reply;
        if (!reply.is_broken() || reply.lost_at() == node) {
            continue;
        }
        reply.text.insert(0, node + ": ");
        reply.loss = std::make_shared<const Loss>(
            Loss{reply.loss ? reply.loss->cause : Loss::Cause::other, node});
    }
}

void ClusterRequest::finish(const Reply& reply) {
    for (Command& command : m_commands) {
        command.reply = reply;
    }
    m_finished = true;
}

void ClusterRequest::deliver() {
    for (Command& command : m_commands) {
        command.done(std::move(command.reply));
    }
    for (const auto& action : when_delivered) {
        action();
    }
}

}  // namespace cachectl
