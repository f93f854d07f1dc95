#include "warm/existing_value.hpp"

#include <cstdint>

#include "warm/name_table.hpp"

namespace cachectl {

namespace {

constexpr std::int64_t k_no_such_key = -2;
constexpr std::int64_t k_never_expires = -1;

/// How many fields, members or elements the server's key has, or the bytes of its text.
std::size_t stored_length(const Encoded& value) {
    const bool pairs = value.as == EncodeAs::hash || value.as == EncodeAs::zset;
    if (!pairs && value.as != EncodeAs::set) {
        return is_string(value.as) ? value.parts.at(0).size() : value.parts.size();
    }
    const std::size_t step = pairs ? 2 : 1;
    const std::size_t name = value.as == EncodeAs::zset ? 1 : 0;
    NameTable names(value.parts.size() / step);
    std::size_t count = 0;
    for (std::size_t i = 0; i + step <= value.parts.size(); i += step) {
        const std::size_t place = i / step;
        const auto name_at = [&](std::size_t at) { return value.parts[at * step + name]; };
        count += names.find_or_add(name_at(place), place, name_at) == place ? 1 : 0;
    }
    return count;
}

bool is_read_whole(const Encoded& value) {
    return is_string(value.as) && value.parts.at(0).size() <= k_most_text_read;
}

}  // namespace

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
std::vector<std::string_view> look_command(const Encoded& value, std::string_view key,
                                           std::string& scratch) {
    if (!is_read_whole(value)) {
        return {length_verb(value.as), key};
    }
    const std::size_t size = value.parts.at(0).size();
    if (size == 0) {
        return {"GET", key};
    }
    scratch = std::to_string(size);
    return {"GETRANGE", key, "0", scratch};
}

Existing judge_look(const Encoded& value, const Reply& reply) {
    if (reply.error_prefix() == "WRONGTYPE") {
        return Existing::replaced;
    }
    if (is_read_whole(value)) {
        const std::string_view wanted = value.parts.at(0);
        if (reply.is_nil()) {
            return Existing::absent;
        }
        if (!reply.is_text()) {
            return Existing::unknown;
        }
        if (reply.text.empty() && !wanted.empty()) {
            return Existing::absent;
        }
        return reply.text == wanted ? Existing::stays : Existing::replaced;
    }
    if (!reply.is_integer()) {
        return Existing::unknown;
    }
    if (reply.integer == 0) {
        return Existing::absent;
    }
    const auto length = static_cast<std::int64_t>(stored_length(value));
    return reply.integer == length ? Existing::to_be_read : Existing::replaced;
}

}  // namespace cachectl
