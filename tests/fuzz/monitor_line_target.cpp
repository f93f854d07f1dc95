// Lines of MONITOR: keys stand among the arguments, and what is quoted again is read the same.
#include "hot/monitor_line.hpp"

#include "fuzz/target.hpp"

namespace cachectl {

void fuzz_monitor_line(std::string_view input) {
    const auto line = parse_monitor_line(input);
    if (!line) {
        return;
    }
    expect(line->args.size() <= MonitorLine::k_most_args + 1, "arguments are bounded");
    for (const std::string_view key : keys_of_command(line->args)) {
        bool is_argument = false;
        for (const std::string& arg : line->args) {
            is_argument |= key.data() == arg.data();
        }
        expect(is_argument, "a key is one of the arguments");
    }
}

}  // namespace cachectl
