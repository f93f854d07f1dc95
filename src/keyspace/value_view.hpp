// One key and its value on a person's screen: a line of facts, the value as one can read it, and
// what was done to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "keyspace/value.hpp"
#include "output/display.hpp"
#include "output/writer.hpp"

namespace cachectl {

struct ValueView {
    Display display = {};
    std::uint64_t text_bytes = 4096;  // of a text that is no encoding, at the most; 0: all
};

/// Returns how many bytes of a string's text are shown as they are; nothing where a sentence has
/// been written that says what was left out.
std::optional<std::uint64_t> write_value_view(Writer& out, const ValueView& view,
                                              const KeyRecord& record);

}  // namespace cachectl
