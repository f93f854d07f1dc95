// What the descriptions of products (support/personas.hpp) are made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/personas.hpp"

namespace cachectl::test {

using PersonaReply = std::optional<std::string>;

bool is_command(const Persona::Command& command, std::string_view name);
/// Whether the second word is that one, in any case of letters.
bool begins_with(const Persona::Command& command, std::string_view name,
                 std::string_view subcommand);

/// Redis 7.0: "ERR unknown command 'OBJECT', with args beginning with: 'FREQ' 'k' ".
std::string redis_unknown(const Persona::Command& command);
/// Before 7.0, and as several others have taken it over: in backticks, with commas.
std::string older_unknown(const Persona::Command& command);

// What people run themselves.
Persona kvrocks();
Persona dragonfly();
Persona garnet();

// What is run for them.
Persona upstash();
Persona memorystore();
/// Of an engine that knows ACLs, what is not listed is refused as a right that is missing.
Persona memorystore_for_valkey();
Persona enterprise();
Persona enterprise_cluster();
Persona elasticache();

}  // namespace cachectl::test
