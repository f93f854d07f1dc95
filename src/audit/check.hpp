// What an audit looks for: one row of a table for each check.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace cachectl {

enum class AuditCheck { no_ttl, ttl_too_long, too_large, wrong_type, may_be_evicted, unknown };

struct CheckRow {
    AuditCheck check;
    std::string_view id;       // stable, in every machine-readable format: "no-ttl"
    std::string_view title;    // for people: "no TTL"
    std::string_view meaning;  // one sentence without its full stop
};

/// In the order of the enumerators.
std::span<const CheckRow> check_rows();
const CheckRow& row_of(AuditCheck check);

}  // namespace cachectl
