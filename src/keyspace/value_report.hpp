// One key and its value: for a person, in lines, or in JSON.
#pragma once

#include <chrono>
#include <string>

#include "keyspace/value.hpp"
#include "output/display.hpp"
#include "output/format.hpp"
#include "output/writer.hpp"

namespace cachectl {

struct ValueStyle {
    Format format = Format::plain;  // table, plain or json
    Display display = {};
    bool escaped = false;  // what a terminal would act on, in plain lines
    std::chrono::system_clock::time_point now;
};

void write_value(Writer& out, const ValueStyle& style, const KeyRecord& record);

/// "1,234 bytes", "1 field", "3 entries": of a record whose length is known.
std::string length_text(const KeyRecord& record);

}  // namespace cachectl
