// The ready-made scripts of fake_server.hpp, and replies on the wire.
#include <algorithm>
#include <cctype>

#include "support/fake_server.hpp"

namespace cachectl::test {

namespace resp {

std::string status(std::string_view text) { return '+' + std::string(text) + "\r\n"; }

std::string error(std::string_view text) { return '-' + std::string(text) + "\r\n"; }

std::string integer(std::int64_t value) { return ':' + std::to_string(value) + "\r\n"; }

std::string bulk(std::string_view bytes) {
    return '$' + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n";
}

std::string nil() { return "$-1\r\n"; }

std::string array(const std::vector<std::string>& elements) {
    std::string reply = '*' + std::to_string(elements.size()) + "\r\n";
    for (const std::string& element : elements) {
        reply += element;
    }
    return reply;
}

std::string scan_page(std::string_view cursor, const std::vector<std::string>& keys) {
    std::vector<std::string> page;
    for (const std::string& key : keys) {
        page.push_back(bulk(key));
    }
    return array({bulk(cursor), array(page)});
}

}  // namespace resp

namespace {

constexpr std::string_view k_info =
    "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux\r\n"
    "process_id:4711\r\nrun_id:f00dfeedf00dfeedf00dfeedf00dfeedf00dfeed\r\n"
    "uptime_in_seconds:86400\r\n\r\n"
    "# Memory\r\nused_memory:1048576\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n\r\n"
    "# Persistence\r\nloading:0\r\n\r\n"
    "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n"
    "# Keyspace\r\n";

std::string hello() {
    using namespace resp;
    return array({bulk("server"), bulk("redis"), bulk("version"), bulk("7.0.15"), bulk("proto"),
                  integer(2), bulk("id"), integer(7), bulk("mode"), bulk("standalone"),
                  bulk("role"), bulk("master"), bulk("modules"), array({})});
}

/// Answers the first `commands`, then hands the reply to the next one to `then`; ends when `then`
/// says so.
FakeServer::Script after(
    std::size_t commands, const Handler& handler,
    const std::function<bool(FakeServer::Connection&, const std::string&)>& then) {
    return [=](FakeServer::Connection& connection) {
        for (std::size_t n = 0; auto command = connection.read_command(); ++n) {
            const std::string reply = handler(*command);
            if (n < commands) {
                connection.send(reply);
            } else if (!then(connection, reply)) {
                return;
            }
        }
    };
}

}  // namespace

Handler polite_redis(const std::map<std::string, std::string>& others) {
    std::map<std::string, std::string> replies{
        {"HELLO", hello()},
        {"AUTH", resp::status("OK")},
        {"CLIENT", resp::status("OK")},
        {"SELECT", resp::status("OK")},
        {"PING", resp::status("PONG")},
        {"INFO", resp::bulk(k_info)},
        {"ROLE", resp::array({resp::bulk("master"), resp::integer(0), resp::array({})})},
        {"COMMAND", resp::array({})},
    };
    for (const auto& [name, reply] : others) {
        replies[name] = reply;
    }
    return [replies](const FakeServer::Command& command) {
        std::string name = command.empty() ? "" : command[0];
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        const auto found = replies.find(name);
        return found != replies.end() ? found->second
                                      : resp::error("ERR unknown command '" + name + "'");
    };
}

FakeServer::Script silent() {
    return [](FakeServer::Connection& connection) { connection.ignore(); };
}

FakeServer::Script say_and_close(std::string bytes) {
    return
        [bytes = std::move(bytes)](FakeServer::Connection& connection) { connection.send(bytes); };
}

FakeServer::Script answer(Handler handler) {
    return [handler = std::move(handler)](FakeServer::Connection& connection) {
        while (auto command = connection.read_command()) {
            connection.send(handler(*command));
        }
    };
}

FakeServer::Script reset_after(std::size_t commands, const Handler& handler) {
    return after(commands, handler, [](auto& connection, const std::string&) {
        connection.reset();
        return false;
    });
}

FakeServer::Script close_after(std::size_t commands, const Handler& handler) {
    return after(commands, handler, [](auto&, const std::string&) { return false; });
}

FakeServer::Script reset_at(std::string name, std::size_t times, const Handler& handler) {
    return [=](FakeServer::Connection& connection) {
        for (std::size_t seen = 0; auto command = connection.read_command();) {
            if (command->at(0) == name && seen++ == times) {
                connection.reset();
                return;
            }
            connection.send(handler(*command));
        }
    };
}

FakeServer::Script slow_after(std::size_t commands, const Handler& handler,
                              std::chrono::milliseconds between_bytes) {
    return after(commands, handler, [between_bytes](auto& connection, const std::string& reply) {
        connection.send_slowly(reply, between_bytes);
        return true;
    });
}

}  // namespace cachectl::test
