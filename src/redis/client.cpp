#include "redis/client.hpp"

#include <memory>
#include <optional>

#include "redis/info.hpp"

namespace cachectl {

Reply Client::call(std::span<const std::string_view> args) {
    // Shared, because an exception out of run_until() may leave the callback behind us.
    const auto result = std::make_shared<std::optional<Reply>>();
    send(args, [result](Reply reply) { *result = std::move(reply); });
    run_until([&] { return result->has_value(); });
    return std::move(**result);
}

Reply Client::call(std::initializer_list<std::string_view> args, ReplyOrigin& origin) {
    struct Answer {
        Reply reply;
        ReplyOrigin origin;
    };
    const auto result = std::make_shared<std::optional<Answer>>();
    send(args, [this, result](Reply reply) { *result = {std::move(reply), this->origin()}; });
    run_until([&] { return result->has_value(); });
    origin = std::move((*result)->origin);
    return std::move((*result)->reply);
}

ReplyOrigin Client::origin() const { return {.process = server().run_id}; }

std::size_t Client::masters() {
    const std::vector<ServerNode> servers = nodes();
    return servers.size() == 1 && servers.front().client == this ? 0 : servers.size();
}

void Client::drain() {
    run_until([this] { return pending() == 0; });
}

}  // namespace cachectl
