// What the measures have in common: figures that a server may not tell, and replies that may be
// refusals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "health/check.hpp"

namespace cachectl::measure {

/// The figures of INFO that a measure needs, of which it remembers the first that is not there.
class Needed {
public:
    explicit Needed(const NodeEvidence& node) : m_node(node) {}

    /// 0 if it is not told: some servers say -1 of what they do not count.
    double number(const char* field);
    /// By how much it grew between the two readings; 0 if it is not told or was reset.
    double growth(const char* field);

    [[nodiscard]] bool lacks() const { return !m_missing.empty(); }
    [[nodiscard]] Measurement unknown() const;

private:
    const NodeEvidence& m_node;
    std::string m_missing;
};

/// Why a rate of `what` between the two readings is not known.
Measurement uncounted(const NodeEvidence& node, std::string_view what);

/// 0 if it is not told.
double figure(const NodeEvidence& node, const char* field);

/// The reply to that command, if it is none of refusal; null else.
const Reply* told(const NodeEvidence& node, std::string_view command);
/// Why told() is null, with the missing ACL rule where the server names it.
Measurement untold(const NodeEvidence& node, std::string_view command);
/// Unknown, of a server that is there and does not tell its figures, because the user has no right
/// to INFO; with that right. Nothing of others: what keeps them from answering is told for itself.
std::optional<Measurement> untold_figures(const NodeEvidence& node);
/// Of the first such server, if there is one.
std::optional<Measurement> untold_figures(const HealthEvidence& all);
/// The value of CONFIG GET NAME; nothing if it is not told.
std::optional<std::string> config(const NodeEvidence& node, std::string_view name);

/// What an error reply, or one that was lost, says: "SLOWLOG: … the user lacks the ACL rule +…".
std::string why_not(const Reply& reply, std::string_view command, const ServerInfo& server);

bool is_master(const NodeEvidence& node);

std::string bytes_text(double bytes);
std::string count_text_of(double count);
std::string seconds_text(double seconds);
/// "1 key", "2,780 keys"
std::string counted(double count, std::string_view one, std::string_view many);

}  // namespace cachectl::measure
