// What a change is about, as people are told: in the question before it and in the summaries after.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cachectl {

/// The server that was asked for by its name; if it is a node of a cluster with so many masters,
/// "the cluster of 3 masters at 10.0.0.5:7000".
std::string describe_server(std::string_view name, std::size_t masters);

}  // namespace cachectl
