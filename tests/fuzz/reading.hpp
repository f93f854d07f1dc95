// A dump read whole and in small pieces, with all that every reader promises checked on the way.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "dump/reader.hpp"
#include "fuzz/feeding.hpp"

namespace cachectl {

struct FuzzReading {
    std::string rows;  // a line for each, as support/dump_input.hpp describes them
    std::uint64_t records = 0;
    std::uint64_t bad_rows = 0;
    std::string error;  // of the Error that ended it; may name the file "in"
    std::string format;
};

/// Gets every good row.
using SeeRecord = std::function<void(const RecordReader& reader)>;

/// Reads `text`, `read_bytes` at a time, and checks each row.
FuzzReading read_checked(std::string_view text, const ReaderOptions& options,
                         std::size_t read_bytes = k_one_read, const SeeRecord& see = {});

/// Reads it whole and then small_window() bytes at a time, and checks that this makes no
/// difference. Returns the first reading.
FuzzReading read_twice(std::string_view text, const ReaderOptions& options,
                       const SeeRecord& see = {});

}  // namespace cachectl
