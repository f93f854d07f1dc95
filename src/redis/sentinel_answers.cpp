// What Sentinels have answered, made sense of together. Nothing here asks them.
#include "redis/sentinel_answers.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace cachectl {

namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

std::optional<HostPort> make_endpoint(std::string_view host, std::string_view port) {
    const auto number = number_in(port);
    if (host.empty() || !number || *number < 1 || *number > 65535) {
        return std::nullopt;
    }
    return HostPort{std::string(host), static_cast<std::uint16_t>(*number)};
}

const Reply* find_master(const Reply& masters, std::string_view name) {
    const auto found =
        std::find_if(masters.elements.begin(), masters.elements.end(),
                     [&](const Reply& one) { return sentinel_field(one, "name") == name; });
    return found == masters.elements.end() ? nullptr : &*found;
}

bool is_fit(const Reply& replica) {
    const std::string_view flags = sentinel_field(replica, "flags");
    const auto has = [&](std::string_view flag) { return flags.find(flag) != flags.npos; };
    return !has("s_down") && !has("o_down") && !has("disconnected") &&
           sentinel_field(replica, "master-link-status") == "ok";
}

}  // namespace

std::string_view sentinel_field(const Reply& server, std::string_view name) {
    for (std::size_t i = 0; i + 1 < server.elements.size(); i += 2) {
        if (server.elements[i].text == name) {
            return server.elements[i + 1].text;
        }
    }
    return {};
}

std::optional<HostPort> sentinel_endpoint(const Reply& address) {
    if (!address.is_array() || address.elements.size() != 2) {
        return std::nullopt;
    }
    return make_endpoint(address.elements[0].text, address.elements[1].text);
}

std::vector<HostPort> believable_masters(SentinelAnswers answers, std::string_view name) {
    struct Claim {
        HostPort address;
        std::int64_t epoch = 0;  // of the failover that made it master: newer ones are higher
        int voices = 0;
    };
    std::vector<Claim> claims;
    for (const SentinelAnswer* answer : answers) {
        const auto address = sentinel_endpoint(answer->address);
        if (!address) {
            continue;
        }
        auto claim = std::find_if(claims.begin(), claims.end(),
                                  [&](const Claim& other) { return other.address == *address; });
        if (claim == claims.end()) {
            claim = claims.insert(claim, {*address});
        }
        ++claim->voices;
        if (const Reply* master = find_master(answer->masters, name)) {
            claim->epoch = std::max(claim->epoch,
                                    number_in(sentinel_field(*master, "config-epoch")).value_or(0));
        }
    }
    std::stable_sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
        return a.epoch != b.epoch ? a.epoch > b.epoch : a.voices > b.voices;
    });
    std::vector<HostPort> addresses;
    for (Claim& claim : claims) {
        addresses.push_back(std::move(claim.address));
    }
    return addresses;
}

std::vector<HostPort> fit_replicas(SentinelAnswers answers) {
    std::vector<std::pair<std::int64_t, HostPort>> fit;  // by how much of the stream they have
    for (const SentinelAnswer* answer : answers) {
        for (const Reply& replica : answer->replicas.elements) {
            const auto address =
                make_endpoint(sentinel_field(replica, "ip"), sentinel_field(replica, "port"));
            const bool known = std::any_of(fit.begin(), fit.end(), [&](const auto& other) {
                return address && other.second == *address;
            });
            if (!address || known || !is_fit(replica)) {
                continue;
            }
            fit.emplace_back(number_in(sentinel_field(replica, "slave-repl-offset")).value_or(0),
                             *address);
        }
    }
    std::stable_sort(fit.begin(), fit.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<HostPort> addresses;
    for (auto& replica : fit) {
        addresses.push_back(std::move(replica.second));
    }
    return addresses;
}

}  // namespace cachectl
