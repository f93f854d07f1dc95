#include "change/neighbour_guard.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <utility>

#include "cli/key_walk.hpp"
#include "util/error.hpp"
#include "util/named_error.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_told_protections = 40;

std::string protections(const std::vector<NeighbourCount>& neighbours) {
    std::string text;
    std::size_t told = 0;
    for (const NeighbourCount& neighbour : neighbours) {
        for (const std::string& pattern : neighbour.patterns) {
            if (told++ == k_told_protections) {
                return text + " …";
            }
            text += fmt::format(" --protect {}", shell_word(pattern));
        }
    }
    return text;
}

/// Selects a database for the time of its life.
class OtherDatabase {
public:
    OtherDatabase(Context& ctx, unsigned number)
        : m_ctx(ctx), m_before(std::exchange(ctx.settings.address.db, number)) {}
    ~OtherDatabase() { m_ctx.settings.address.db = m_before; }
    OtherDatabase(const OtherDatabase&) = delete;
    OtherDatabase& operator=(const OtherDatabase&) = delete;

private:
    Context& m_ctx;
    unsigned m_before;
};

std::vector<NeighbourCount> look_into(Context& ctx, const PaceFlags& pace, unsigned number) {
    const OtherDatabase selected(ctx, number);
    const std::unique_ptr<Client> client = ctx.open_client();  // its warnings were told
    const std::unique_ptr<Paces> paces = make_paces(ctx, *client, pace, RateOf::walked);
    NeighbourCounter neighbours(*client);
    KeyWalk walk(ctx, *client, *paces, Selection{}, fmt::format("looking into db{}", number));
    walk.on_resume = [&](Resumption resumption) {
        if (resumption == Resumption::all_again) {
            neighbours.reset();
        }
    };
    const SelectionOutcome outcome = walk.run([&](std::span<KeyFacts> keys) {
        for (const KeyFacts& key : keys) {
            neighbours.meet(key.key, NeighbourCounter::Counts::yes);
        }
        return Flow::go_on;
    });
    walk.clear_progress();
    if (stop_signal() != 0) {
        throw Error(stopped_exit_code(), "interrupted; nothing was changed");
    }
    if (outcome.walk.failure || !outcome.complete()) {
        const std::string why = outcome.walk.failure ? outcome.walk.failure->what()
                                                     : "it could not be walked to its end";
        throw Error(outcome.walk.failure ? outcome.walk.failure->code() : ExitCode::refused,
                    fmt::format("cannot see whether db{} holds other programs' data: {}; nothing "
                                "was changed",
                                number, why),
                    (outcome.walk.failure && !outcome.walk.failure->hint().empty()
                         ? outcome.walk.failure->hint() + "; "
                         : std::string()) +
                        "--include-neighbours goes on without looking");
    }
    client->drain();
    return neighbours.rows();
}

}  // namespace

void refuse_neighbours(const std::vector<NeighbourCount>& neighbours, std::string_view verb,
                       ChangeScope scope) {
    if (neighbours.empty()) {
        return;
    }
    std::string found;
    for (const NeighbourCount& neighbour : neighbours) {
        found +=
            fmt::format("{}{}: {}", found.empty() ? "" : "; ", describe(neighbour), neighbour.what);
    }
    const std::string spare = protections(neighbours);
    throw NamedError(
        {ExitCode::guard,
         fmt::format("this would {} what looks like the data of other programs: {}; nothing was "
                     "changed",
                     verb, found),
         (scope == ChangeScope::all_dbs
              ? "to spare it, database by database: cachectl flush --whole-db -n DB" + spare
              : "to spare it:" + spare) +
             "; to include it: --include-neighbours"},
        "guard-neighbours");
}

std::vector<NeighbourCount> look_for_neighbours(Context& ctx, const PaceFlags& pace,
                                                std::span<const std::string> databases) {
    std::vector<NeighbourCount> all;
    for (const std::string& name : databases) {
        unsigned number = 0;
        std::from_chars(name.data() + 2, name.data() + name.size(), number);
        all = merge(std::move(all), look_into(ctx, pace, number));
    }
    return all;
}

}  // namespace cachectl
