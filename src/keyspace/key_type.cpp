#include "keyspace/key_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "util/error.hpp"

namespace cachectl {

namespace {

const std::array<std::string, 6> k_types = {"string", "list", "set", "zset", "hash", "stream"};
const std::array<std::string, 2> k_newer_types = {"vectorset", "array"};  // Redis 8.0 and 8.8

// A module's type has exactly nine characters of these ("ReJSON-RL", "MBbloomCF"):
// https://redis.io/docs/latest/develop/reference/modules/modules-native-types/
bool is_module_type(std::string_view text) {
    return text.size() == 9 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

}  // namespace

std::span<const std::string> key_types() { return k_types; }

bool is_key_type(std::string_view text) {
    return std::find(k_types.begin(), k_types.end(), text) != k_types.end() ||
           std::find(k_newer_types.begin(), k_newer_types.end(), text) != k_newer_types.end() ||
           is_module_type(text);
}

void check_key_type(std::string_view text) {
    if (is_key_type(text)) {
        return;
    }
    throw Error(ExitCode::usage, fmt::format("'{}' is not a type of key", text),
                "the types are string, list, set, zset, hash, stream, vectorset, array and those "
                "of modules");
}

}  // namespace cachectl
