#include "commands/commands.hpp"

#include <array>

namespace cachectl {

std::span<const Command> command_table() {
    static const std::array table = {
        apply_command(),      audit_command(),      audit_log_command(), capabilities_command(),
        completion_command(), context_command(),    diff_command(),      du_command(),
        expire_command(),     flush_command(),      get_command(),       health_command(),
        hot_command(),        invalidate_command(), keys_command(),      restore_command(),
        snapshot_command(),   stats_command(),      ttl_command(),       wait_command(),
        warm_command(),
    };
    return table;
}

}  // namespace cachectl
