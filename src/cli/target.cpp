#include "cli/target.hpp"

#include <fmt/format.h>

namespace cachectl {

std::string describe_server(std::string_view name, std::size_t masters) {
    if (masters == 0) return std::string(name);
    return fmt::format("the cluster of {} {} at {}", masters, masters == 1 ? "master" : "masters",
                       name);
}

}  // namespace cachectl
