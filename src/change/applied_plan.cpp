#include "change/applied_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "util/named_error.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& id) {
    throw NamedError({ExitCode::guard, message + "; nothing was changed", "plan anew"}, id);
}

}  // namespace

AppliedPlan::AppliedPlan(std::string path, double tolerance, WallTime now)
    : m_file(std::move(path)), m_tolerance(tolerance) {
    m_file.check_time(now);
    if (list_digest(plan().options) != plan().list_digest) {
        refuse("the list of keys is not the one that was planned for", "guard-plan-list");
    }
}

std::uint64_t AppliedPlan::most_keys() const {
    const auto keys = static_cast<double>(plan().keys);
    return plan().keys + static_cast<std::uint64_t>(std::ceil(keys * m_tolerance));
}

// The same server may be called by another name; where it does not tell who it is, its name counts.
void AppliedPlan::check_server(Client& client, const std::string& target, unsigned database) const {
    const std::vector<std::string> servers = server_processes(client);
    const bool tells = std::none_of(servers.begin(), servers.end(),
                                    [](const std::string& id) { return id.empty(); });
    const bool is_same = servers == plan().servers && (tells || target == plan().target);
    if (is_same && database == plan().database) {
        return;
    }
    if (target != plan().target) {
        throw NamedError({ExitCode::guard,
                          fmt::format("the plan is for {}, and this is {}; nothing was changed",
                                      plan().target, target),
                          "give the server that the plan is for, as -h HOST -p PORT, -s SOCKET, "
                          "-n DB or --context NAME"},
                         "guard-plan-server");
    }
    refuse(fmt::format("another server process than when it was planned answers for {}: it was "
                       "restarted, or another one has taken its place",
                       target),
           "guard-plan-server");
}

void AppliedPlan::check_counts(std::uint64_t keys, const Plan::Counts& namespaces) const {
    if (const auto difference = drift(plan(), keys, namespaces, m_tolerance)) {
        refuse(*difference, "guard-plan-drift");
    }
}

}  // namespace cachectl
