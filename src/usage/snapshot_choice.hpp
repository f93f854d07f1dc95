// Which keys a snapshot is of, besides its namespaces, as its file has it: the options that choose
// keys, and neither its pace nor its patterns, which are made of the namespaces.
#pragma once

#include "cli/option_groups.hpp"
#include "output/json.hpp"
#include "util/json_file.hpp"

namespace cachectl {

/// An object, with a member for each option that was given.
void write_choice(JsonWriter& json, const KeyOptions& chosen);
/// Throws as JsonValue does.
KeyOptions read_choice(const JsonValue& object);

/// Whether both mean the same keys, as far as that is known: of a list its name is.
bool same_choice(const KeyOptions& a, const KeyOptions& b);

}  // namespace cachectl
