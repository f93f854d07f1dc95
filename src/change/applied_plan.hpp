// A plan while it is carried out: the command that does so keeps to it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "change/plan_file.hpp"
#include "redis/client.hpp"

namespace cachectl {

class AppliedPlan {
public:
    /// `tolerance`: the share by which counts may have changed since. Throws as PlanFile, and
    /// Error(guard) if it is too old or the list of keys that it names is another one.
    AppliedPlan(std::string path, double tolerance, WallTime now);

    [[nodiscard]] const Plan& plan() const { return m_file.plan(); }
    [[nodiscard]] const std::string& path() const { return m_file.path(); }
    /// Keys that may be changed at most.
    [[nodiscard]] std::uint64_t most_keys() const;

    /// All of these throw Error(guard). `target` is as summaries have it.
    void check_server(Client& client, const std::string& target, unsigned database) const;
    void check_counts(std::uint64_t keys, const Plan::Counts& namespaces) const;
    /// Right before the first change. Throws Error(local_io).
    void begin() const { m_file.mark_applied(); }

private:
    PlanFile m_file;
    double m_tolerance;
};

}  // namespace cachectl
