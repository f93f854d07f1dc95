// From a filter to the keys that it means, page by page with their facts: the walk that every
// command does.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "keyspace/key_filter.hpp"
#include "keyspace/members_of.hpp"
#include "pace/paces.hpp"
#include "walk/cluster_walk.hpp"
#include "walk/sample.hpp"
#include "walk/walker.hpp"

namespace cachectl {

enum class Flow { go_on, stop };

struct Selection {
    KeyFilter filter;
    FactsWanted facts;        // to be read of each key, besides what the filter needs
    std::uint64_t limit = 0;  // at most so many keys; 0: no limit
    /// Look only at so many keys, drawn by lot, and select from these; 0: at all. Where there are
    /// no more, all are looked at. Two at least, because one does not tell how different they are.
    std::uint64_t sample = 0;
    std::uint64_t sample_above = 0;  // up to so many keys, all are looked at nevertheless
    unsigned count = 0;              // keys looked at for one page at most; 0: as the pace has it
    WalkMode mode = WalkMode::automatic;
    Remember remember = Remember::what_fits;
    AfterRestart after_restart = AfterRestart::all_again;

    std::vector<SlotRange> without;  // slots of a cluster that are left out of a walk

    /// Set: the keys come from here instead of a walk; false at the end of the list.
    std::function<bool(std::string& key)> next_listed_key;
    /// Set: `next_listed_key` reads from these sets, over the connection of whoever walks.
    std::shared_ptr<MembersOf> members_of;
    /// Set: of the listed keys only these are looked at; the others are handed on without facts.
    std::function<bool(const std::string& key)> looks_at;
    /// The listed keys are patterns that can match nothing else: one that does not exist matches
    /// nothing, and is not a key that has vanished.
    bool of_names = false;
    /// Whether listed keys that do not exist are handed on too, with `exists` false.
    bool keep_missing = false;
    /// Whether keys of which not all is known are handed on too: those that the user may not look
    /// at, which are counted and left out otherwise, and those that the server says nonsense of,
    /// which no filter on facts lets through otherwise.
    bool keep_doubtful = false;
    /// Whether keys count in `limit` that were selected before the walk began anew: each time that
    /// a key is handed on something is done to it.
    bool limit_is_final = false;
};

struct SelectionOutcome {
    WalkOutcome walk;
    std::uint64_t selected = 0;
    std::uint64_t vanished = 0;           // gone between the walk and the look
    std::uint64_t denied = 0;             // keys that the user's key patterns do not cover
    std::string first_denied;             // the first of those keys
    std::optional<SampleOutcome> sample;  // if only a sample was looked at
    bool limit_reached = false;
    std::optional<Reply> denial;   // what the server said of the first key that is denied
    std::optional<Error> lacking;  // why some facts are left out; see FactsWanted::may_lack

    /// Nothing that was asked for is missing.
    [[nodiscard]] bool complete() const { return (walk.complete || limit_reached) && denied == 0; }
};

class Selector {
public:
    /// Gets each page's selected keys; what it sends leaves with the request for the next page.
    using KeysHandler = std::function<Flow(std::span<KeyFacts>)>;

    Selector(Client& client, Paces& paces, Selection selection);

    SelectionOutcome run(const KeysHandler& on_keys);

    /// No further keys, as if the handler had said so; from a reply to what it sent.
    void stop();

    /// Keys that the walk has gone over so far, about.
    [[nodiscard]] std::uint64_t looked_at() const;

    /// Called once a page: how far the walk has come, 0..1, and how many keys it has selected. It
    /// goes back where slots of a cluster have moved, by these.
    std::function<void(double fraction, std::uint64_t selected)> on_progress;
    /// Called when the walk goes on over a new connection.
    std::function<void(bool from_start)> on_resume;
    /// Gets a sentence when the walk takes another way than it should.
    std::function<void(const std::string&)> on_note;

private:
    void walk(const KeysHandler& on_keys);
    struct ServerWalk;
    std::unique_ptr<ServerWalk> make_walk(const NodeWalk& part, std::size_t walks,
                                          const KeysHandler& on_keys);
    std::vector<WalkOutcome> walk_side_by_side(const std::vector<NodeWalk>& parts,
                                               const KeysHandler& on_keys);
    void forget_walks();
    void tell_progress() const;
    void take_listed_slots(std::vector<std::string> keys, const KeysHandler& on_keys);
    [[nodiscard]] bool draw(const KeysHandler& on_keys);
    [[nodiscard]] SampleOutcome draw_from(Client& server, std::uint64_t wanted,
                                          const KeysHandler& on_keys);
    void look_at(ScanPage page, Pace& pace, std::function<void(PageFacts)> done);
    void take_list(const KeysHandler& on_keys);
    void reconnect();
    [[nodiscard]] std::optional<PageFacts> facts_of_listed(const std::vector<std::string>& keys);
    void hand_on(PageFacts page, const KeysHandler& on_keys);

    Client& m_client;
    Paces& m_paces;
    Selection m_selection;
    SelectionOutcome m_outcome;
    Flow m_flow = Flow::go_on;
    std::vector<ServerWalk*> m_walks;             // while they walk
    const ClusterWalk* m_cluster_walk = nullptr;  // while it walks a cluster
    std::optional<Error> m_refused;
    Lifetime m_lifetime;
};

}  // namespace cachectl
