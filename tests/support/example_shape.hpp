// What two outputs of the same command have in common, whatever the numbers, times and keys are.
#pragma once

#include <set>
#include <string>

namespace cachectl::test {

/// Its lines, each once: numbers, sizes, durations, addresses, bars and the keys that stand for
/// others are put in one form, and what aligns columns is left out.
std::set<std::string> shape_of(const std::string& output);

}  // namespace cachectl::test
