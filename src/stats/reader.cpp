#include "stats/reader.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <utility>

#include "redis/error_reply.hpp"
#include "util/signals.hpp"

namespace cachectl {

void Lacking::note(const Reply& reply, std::string_view attempted, const ServerInfo& server) {
    if (!m_noted.emplace(attempted).second) {
        return;
    }
    const Error why = refusal(reply, attempted, server);
    m_new.push_back(std::string(why.what()) +
                    (why.hint().empty() ? std::string() : "; " + why.hint()));
}

std::vector<std::string> Lacking::take() { return std::exchange(m_new, {}); }

std::size_t reply_bytes(const Reply& reply) {
    std::size_t bytes = reply.text.size() + 8;
    for (const Reply& element : reply.elements) {
        bytes += reply_bytes(element);
    }
    return bytes;
}

std::shared_ptr<Reader::Own> Reader::own_of(const std::string& node) {
    std::shared_ptr<Own>& own = m_own[node];
    if (!own) {
        own = std::make_shared<Own>();
    }
    return own;
}

void Reader::send(const ServerNode& node, std::vector<std::string> args, Server::Callback done) {
    const std::shared_ptr<Own> own = own_of(node.name);
    ++own->commands;
    const std::vector<std::string_view> views(args.begin(), args.end());
    node.client->send(views, [own, done = std::move(done)](Reply reply) {
        own->reply_bytes += reply_bytes(reply);
        own->broken = reply.is_broken() ? std::optional(reply) : std::nullopt;
        done(std::move(reply));
    });
}

bool Reader::wait_for(const std::shared_ptr<std::size_t>& left) {
    m_client.run_until(
        [&] { return *left == 0 || stop_signal() != 0 || (m_give_up && m_give_up()); });
    return *left == 0;
}

namespace {

Reply not_waited_for() { return Reply::make_unsent("it was not waited for"); }

void begin_reading(Reading& reading, const ServerNode& node) {
    reading = Reading();
    reading.node = node.name;
    reading.server = node.client->server();
}

/// Takes over what the server says of itself by now; its name and version are those of the login.
void take_info(Reading& reading, const Reply& reply) {
    if (!reply.is_text()) {
        const std::string attempted = reading.node.empty() ? "read the server's figures"
                                                           : "read the figures of " + reading.node;
        reading.failure = refusal(reply, attempted, reading.server);
        return;
    }
    const ServerInfo now = server_info_from(Reply(), reply);
    reading.server.info = now.info;
    reading.server.run_id = now.run_id.empty() ? reading.server.run_id : now.run_id;
    reading.server.role = now.role.empty() ? reading.server.role : now.role;
}

}  // namespace

std::optional<std::vector<Reading>> Reader::read(ReadingWanted wanted) {
    const std::vector<ServerNode> nodes = m_client.nodes();
    // The callbacks may outlive this call, if it is given up.
    const auto readings = std::make_shared<std::vector<Reading>>(nodes.size());
    const auto read_each = [&](std::span<const std::size_t> which) {
        const auto left = std::make_shared<std::size_t>(0);
        for (const std::size_t i : which) {
            read_one(nodes[i], wanted, std::shared_ptr<Reading>(readings, &(*readings)[i]), left);
        }
        return wait_for(left);
    };
    std::vector<std::size_t> open, ended, closed;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        (own_of(nodes[i].name)->broken ? ended : open).push_back(i);
    }
    if (!read_each(open) || !read_each(renew(nodes, ended, *readings))) {
        return std::nullopt;
    }
    std::copy_if(open.begin(), open.end(), std::back_inserter(closed),
                 [&](std::size_t i) { return is_closed(nodes[i]); });
    if (!read_each(renew(nodes, closed, *readings)) || stop_signal() != 0) {
        return std::nullopt;
    }
    return std::move(*readings);
}

/// Those of `which` that are connected again; the others have the reason as their reading.
std::vector<std::size_t> Reader::renew(std::span<const ServerNode> nodes,
                                       std::span<const std::size_t> which,
                                       std::vector<Reading>& readings) {
    for (const std::size_t i : which) {
        nodes[i].client->begin_reconnect();
    }
    std::vector<std::size_t> renewed;
    for (const std::size_t i : which) {
        if (reconnect(nodes[i])) {
            renewed.push_back(i);
        } else {
            begin_reading(readings[i], nodes[i]);
            take_info(readings[i], *own_of(nodes[i].name)->broken);
        }
    }
    return renewed;
}

void Reader::ping(const ServerNode& node, std::function<void(std::chrono::microseconds)> done) {
    const EventLoop* const clock = &m_client;
    send(node, {"PING"}, [clock, done = std::move(done), sent = clock->now()](const Reply& reply) {
        if (!reply.is_broken()) {
            done(std::chrono::duration_cast<std::chrono::microseconds>(clock->now() - sent));
        }
    });
}

bool Reader::is_closed(const ServerNode& node) {
    const std::optional<Reply>& broken = own_of(node.name)->broken;
    return broken &&
           (broken->is_lost_by(Loss::Cause::closed) || broken->is_lost_by(Loss::Cause::io_failed));
}

bool Reader::reconnect(const ServerNode& node) {
    const std::shared_ptr<Own> own = own_of(node.name);
    try {
        node.client->reconnect();
        own->broken.reset();
    } catch (const LoginRefused&) {
        throw;
    } catch (const Error& error) {
        const bool is_away =
            error.code() == ExitCode::unreachable || error.code() == ExitCode::refused;
        if (!is_away && stop_signal() == 0) {
            throw;
        }
        own->broken = unsent_for(error);
    }
    return !own->broken;
}

void Reader::read_one(const ServerNode& node, ReadingWanted wanted,
                      const std::shared_ptr<Reading>& reading,
                      const std::shared_ptr<std::size_t>& left) {
    begin_reading(*reading, node);
    const auto ask = [&](std::vector<std::string> args, std::function<void(const Reply&)> take) {
        ++*left;
        send(node, std::move(args), [left, take = std::move(take)](const Reply& reply) {
            --*left;
            take(reply);
        });
    };
    const EventLoop* const clock = &m_client;
    if (wanted.round_trip) {
        ask({"PING"}, [reading, clock, sent = clock->now()](const Reply& reply) {
            if (!reply.is_broken()) {
                reading->round_trip =
                    std::chrono::duration_cast<std::chrono::microseconds>(clock->now() - sent);
            }
        });
    }
    if (wanted.commands) {
        ask({"INFO", "commandstats"}, [reading](const Reply& reply) {
            reading->commands = InfoFields(reply.is_text() ? reply.text : "");
        });
    }
    const std::shared_ptr<Own> own = own_of(node.name);
    reading->own_commands = own->commands;
    ask({"INFO"}, [reading, clock, own](const Reply& reply) {
        reading->at = clock->now();
        // Its own reply is counted by now, on our side alone.
        reading->own_reply_bytes = own->reply_bytes - reply_bytes(reply);
        take_info(*reading, reply);
    });
}

std::vector<Reply> Reader::ask(std::span<const ServerNode> nodes,
                               const std::function<Command(std::size_t)>& command) {
    const auto replies = std::make_shared<std::vector<Reply>>(nodes.size(), not_waited_for());
    const auto left = std::make_shared<std::size_t>(0);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        Command args = command(i);
        if (args.empty()) {
            continue;
        }
        ++*left;
        send(nodes[i], std::move(args), [replies, left, i](Reply reply) {
            (*replies)[i] = std::move(reply);
            --*left;
        });
    }
    if (!wait_for(left)) {
        return std::vector<Reply>(nodes.size(), not_waited_for());
    }
    return std::move(*replies);
}

std::vector<std::vector<Reply>> Reader::ask(std::span<const ServerNode> nodes,
                                            std::span<const Command> commands) {
    // As if each node were there once for each command.
    std::vector<ServerNode> repeated;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        repeated.insert(repeated.end(), nodes.begin(), nodes.end());
    }
    std::vector<Reply> replies =
        ask(repeated, [&](std::size_t i) { return commands[i / nodes.size()]; });
    std::vector<std::vector<Reply>> by_command;
    for (auto at = replies.begin(); at != replies.end();) {
        const auto end = at + static_cast<std::ptrdiff_t>(nodes.size());
        by_command.emplace_back(std::make_move_iterator(at), std::make_move_iterator(end));
        at = end;
    }
    return by_command;
}

}  // namespace cachectl
