// The rules of contexts that hold because of the server that is meant, whoever has named it.
#pragma once

#include "config/config_file.hpp"
#include "config/settings.hpp"

namespace cachectl {

/// Whoever names a server by itself, with a flag or a variable, or another database of a context's
/// server, may not know that it is one for which contexts have rules: those of all contexts that
/// are of production or only for looking and name the server and the database are added to
/// `settings`, which are otherwise complete. Where none names the database, those count that name
/// the server alone, unless the context in force is its own; the databases of the others go into
/// `settings.other_databases`. A context of this database that was chosen, by --context or by
/// CACHECTL_CONTEXT with its own server, needs no other; one that is the default does.
void apply_rules_of_server(const ConfigFile& file, Settings& settings);

}  // namespace cachectl
