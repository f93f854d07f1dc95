// The list of products, and what Redis itself is at times.
#include "support/personas.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "support/personas_words.hpp"

namespace cachectl::test {

bool is_command(const Persona::Command& command, std::string_view name) {
    return command[0] == name;
}

bool begins_with(const Persona::Command& command, std::string_view name,
                 std::string_view subcommand) {
    return is_command(command, name) && command.size() > 1 &&
           std::equal(command[1].begin(), command[1].end(), subcommand.begin(), subcommand.end(),
                      [](unsigned char a, unsigned char b) { return std::toupper(a) == b; });
}

std::string redis_unknown(const Persona::Command& command) {
    std::string text = "ERR unknown command '" + command[0] + "', with args beginning with: ";
    for (std::size_t i = 1; i < command.size(); ++i) {
        text += "'" + command[i].substr(0, 20) + "' ";
    }
    std::replace(text.begin(), text.end(), '\n', ' ');
    return resp::error(text);
}

std::string older_unknown(const Persona::Command& command) {
    std::string text = "ERR unknown command `" + command[0] + "`, with args beginning with: ";
    for (std::size_t i = 1; i < command.size(); ++i) {
        text += "`" + command[i].substr(0, 20) + "`, ";
    }
    std::replace(text.begin(), text.end(), '\n', ' ');
    return resp::error(text);
}

namespace {

/// As `rename-command OBJECT ""` and so on make it.
Persona renamed() {
    Persona persona{"Redis with renamed commands"};
    persona.unknown = redis_unknown;
    persona.absent = {"OBJECT", "MEMORY", "CONFIG",   "DBSIZE", "CLIENT", "SLOWLOG", "LATENCY",
                      "ACL",    "ROLE",   "FLUSHALL", "KEYS",   "DEBUG",  "MONITOR", "COMMAND"};
    persona.lacks = {"sizes", "idle times", "DBSIZE"};
    return persona;
}

/// Before DUMP, RESTORE, EXISTS, STRLEN and transactions were anybody's business.
Persona bare() {
    Persona persona{"a bare server"};
    persona.unknown = [](const Persona::Command& command) {
        return resp::error("ERR unsupported command '" + command[0] + "'");
    };
    persona.absent = {"OBJECT",  "MEMORY",  "CONFIG", "DBSIZE",      "CLIENT",     "SLOWLOG",
                      "LATENCY", "ACL",     "ROLE",   "FLUSHALL",    "FLUSHDB",    "DEBUG",
                      "MONITOR", "COMMAND", "INFO",   "HELLO",       "CLUSTER",    "UNLINK",
                      "MULTI",   "EXEC",    "WATCH",  "PEXPIRETIME", "SMISMEMBER", "TIME"};
    persona.lacks = {"sizes",  "idle times", "INFO",         "DBSIZE",
                     "UNLINK", "FLUSHDB",    "transactions", "partitions"};
    return persona;
}

Persona tls_proxy() {
    Persona persona{"Redis behind a TLS proxy"};
    persona.wants_tls = true;
    return persona;
}

}  // namespace

const std::vector<Persona>& personas() {
    static const std::vector<Persona> all = {
        kvrocks(),     dragonfly(),
        garnet(),      upstash(),
        memorystore(), memorystore_for_valkey(),
        enterprise(),  enterprise_cluster(),
        elasticache(), renamed(),
        bare(),        tls_proxy(),
    };
    return all;
}

const Persona& persona(std::string_view name) {
    const auto found = std::find_if(personas().begin(), personas().end(),
                                    [&](const Persona& one) { return one.name == name; });
    if (found == personas().end()) {
        throw std::out_of_range("no persona " + std::string(name));
    }
    return *found;
}

}  // namespace cachectl::test
