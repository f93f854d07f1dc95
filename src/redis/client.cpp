#include "redis/client.hpp"

#include <memory>
#include <optional>

namespace cachectl {

Reply Client::call(std::span<const std::string_view> args) {
    // Shared, because an exception out of run_until() may leave the callback behind us.
    const auto result = std::make_shared<std::optional<Reply>>();
    send(args, [result](Reply reply) { *result = std::move(reply); });
    run_until([&] { return result->has_value(); });
    return std::move(**result);
}

std::size_t Client::masters() {
    const std::vector<ServerNode> servers = nodes();
    return servers.size() == 1 && servers.front().client == this ? 0 : servers.size();
}

void Client::drain() {
    run_until([this] { return pending() == 0; });
}

}  // namespace cachectl
