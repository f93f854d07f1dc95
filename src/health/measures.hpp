// What each check measures, by what it is about. They ask nobody: see health/evidence.
#pragma once

#include "health/check.hpp"

namespace cachectl::measure {

// Of one server.

Measurement down(const NodeEvidence& node, const HealthEvidence& all);
Measurement loading(const NodeEvidence& node, const HealthEvidence& all);
Measurement busy(const NodeEvidence& node, const HealthEvidence& all);

Measurement memory_near_max(const NodeEvidence& node, const HealthEvidence& all);
Measurement memory_no_limit(const NodeEvidence& node, const HealthEvidence& all);
Measurement memory_near_host(const NodeEvidence& node, const HealthEvidence& all);
Measurement memory_fragmented(const NodeEvidence& node, const HealthEvidence& all);
Measurement memory_overhead(const NodeEvidence& node, const HealthEvidence& all);
Measurement memory_swapped(const NodeEvidence& node, const HealthEvidence& all);
Measurement evictions(const NodeEvidence& node, const HealthEvidence& all);

Measurement hit_ratio(const NodeEvidence& node, const HealthEvidence& all);
Measurement clients_near_max(const NodeEvidence& node, const HealthEvidence& all);
Measurement clients_rejected(const NodeEvidence& node, const HealthEvidence& all);
Measurement clients_blocked(const NodeEvidence& node, const HealthEvidence& all);
Measurement clients_too_few(const NodeEvidence& node, const HealthEvidence& all);
Measurement auth_denied(const NodeEvidence& node, const HealthEvidence& all);

Measurement cpu(const NodeEvidence& node, const HealthEvidence& all);
Measurement latency(const NodeEvidence& node, const HealthEvidence& all);
Measurement held(const NodeEvidence& node, const HealthEvidence& all);
Measurement slow_commands(const NodeEvidence& node, const HealthEvidence& all);
Measurement dangerous_commands(const NodeEvidence& node, const HealthEvidence& all);
Measurement errors_rate(const NodeEvidence& node, const HealthEvidence& all);

Measurement replica_link(const NodeEvidence& node, const HealthEvidence& all);
Measurement replica_lag(const NodeEvidence& node, const HealthEvidence& all);
Measurement replica_lost(const NodeEvidence& node, const HealthEvidence& all);
Measurement replica_buffer(const NodeEvidence& node, const HealthEvidence& all);

Measurement save_failed(const NodeEvidence& node, const HealthEvidence& all);
Measurement save_slow(const NodeEvidence& node, const HealthEvidence& all);
Measurement save_old(const NodeEvidence& node, const HealthEvidence& all);
Measurement fork_memory(const NodeEvidence& node, const HealthEvidence& all);

Measurement cluster_state(const NodeEvidence& node, const HealthEvidence& all);
Measurement cluster_slots_fail(const NodeEvidence& node, const HealthEvidence& all);
Measurement cluster_slots_pfail(const NodeEvidence& node, const HealthEvidence& all);
Measurement cluster_open_slots(const NodeEvidence& node, const HealthEvidence& all);
Measurement cluster_orphan_keys(const NodeEvidence& node, const HealthEvidence& all);

Measurement logical_databases(const NodeEvidence& node, const HealthEvidence& all);
Measurement old_version(const NodeEvidence& node, const HealthEvidence& all);
Measurement many_scripts(const NodeEvidence& node, const HealthEvidence& all);

// Of all together.

Measurement cluster_two_owners(const HealthEvidence& all);
Measurement cluster_unbalanced(const HealthEvidence& all);
Measurement config_drift(const HealthEvidence& all);
Measurement no_password(const HealthEvidence& all);

Measurement eviction_may_take_protected(const HealthEvidence& all);
Measurement eviction_starved(const HealthEvidence& all);
Measurement big_keys(const HealthEvidence& all);
Measurement keys_without_ttl(const HealthEvidence& all);
Measurement expiry_cliff(const HealthEvidence& all);

}  // namespace cachectl::measure
