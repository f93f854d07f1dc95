// Keys and their values: for a person, in lines, or in JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "keyspace/value.hpp"
#include "output/display.hpp"
#include "output/format.hpp"
#include "output/writer.hpp"

namespace cachectl {

struct ValueStyle {
    Format format = Format::plain;  // table, plain, json or ndjson
    Display display = {};
    bool escaped = false;             // what a terminal would act on, in plain lines
    bool many = false;                // several keys: an array in JSON
    bool positions = false;           // a part of a list was asked for: JSON has where it begins
    std::uint64_t text_bytes = 4096;  // of a plain text on a screen; 0: all
};

/// The next key to be written; nothing: there are no more.
using NextRecord = std::function<std::optional<KeyRecord>()>;
/// Called behind each key: how many bytes of a string's text were shown; nothing where what was
/// left out has been said.
using AfterRecord = std::function<void(const KeyRecord&, std::optional<std::uint64_t> shown)>;

/// None is held longer than it is written.
void write_values(Writer& out, const ValueStyle& style, const NextRecord& next,
                  const AfterRecord& after);

}  // namespace cachectl
