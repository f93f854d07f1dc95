// The part of stats/server_figures.hpp that is about databases.
#include <algorithm>
#include <string_view>

#include "stats/info_figures.hpp"
#include "stats/server_figures.hpp"

namespace cachectl {

namespace {

using Kind = Figure::Kind;
using Unit = Figure::Unit;
using Shape = FigureGroup::Shape;

}  // namespace

FigureGroup keyspace_figures(const InfoFields& info) {
    FigureGroup group{"keyspace", Shape::list, {}, "db"};
    const auto databases = info.databases();
    const bool counts_fields = std::any_of(databases.begin(), databases.end(), [](const auto& db) {
        return !db.parts.text("subexpiry").empty();
    });
    // Kvrocks counts keys when it is asked to (DBSIZE SCAN), and says 0 until then.
    const bool is_counted = info.text("last_dbsize_scan_timestamp") != "0";
    for (const auto& [number, told] : databases) {
        const InfoParts parts = is_counted ? told : InfoParts("");
        const auto keys = parts.integer("keys");
        const auto expires = parts.integer("expires");
        Figure expiring{"expires", figure_value(parts.text("expires"), Kind::gauge), Kind::gauge,
                        Unit::none, "Keys that have a time to live"};
        if (keys && expires && *keys > 0) {
            expiring.fraction = share_of(*expires, *keys);
        }
        const std::string_view average =
            parts.text("avg_ttl") == "-1" ? "" : parts.text("avg_ttl");  // Dragonfly
        Figure ttl{"avg_ttl_ms", figure_value(average, Kind::gauge), Kind::gauge,
                   Unit::milliseconds, "Average time to live of the keys that have one, estimated"};
        if (parts.integer("avg_ttl") == 0) {
            ttl.shown = "-";  // not estimated yet
        }
        group.rows.push_back({{"db", number, Kind::gauge, Unit::none, "Number of the database"},
                              {"keys", figure_value(parts.text("keys"), Kind::gauge), Kind::gauge,
                               Unit::none, "Keys"},
                              std::move(expiring),
                              std::move(ttl)});
        if (counts_fields) {
            group.rows.back().push_back(
                {"subexpiry", figure_value(parts.text("subexpiry"), Kind::gauge), Kind::gauge,
                 Unit::none, "Hashes with fields that have a time to live"});
        }
    }
    return group;
}

}  // namespace cachectl
