// For the tests of the commands that change keys.
#pragma once

#include <string>
#include <vector>

#include "support/fake_client.hpp"

namespace cachectl::test {

/// A server that applications share: keys of several namespaces, two of them with a TTL.
FakeClient shared_cache();

/// A summary with its time, which no test can know, as T.
std::string without_time(std::string summary);

/// What was sent but for the questions how large keys are.
std::vector<std::string> without_measuring(std::vector<std::string> lines);

}  // namespace cachectl::test
