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
    load,      // keys that come into a database; nobody knows how many
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
    bool production = false;           // the context says that it is
    std::uint64_t keys = 0;            // how many will be changed
    std::uint64_t protected_keys = 0;  // how many are spared
    /// Keys by namespace, most first; the question shows the first ten.
    std::vector<std::pair<std::string, std::uint64_t>> namespaces;
    std::vector<NeighbourCount> neighbours;  // among the keys, most first
    std::vector<std::string> sample;         // a few of the keys; none: the question shows none
};

enum class OnTerminal { no, yes };
enum class NameRequired { no, yes };

/// What was said beforehand, and what the context wants besides.
struct Consent {
    bool yes = false;                               // --yes
    std::optional<std::string> server_name;         // --confirm NAME
    NameRequired name_required = NameRequired::no;  // it says production or confirm: always
    bool always = false;                            // it says the latter
    bool context_is_chosen = false;                 // by --context
    bool server_is_of_context = false;              // no flag or variable names another one
};

/// Shows a question and reads one line; absent at the end of input.
using Ask = std::function<std::optional<std::string>(std::string_view question)>;

/// The whole question, ready for a terminal: what comes from server or user is escaped.
std::string confirmation_question(const PlannedChange& change, NameRequired name_required);

/// Whether the change may go on without a question. Throws NamedError(guard) if it may not, and
/// nobody can be asked; then nothing has been sent.
/// - --confirm NAME must be the server's host, or host:port, or socket, or the context's name if
///   the server is the context's; it then stands for any answer, and any other name is refused.
/// - --yes stands for any answer, except where a context wants a name. Of production it does
///   without a terminal, if --context has named that.
bool is_confirmed(const PlannedChange& change, const Consent& consent, OnTerminal on_terminal);

/// Returns if the change may go on, else throws NamedError(guard); then nothing was changed. Where
/// it has to, it asks: for y or yes; where the whole of a database or server is meant, or the
/// context says so, for the name of the context, or of the server if there is none.
void confirm(const PlannedChange& change, const Consent& consent, OnTerminal on_terminal,
             const Ask& ask);

}  // namespace cachectl
