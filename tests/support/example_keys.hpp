// The keys and files of the application that the examples of the documentation are about.
#pragma once

#include <map>
#include <string>

#include "support/resp_client.hpp"

namespace cachectl::test {

/// Sessions, a job queue and tenants, as README's tour finds them: the other caches are cold.
void fill_cold_caches(RespClient& client);
/// And all the keys that examples name; only those of the job queue have no TTL.
void fill_application(RespClient& client);
/// What the transcript of cachectl-policy(5) is about.
void fill_audited(RespClient& client);

/// Files that warm reads, by name.
std::map<std::string, std::string> application_files();

}  // namespace cachectl::test
