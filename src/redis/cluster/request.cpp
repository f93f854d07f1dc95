#include "redis/cluster/request.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "redis/cluster/routing.hpp"
#include "redis/slot.hpp"

namespace cachectl {

ClusterRequest::Arguments::Arguments(std::span<const std::string_view> args) {
    std::size_t size = 0;
    for (const std::string_view arg : args) {
        size += sizeof(std::size_t) + arg.size();
    }
    m_bytes.reserve(size);
    for (const std::string_view arg : args) {
        const std::size_t length = arg.size();
        m_bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
        m_bytes.append(arg);
    }
}

void ClusterRequest::Arguments::get(std::vector<std::string_view>& args) const {
    args.clear();
    for (std::string_view left = m_bytes; !left.empty();) {
        std::size_t length = 0;
        std::memcpy(&length, left.data(), sizeof length);
        args.push_back(left.substr(sizeof length, length));
        left.remove_prefix(sizeof length + length);
    }
}

std::string_view ClusterRequest::Arguments::verb() const {
    std::size_t length = 0;
    std::memcpy(&length, m_bytes.data(), sizeof length);
    return std::string_view(m_bytes).substr(sizeof length, length);
}

void ClusterRequest::add(Command command, std::span<const std::string_view> args) {
    if (!m_slot) {
        if (const auto position = key_position(args)) {
            m_slot = slot_of(args[*position]);
        }
    }
    m_commands.push_back(std::move(command));
}

void ClusterRequest::add(std::span<const std::string_view> args, Client::Callback done) {
    add(Command{Arguments(args), std::move(done), {}}, args);
}

void ClusterRequest::add(std::span<const std::string_view> args, std::shared_ptr<ReplySink> sink) {
    m_sink = std::move(sink);
    add(Command{Arguments(args), {}, {}}, args);
}

bool ClusterRequest::is_transaction() const { return m_commands.front().args.verb() == "MULTI"; }

bool ClusterRequest::is_open() const {
    return is_transaction() && m_commands.back().args.verb() != "EXEC";
}

bool ClusterRequest::only_reads() const {
    return std::all_of(m_commands.begin(), m_commands.end(), [](const Command& command) {
        return cachectl::only_reads(command.args.verb());
    });
}

void ClusterRequest::transmit(Client& to, std::function<void()> answered) {
    m_replies = 0;
    m_answered = std::move(answered);
    std::vector<std::string_view> args;
    for (std::size_t i = 0; i < m_commands.size(); ++i) {
        m_commands[i].args.get(args);
        to.send(args, [this, i](Reply reply) {
            m_commands[i].reply = std::move(reply);
            if (++m_replies == m_commands.size()) {
                // It may be sent again from there, and hold another one then.
                std::exchange(m_answered, nullptr)();
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
    m_delivered = true;
    for (Command& command : m_commands) {
        m_sink ? m_sink->take(std::move(command.reply)) : command.done(std::move(command.reply));
    }
    for (const auto& action : when_delivered) {
        action();
    }
}

}  // namespace cachectl
