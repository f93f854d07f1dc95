// What DUMP answers and RESTORE takes: a type, a value, the version of the format, and a sum.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rdb/format.hpp"

namespace cachectl {

struct DumpPayload {
    RdbType type = RdbType::string;
    std::string_view value;  // a part of what was parsed
    int version = 0;
};

/// Nothing if it is too short, or its sum is wrong.
std::optional<DumpPayload> parse_dump_payload(std::string_view dumped);

/// For RESTORE on a server of that version or a newer one.
std::string make_dump_payload(RdbType type, std::string_view value, int version);

}  // namespace cachectl
