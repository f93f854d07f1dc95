// A dump read whole and in small pieces, with all that every reader promises checked on the way.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "dump/reader.hpp"

namespace cachectl {

/// All of an input in one read; no more, for every run allocates that much.
inline constexpr std::size_t k_one_read = 16 * 1024;

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

/// 1, 3 or 7, which the text's length decides; more for a long one, or little would be tried.
std::size_t small_window(std::string_view text);

/// An unnamed file with `text`, to be read from its beginning. The same one every time.
int fuzz_file(std::string_view text);

}  // namespace cachectl
