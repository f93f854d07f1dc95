// Where a master and its replicas are, out of what several Sentinels say of it.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "redis/reply.hpp"
#include "redis/uri.hpp"

namespace cachectl {

/// The replies of one Sentinel; nil where it has not answered.
struct SentinelAnswer {
    Reply address;   // to SENTINEL GET-MASTER-ADDR-BY-NAME
    Reply masters;   // to SENTINEL MASTERS
    Reply replicas;  // to SENTINEL REPLICAS
};
using SentinelAnswers = std::span<const SentinelAnswer* const>;

/// Each address that one of them gives for the master of that name, the most believable first: that
/// of the latest failover, then that which most of them give.
std::vector<HostPort> believable_masters(SentinelAnswers answers, std::string_view name);

/// The replicas that one of them considers fit to be read from, the one that is least behind first.
std::vector<HostPort> fit_replicas(SentinelAnswers answers);

/// The address in a reply to GET-MASTER-ADDR-BY-NAME; nothing if there is none.
std::optional<HostPort> sentinel_endpoint(const Reply& address);

/// A field of what Sentinels say of a server: names and values in turn. Empty if it is not there.
std::string_view sentinel_field(const Reply& server, std::string_view name);

}  // namespace cachectl
