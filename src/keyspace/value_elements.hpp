// The elements of a collection as rows: a table for people, or plain lines.
#pragma once

#include <map>
#include <string>

#include "keyspace/value.hpp"
#include "output/rows.hpp"
#include "output/writer.hpp"

namespace cachectl {

/// What was decoded for a table: "JSON" and how many elements. Plain lines have all bytes.
struct DecodedElements {
    std::map<std::string, std::uint64_t> by_name;
    bool shortened = false;
};

DecodedElements write_elements(Writer& out, const RowsStyle& style, const KeyRecord& record);

/// "1,234 bytes", "1 field", "3 entries": of a record whose length is known.
std::string length_text(const KeyRecord& record);

}  // namespace cachectl
