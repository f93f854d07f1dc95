#include "rdb/payload.hpp"

#include "rdb/crc64.hpp"
#include "rdb/little_endian.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_version_bytes = 2;
constexpr std::size_t k_sum_bytes = 8;

}  // namespace

std::optional<DumpPayload> parse_dump_payload(std::string_view dumped) {
    if (dumped.size() < 1 + k_version_bytes + k_sum_bytes) {
        return std::nullopt;
    }
    const std::string_view summed = dumped.substr(0, dumped.size() - k_sum_bytes);
    if (crc64(0, summed) != little_endian_number(dumped.substr(summed.size()))) {
        return std::nullopt;
    }
    const std::string_view value = summed.substr(1, summed.size() - 1 - k_version_bytes);
    const std::uint64_t version = little_endian_number(summed.substr(1 + value.size()));
    return DumpPayload{static_cast<RdbType>(summed[0]), value, static_cast<int>(version)};
}

std::string make_dump_payload(RdbType type, std::string_view value, int version) {
    std::string dumped;
    dumped.reserve(1 + value.size() + k_version_bytes + k_sum_bytes);
    dumped += static_cast<char>(type);
    dumped += value;
    append_little_endian(dumped, static_cast<std::uint64_t>(version), k_version_bytes);
    append_little_endian(dumped, crc64(0, dumped), k_sum_bytes);
    return dumped;
}

}  // namespace cachectl
