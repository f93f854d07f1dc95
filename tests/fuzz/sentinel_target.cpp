// What Sentinels answer: the input is what three of them say, one made_reply() behind the other.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "fuzz/made_reply.hpp"
#include "fuzz/target.hpp"
#include "redis/sentinel_answers.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_name = "mymaster";

void check_addresses(std::vector<HostPort> addresses, std::size_t most) {
    expect(addresses.size() <= most, "an address is what somebody said");
    for (const HostPort& address : addresses) {
        expect(!address.host.empty() && address.port != 0, "an address can be connected to");
    }
    std::sort(addresses.begin(), addresses.end());
    expect(std::adjacent_find(addresses.begin(), addresses.end()) == addresses.end(),
           "an address is told once");
}

Reply element(const Reply& reply, std::size_t index) {
    return index < reply.elements.size() ? reply.elements[index] : Reply();
}

}  // namespace

void fuzz_sentinel(std::string_view input) {
    const Reply all = made_reply(input);
    std::array<SentinelAnswer, 3> answers;
    std::vector<const SentinelAnswer*> pointers;
    std::size_t replicas = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const Reply one = element(all, i);
        answers[i] = {element(one, 0), element(one, 1), element(one, 2)};
        replicas += answers[i].replicas.elements.size();
        pointers.push_back(&answers[i]);
    }
    check_addresses(believable_masters(pointers, k_name), answers.size());
    check_addresses(fit_replicas(pointers), replicas);

    const auto first = sentinel_endpoint(answers[0].address);
    const bool agree = std::all_of(answers.begin(), answers.end(), [&](const auto& answer) {
        return sentinel_endpoint(answer.address) == first;
    });
    if (first && agree) {
        const std::vector<HostPort> masters = believable_masters(pointers, k_name);
        expect(masters.size() == 1 && masters[0] == *first, "what all say is believed");
    }
}

}  // namespace cachectl
