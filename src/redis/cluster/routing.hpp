// What a cluster's client must know of a command by its name: where its key stands, and whether it
// may be sent twice.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace cachectl {

/// The index of the command's first key; nothing if it has none. Throws std::logic_error for a
/// command that concerns a whole server, which nobody may send to a cluster at large: see
/// Client::nodes().
std::optional<std::size_t> key_position(std::span<const std::string_view> args);

/// Whether the command only reads, so that it may be sent again when its reply is lost.
bool only_reads(std::string_view name);

}  // namespace cachectl
