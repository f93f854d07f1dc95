#include "support/personas_server.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace cachectl::test {

namespace {

using Command = FakeServer::Command;

std::string in_capitals(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string on_the_wire(const Command& command) {
    std::vector<std::string> words;
    for (const std::string& word : command) {
        words.push_back(resp::bulk(word));
    }
    return resp::array(words);
}

/// The bytes of a bulk string's reply.
std::string unwrapped(const std::string& reply) {
    const std::size_t begin = reply.find("\r\n") + 2;
    return reply.substr(begin, reply.size() - begin - 2);
}

/// The section of that name in an INFO, with its title; empty if there is none.
std::string section_of(const std::string& info, const std::string& name) {
    for (std::size_t at = info.find("# "); at != std::string::npos;) {
        const std::size_t next = info.find("# ", at + 2);
        const std::size_t end = info.find("\r\n", at);
        if (in_capitals(info.substr(at + 2, end - at - 2)) == in_capitals(name)) {
            return info.substr(at, next - at);
        }
        at = next;
    }
    return {};
}

}  // namespace

/// A connection to the server behind, which takes one command at a time.
class PersonaServer::Upstream {
public:
    explicit Upstream(const std::string& path)
        : m_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        std::copy_n(path.begin(), std::min(path.size(), sizeof to.sun_path - 1), to.sun_path);
        if (::connect(m_fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
            ::close(m_fd);
            throw std::runtime_error("the server behind does not answer");
        }
    }
    ~Upstream() { ::close(m_fd); }
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;

    /// Its reply as it is on the wire. Throws std::runtime_error when the server has gone.
    std::string ask(const Command& command) {
        const std::string request = on_the_wire(command);
        for (std::size_t sent = 0; sent < request.size();) {
            const ssize_t n =
                ::send(m_fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) {
                throw std::runtime_error("the server behind has gone");
            }
            sent += static_cast<std::size_t>(n);
        }
        std::string reply;
        take_value(reply);
        return reply;
    }

private:
    void take_value(std::string& into) {
        const std::size_t end = [&] {
            for (;;) {
                if (const auto found = m_buffer.find("\r\n"); found != std::string::npos) {
                    return found + 2;
                }
                fill();
            }
        }();
        const std::string line = take(end);
        into += line;
        const char kind = line.front();
        if (kind != '$' && kind != '*') {
            return;
        }
        const long count = std::stol(line.substr(1));
        if (kind == '$' && count >= 0) {
            into += take(static_cast<std::size_t>(count) + 2);
        }
        for (long i = 0; kind == '*' && i < count; ++i) {
            take_value(into);
        }
    }

    std::string take(std::size_t bytes) {
        while (m_buffer.size() < bytes) {
            fill();
        }
        std::string taken = m_buffer.substr(0, bytes);
        m_buffer.erase(0, bytes);
        return taken;
    }

    void fill() {
        std::array<char, 65536> bytes;
        const ssize_t n = ::recv(m_fd, bytes.data(), bytes.size(), 0);
        if (n <= 0) {
            throw std::runtime_error("the server behind has gone");
        }
        m_buffer.append(bytes.data(), static_cast<std::size_t>(n));
    }

    int m_fd;
    std::string m_buffer;
};

PersonaServer::PersonaServer(const Persona& persona, std::string socket_path)
    : m_persona(persona),
      m_socket_path(std::move(socket_path)),
      m_server([this](FakeServer::Connection& client) { serve(client); }) {}

void PersonaServer::serve(FakeServer::Connection& client) {
    Upstream server(m_socket_path);
    bool queues = false, refused = false;  // since MULTI
    while (auto command = client.read_command()) {
        command->front() = in_capitals(command->front());
        const std::string& name = command->front();
        if (name == "EXEC" && refused) {
            server.ask({"DISCARD"});
            client.send(resp::error("EXECABORT Transaction discarded because of previous errors."));
        } else if (auto own = own_reply(*command, server)) {
            refused = refused || (queues && own->front() == '-');
            client.send(*own);
        } else {
            const auto translated =
                m_persona.translated ? m_persona.translated(*command) : std::nullopt;
            client.send(server.ask(translated.value_or(*command)));
        }
        queues = name == "MULTI" || (queues && name != "EXEC" && name != "DISCARD");
        refused = refused && queues;
    }
}

std::optional<std::string> PersonaServer::own_reply(const Command& command, Upstream& server) {
    Command asked = command;
    std::string full_name = asked[0];
    if (asked.size() > 1) {
        full_name += '|' + in_capitals(asked[1]);
    }
    for (const std::string& name : {asked[0], full_name}) {
        if (m_persona.absent.contains(name)) {
            return m_persona.unknown(asked);
        }
    }
    if (m_persona.quirk) {
        if (auto reply = m_persona.quirk(asked)) {
            return reply;
        }
    }
    if (full_name == "COMMAND|INFO") {
        return command_info(asked, server);
    }
    if (asked[0] == "INFO" && !m_persona.info.empty()) {
        return info(asked, server);
    }
    if (asked[0] == "SCAN" && asked.size() > 1 && m_persona.cursor) {
        return scan(std::move(asked), server);
    }
    return std::nullopt;
}

/// Of what it does not have there is nothing.
std::string PersonaServer::command_info(const Command& command, Upstream& server) const {
    std::vector<std::string> entries;
    for (std::size_t i = 2; i < command.size(); ++i) {
        const std::string name = in_capitals(command[i]);
        const bool is_there = !m_persona.absent.contains(name) &&
                              !m_persona.absent.contains(name.substr(0, name.find('|')));
        // "*1\r\n*10\r\n…": the one entry.
        const std::string reply =
            is_there ? server.ask({"COMMAND", "INFO", command[i]}) : "*1\r\n*-1\r\n";
        entries.push_back(reply.substr(reply.find("\r\n") + 2));
    }
    return resp::array(entries);
}

std::string PersonaServer::info(const Command& command, Upstream& server) const {
    const auto keyspace = [&] {
        const std::string own = section_of(m_persona.info, "keyspace");
        return own.empty() ? unwrapped(server.ask({"INFO", "keyspace"})) : own;
    };
    std::string text;
    for (std::size_t i = 1; i < command.size(); ++i) {
        const std::string name = in_capitals(command[i]);
        if (name == "ALL" || name == "DEFAULT" || name == "EVERYTHING") {
            text += m_persona.info + (m_persona.info_lists_keys ? keyspace() : "");
        } else if (name == "KEYSPACE") {
            text += keyspace();
        } else if (const std::string section = section_of(m_persona.info, name); !section.empty()) {
            text += section;
        } else if (!m_persona.strange_section.empty()) {
            return resp::error(m_persona.strange_section);
        }
    }
    if (command.size() == 1) {
        text = m_persona.info + (m_persona.info_lists_keys ? keyspace() : "");
    }
    return resp::bulk(text);
}

std::string PersonaServer::scan(Command command, Upstream& server) {
    const std::string given = command[1];
    if (given != "0") {
        const std::lock_guard lock(m_mutex);
        const auto known = m_cursors.find(given);
        if (known != m_cursors.end()) {
            command[1] = known->second;
        } else {
            ++m_strange_cursors;
            if (m_persona.strange_cursor == Persona::StrangeCursor::ends_the_walk) {
                return resp::scan_page("0", {});
            }
            command[1] = "0";
        }
    }
    const std::string reply = server.ask(command);
    if (reply.front() != '*') {
        return reply;
    }
    // "*2\r\n$1\r\n7\r\n*…": the cursor is the first of two.
    const std::size_t length = reply.find('$');
    const std::size_t begin = reply.find("\r\n", length) + 2;
    const std::size_t end = reply.find("\r\n", begin);
    const std::string next = reply.substr(begin, end - begin);
    if (next == "0") {
        return reply;
    }
    const std::lock_guard lock(m_mutex);
    const std::string shown = m_persona.cursor(m_cursors.size() + 1);
    m_cursors[shown] = next;
    return reply.substr(0, length) + resp::bulk(shown) + reply.substr(end + 2);
}

}  // namespace cachectl::test
