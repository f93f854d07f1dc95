// The sections of stats as figures: out of readings, and of what else a section asks for.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redis/client.hpp"
#include "stats/held.hpp"
#include "stats/key_sizes.hpp"
#include "stats/reader.hpp"
#include "stats/reading.hpp"
#include "util/figures.hpp"

namespace cachectl {

/// Which sections are wanted, by their names.
class Sections {
public:
    Sections() = default;
    /// "all" stands for each of the others. Throws Error(usage) for a name that is none of them.
    explicit Sections(const std::vector<std::string>& names);

    [[nodiscard]] bool wants(std::string_view section) const { return m_names.contains(section); }
    /// The same without that section.
    [[nodiscard]] Sections without(std::string_view section) const;
    /// One that cannot be had of each reading of a watch; empty if all can.
    [[nodiscard]] std::string not_to_be_watched() const;

    /// All there are, in the order in which they are offered.
    static std::span<const std::string_view> known();

private:
    std::set<std::string, std::less<>> m_names;
};

/// What the servers have told, those alone that did.
struct Told {
    ServerInfo server;  // of several: the totals
    Rates rates;
    std::vector<InfoFields> commands, latencies;  // INFO commandstats and latencystats, by server
    std::vector<FigureRow> nodes;                 // of a cluster, those that did not answer too
};

/// Of readings; those that failed are in `nodes` alone. Nothing if none has answered.
std::optional<Told> told_by(std::span<const Reading> readings, const Rates& rates);

/// The figures of the sections that are in INFO; without `nodes`.
std::vector<FigureGroup> info_sections(const Sections& sections, const Told& told);

/// {node, …} of a cluster; see stats/cluster_totals.
FigureGroup nodes_figures(const Told& told);

/// What the sections sizes, slow, clients and latency have asked for themselves.
struct Asked {
    std::vector<FigureGroup> groups;  // without the sizes
    std::vector<KeySizes> sizes;
};

/// What a server does not tell is noted in `lacking`.
Asked asked_sections(const Sections& sections, Client& client, Reader& reader, Lacking& lacking);

/// Who held the servers in the last minute, as far as the slow log and CLIENT LIST tell.
std::vector<HeldBy> recent_holders(Client& client, Reader& reader, Lacking& lacking,
                                   std::span<const Reading> readings,
                                   std::chrono::seconds otherwise);

/// [{command, calls, share, usec_longest, client, address}] of LastMinute.
FigureGroup held_figures(std::span<const HeldBy> held);

}  // namespace cachectl
