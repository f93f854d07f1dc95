#include "warm/existing_value.hpp"

#include <cstdint>

namespace cachectl {

namespace {

constexpr std::int64_t k_no_such_key = -2;
constexpr std::int64_t k_never_expires = -1;

std::string_view length_verb(EncodeAs as) {
    switch (as) {
        case EncodeAs::hash:
            return "HLEN";
        case EncodeAs::list:
            return "LLEN";
        case EncodeAs::set:
            return "SCARD";
        case EncodeAs::zset:
            return "ZCARD";
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return "STRLEN";
}

}  // namespace

Existing judge_ttl(const Reply& reply, std::chrono::milliseconds below) {
    if (!reply.is_integer()) {
        return Existing::unknown;
    }
    if (reply.integer == k_no_such_key) {
        return Existing::absent;
    }
    if (reply.integer == k_never_expires) {
        return Existing::stays;
    }
    return reply.integer <= below.count() ? Existing::replaced : Existing::stays;
}

// One byte more than the value has shows that the other one is longer. An empty one is asked for by
// GET, because to GETRANGE nothing and an empty string are the same.
std::vector<std::string_view> look_command(const StoredValue& value, std::string_view key,
                                           std::string& scratch) {
    if (!is_string(value.as())) {
        return {length_verb(value.as()), key};
    }
    if (value.bytes() == 0) {
        return {"GET", key};
    }
    scratch = std::to_string(value.bytes());
    return {"GETRANGE", key, "0", scratch};
}

Existing judge_look(const StoredValue& value, const Reply& reply) {
    if (reply.error_prefix() == "WRONGTYPE") {
        return Existing::replaced;
    }
    if (is_string(value.as())) {
        if (reply.is_nil()) {
            return Existing::absent;
        }
        if (!reply.is_text()) {
            return Existing::unknown;
        }
        if (reply.text.empty() && value.bytes() != 0) {
            return Existing::absent;
        }
        return value.difference(reply) ? Existing::replaced : Existing::stays;
    }
    if (!reply.is_integer()) {
        return Existing::unknown;
    }
    if (reply.integer == 0) {
        return Existing::absent;
    }
    const auto length = static_cast<std::int64_t>(value.length());
    return reply.integer == length ? Existing::to_be_read : Existing::replaced;
}

}  // namespace cachectl
