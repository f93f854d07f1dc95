// How the records of a JSON text stand in it, and whether they stand deeper in it than that.
#pragma once

#include <cstddef>

#include "dump/recognise.hpp"

namespace cachectl {

/// The first byte at or behind `from` that is no JSON whitespace; npos if there is none, or not
/// within 1 MiB.
std::size_t find_content(Source& source, std::size_t from);

/// `begin` is where the input's first '{' stands. Reads ahead at most 4 MiB. Throws
/// Error(bad_input) for an export that wraps its rows.
DumpKind recognise_objects(Source& source, std::size_t begin, const ReaderOptions& options);

/// `begin` is where the '[' stands. Throws Error(bad_input) if it is no array of records but what
/// phpMyAdmin writes around its tables.
void refuse_wrapped_tables(Source& source, std::size_t begin);

}  // namespace cachectl
