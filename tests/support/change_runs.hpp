// For the tests of the commands that change keys.
#pragma once

#include <string>

namespace cachectl::test {

/// A summary with its time, which no test can know, as T.
std::string without_time(std::string summary);

}  // namespace cachectl::test
