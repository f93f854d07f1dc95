// A fake server with one key, "k", for tests of what is told of it.
#pragma once

#include "support/fake_client.hpp"

namespace cachectl::test {

/// An array of strings.
Reply strings(const std::vector<std::string>& texts);

/// What every key answers, whatever its type.
FakeClient cache_with(const std::string& type, const std::string& encoding, FakeKey key = {});

}  // namespace cachectl::test
