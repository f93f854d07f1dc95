// What would explain a failure (a server's log, a process' last words), kept until the test case
// has ended and printed only if it failed.
#pragma once

#include <string>

namespace cachectl::test {

void keep_for_failure(const std::string& title, const std::string& text);

}  // namespace cachectl::test
