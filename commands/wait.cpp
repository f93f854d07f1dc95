#include "commands/commands.hpp"
namespace cachectl {
Command wait_command() {
    return {"wait", "Look", "Wait until a cache is ready: a deploy gate", Command::Needs::server,
            [](CommandSyntax&, Action&) {}, {}};
}
}  // namespace cachectl
