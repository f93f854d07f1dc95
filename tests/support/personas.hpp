// Products that speak Redis' protocol, each described by what it does otherwise than Redis; what is
// not said here is answered by the redis-server behind (support/personas_server.hpp).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/fake_server.hpp"

namespace cachectl::test {

struct Persona {
    using Command = FakeServer::Command;  // its name, and that of a subcommand, in upper case

    /// What a SCAN does with a cursor that this server has not given out.
    enum class StrangeCursor {
        is_passed_on,  // it is as good as any: the server's own cursors
        begins_anew,   // from the first key
        ends_the_walk  // says that this was all
    };

    std::string name;

    /// INFO by section: "# Server\r\n…\r\n"; a keyspace section that is missing is the server's.
    /// Empty: the server's own INFO.
    std::string info = {};
    bool info_lists_keys = true;  // without being asked for the keyspace
    /// The error for a section that it does not have; empty: it is left out.
    std::string strange_section = {};

    /// How it says that it does not have a command.
    std::function<std::string(const Command&)> unknown = {};
    std::set<std::string> absent = {};  // "OBJECT", "CLIENT|NO-TOUCH"
    /// What it says otherwise, on the wire; nothing: the server behind answers.
    std::function<std::optional<std::string>(const Command&)> quirk = {};

    /// A command that it has, in the words of the server behind; nothing: the same words.
    std::function<std::optional<Command>(const Command&)> translated = {};

    /// What its n-th cursor looks like; empty: as the server's.
    std::function<std::string(std::size_t)> cursor = {};
    StrangeCursor strange_cursor = StrangeCursor::is_passed_on;

    /// What cachectl has to do without, in the words of the tests: "sizes", "idle times", "INFO",
    /// "DBSIZE", "UNLINK", "FLUSHDB", "transactions"; "partitions" where only a walk with one
    /// cursor is sure to meet every key.
    std::set<std::string> lacks = {};

    bool is_cluster = false;  // speaks the cluster's protocol
    bool wants_tls = false;
};

/// All that there are.
const std::vector<Persona>& personas();

/// The one of that name; throws std::out_of_range.
const Persona& persona(std::string_view name);

}  // namespace cachectl::test
