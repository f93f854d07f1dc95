// The question before keys are deleted: how many, in which namespaces, on which server; and who
// may answer it. Nothing here reads a terminal: asking is a function that is passed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keyspace/neighbours.hpp"
#include "redis/uri.hpp"

namespace cachectl {

enum class ChangeScope {
    keys,      // some keys of a database
    whole_db,  // every key of a database
    all_dbs,   // every key of every database of the server
};

/// What is about to happen, for the question.
struct PlannedChange {
    std::string verb = "delete";  // "delete", "change the expiry of"
    std::string effect;           // what becomes of them, if the verb does not say: "set to 1h"
    ChangeScope scope = ChangeScope::keys;
    ServerAddress server;
    std::size_t masters = 0;           // of the cluster that it is a node of; 0: of none
    std::string context;               // its name in the configuration; empty: none
    std::uint64_t keys = 0;            // how many will be changed
    std::uint64_t protected_keys = 0;  // how many are spared
    /// Keys by namespace, most first; the question shows the first ten.
    std::vector<std::pair<std::string, std::uint64_t>> namespaces;
    std::vector<NeighbourCount> neighbours;  // among the keys, most first
    std::vector<std::string> sample;         // a few of the keys; none: the question shows none
};

enum class OnTerminal { no, yes };
enum class NameRequired { no, yes };

/// What was said beforehand.
struct Consent {
    bool yes = false;                               // --yes
    std::optional<std::string> server_name;         // --confirm NAME
    NameRequired name_required = NameRequired::no;  // the context says confirm: always
};

/// Shows a question and reads one line; absent at the end of input.
using Ask = std::function<std::optional<std::string>(std::string_view question)>;

/// The whole question, ready for a terminal: what comes from server or user is escaped.
std::string confirmation_question(const PlannedChange& change, NameRequired name_required);

/// Returns if the change may go on, else throws Error(guard); then nothing has been sent.
/// - --confirm NAME must be the server's host, or host:port, or socket; it then stands for any
///   answer, and any other name is refused.
/// - --yes stands for any answer, except where a context says `confirm: always`.
/// - On a terminal `ask` is called: y or yes; where the whole of a database or server is meant,
///   or the context says so, the server's name.
/// - Without a terminal it is refused.
void confirm(const PlannedChange& change, const Consent& consent, OnTerminal on_terminal,
             const Ask& ask);

}  // namespace cachectl
