// One harness round every walk over keys: from the options that choose them to the exit code. It
// has the pace, the progress line and the notes in its place, and takes back what was counted
// where the walk begins anew.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cli/context.hpp"
#include "cli/option_groups.hpp"
#include "keyspace/key_selector.hpp"
#include "keyspace/sum.hpp"
#include "output/rows.hpp"

namespace cachectl {

/// Throws Error(usage) if they say how a list is written, and none is read or written.
void check_list_form(const KeyListOptions& options, WritesKeys writes);

/// Opens --keys-from if it is given. Throws Error(usage) for a pattern that cannot mean what it
/// says, Error(bad_input) for a list that cannot be read.
Selection make_selection(const KeyOptions& options, Context& ctx);

/// For rows that have a key: -0 and --escaped mean plain lines where no format is chosen.
RowsStyle rows_style(const Context& ctx, const FormatChoice& output, const KeyListOptions& keys);

/// How a walk goes on over a new connection.
enum class Resumption {
    same_process,   // where it was
    other_process,  // a list, where it was; but another process of the server answers
    all_again,      // a walk that begins anew: all keys come again
};

class KeyWalk {
public:
    /// For a command that changes nothing: connects. `verb` is that of the progress line, which
    /// says how many keys were looked at and found.
    KeyWalk(Context& ctx, const PaceFlags& pace, Selection selection, const std::string& verb);
    /// Over a connection that there is: the progress line says how many keys were selected.
    KeyWalk(Context& ctx, Client& client, Paces& paces, Selection selection,
            const std::string& verb);
    KeyWalk(const KeyWalk&) = delete;
    KeyWalk& operator=(const KeyWalk&) = delete;
    ~KeyWalk();

    // One of the three, once.

    SelectionOutcome run(const Selector::KeysHandler& on_keys);
    /// `write` writes a key's row. Keys that were written are not written again where the walk
    /// begins anew, and rows are shown soon, with the progress line below them.
    SelectionOutcome run(Rows& rows, const std::function<void(const KeyFacts&)>& write);
    SelectionOutcome run(Sum& sum);

    /// Called when the walk goes on over a new connection.
    std::function<void(Resumption)> on_resume;

    /// Takes the progress line away, before something else is written.
    void clear_progress() { m_progress->clear(); }
    /// No further keys; from within run().
    void stop() { m_selector->stop(); }
    /// How far it has come, 0..1, if that is known.
    [[nodiscard]] std::optional<double> fraction() const { return m_fraction; }

private:
    enum class Counts { selected, looked_at };

    void tell(double fraction, std::uint64_t selected);
    void resume(bool from_start);

    Context& m_ctx;
    std::unique_ptr<Client> m_own_client;
    std::unique_ptr<Paces> m_own_paces;
    Client& m_client;
    Paces& m_paces;
    Selection m_selection;
    Counts m_counts;
    std::unique_ptr<Progress> m_progress;
    std::optional<Selector> m_selector;  // while it walks
    Rows* m_rows = nullptr;
    Sum* m_sum = nullptr;
    std::uint64_t m_rows_shown = 0;
    std::chrono::steady_clock::time_point m_shown_at;
    std::optional<double> m_fraction;
};

/// Turns how a walk ended into the exit code of a command that changes nothing: throws what
/// stopped it, says on stderr what the user should know.
ExitCode finish_walk(Context& ctx, const SelectionOutcome& outcome);

}  // namespace cachectl
