#include "change/applied_plan.hpp"

#include <fmt/format.h>

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

void AppliedPlan::check_server(Client& client, const std::string& target) const {
    if (target != plan().target) {
        refuse(fmt::format("the plan is for {}, and this is {}", plan().target, target),
               "guard-plan-server");
    }
    if (server_processes(client) != plan().servers) {
        refuse(fmt::format("another server process than when it was planned answers for {}: it "
                           "was restarted, or another one has taken its place",
                           target),
               "guard-plan-server");
    }
}

void AppliedPlan::check_counts(std::uint64_t keys, const Plan::Counts& namespaces) const {
    if (const auto difference = drift(plan(), keys, namespaces, m_tolerance)) {
        refuse(*difference, "guard-plan-drift");
    }
}

}  // namespace cachectl
