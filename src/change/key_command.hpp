// A command that changes keys, on its way to the server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cachectl {

constexpr std::string_view k_unlink = "UNLINK", k_del = "DEL", k_persist = "PERSIST";

/// Keys of a batch whose sizes are asked for, as a sample of the others.
constexpr unsigned k_sampled_keys = 4;

/// A command on one or more keys whose reply is how many of them it changed.
struct KeyCommand {
    std::string_view verb;  // "UNLINK", "PEXPIRE", "PERSIST": text that outlives the command
    std::vector<std::string> keys;
    std::string argument;             // behind the keys; empty: none
    std::string_view condition = {};  // behind the argument: "LT", "GT", "NX"; empty: none
    double more_cost = 0;             // for the server, besides what the verb costs it for each key
    bool repeated = false;            // it was sent before, and may have been executed then
    unsigned checks = 0;              // how often the keys were looked at for it
    bool is_saved = false;            // the keys are in the backup
    std::uint64_t bytes = 0;          // of the keys' values, where they were measured for it

    [[nodiscard]] bool removes() const;
    /// As it is sent. It has to outlive them.
    [[nodiscard]] std::vector<std::string_view> words() const;
    /// The same for some of its keys.
    [[nodiscard]] KeyCommand for_some(std::vector<std::string> some) const;
};

}  // namespace cachectl
