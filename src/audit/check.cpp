#include "audit/check.hpp"

namespace cachectl {

namespace {

constexpr std::array<CheckRow, 6> k_rows = {{
    {AuditCheck::no_ttl, "no-ttl", "no TTL",
     "The key never expires, although its rule has a ttl or a max_ttl"},
    {AuditCheck::ttl_too_long, "ttl-too-long", "TTL too long",
     "The key has longer to live than its rule's max_ttl"},
    {AuditCheck::too_large, "too-large", "too large",
     "The key takes more memory than its rule's max_size"},
    {AuditCheck::wrong_type, "wrong-type", "wrong type",
     "The key is of another type than its rule's"},
    {AuditCheck::may_be_evicted, "may-be-evicted", "may be evicted",
     "The key is protected, and the server evicts keys of any kind when its memory is full "
     "(maxmemory-policy allkeys-…)"},
    {AuditCheck::unknown, "unknown", "no rule", "The key matches no rule of the policy"},
}};

}  // namespace

std::span<const CheckRow> check_rows() { return k_rows; }

const CheckRow& row_of(AuditCheck check) { return k_rows.at(static_cast<std::size_t>(check)); }

}  // namespace cachectl
