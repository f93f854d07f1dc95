// The file of a plan: JSON that only its owner can read, and that is carried out once.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "change/plan.hpp"
#include "util/file_descriptor.hpp"
#include "util/time.hpp"

namespace cachectl {

/// What stands in a plan's file for its "state" once it is carried out. It is written over what
/// stands there before, which takes as many bytes.
constexpr std::string_view k_applied_state = "\"applied\"";

std::string to_text(const Plan& plan);

/// What the text of a plan's file says.
struct ParsedPlan {
    Plan plan;
    std::size_t state_at = 0;  // where k_applied_state is to be written
};
/// `path` is what messages call it. Throws Error(bad_input) if it is no plan, or not as to_text()
/// makes one, Error(guard) if it was carried out.
ParsedPlan parse_plan(std::string_view text, const std::string& path);

/// To a new file, synced. Throws Error(local_io); never over another.
void write_plan(const std::string& path, const Plan& plan);

/// A plan that is being carried out; no other process can do so meanwhile.
class PlanFile {
public:
    /// Throws Error(bad_input) if it cannot be read or is no plan, Error(guard) if others could
    /// have written it, if another process is carrying it out, and if it was carried out.
    explicit PlanFile(std::string path);

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] const Plan& plan() const { return m_plan; }
    /// Throws Error(guard) if it is not valid (any more) at that time.
    void check_time(WallTime now) const;
    /// Notes in the file that it was carried out, before it is. Throws Error(local_io).
    void mark_applied() const;

private:
    std::size_t open();  // its bytes
    void read(std::size_t bytes);

    std::string m_path;
    FileDescriptor m_fd;
    Plan m_plan;
    std::size_t m_mark_at = 0;  // of the value of "applied"
};

}  // namespace cachectl
