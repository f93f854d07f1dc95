// What every summary of a command that changes a server begins with, so that it can be told later
// what was done, where and when.
#pragma once

#include <optional>
#include <string>

#include "cli/context.hpp"
#include "output/json.hpp"
#include "util/time.hpp"

namespace cachectl {

struct SummaryHead {
    std::string command;          // "invalidate"
    std::string context;          // its name in the configuration; empty: none
    std::string target;           // "10.0.0.5:6379", and "/2" for database 2; empty: not known yet
    std::optional<int> database;  // nothing: all of them, or not known yet
    WallTime started_at{};

    /// That the command starts now, with the context's settings and their database.
    void begin(const Context& ctx, std::string name);
};

/// Its fields, in an object that has been begun.
void write_head(const SummaryHead& head, JsonWriter& json);

}  // namespace cachectl
