// What a dump is, judged by how it begins.
#pragma once

#include "dump/reader.hpp"
#include "dump/source.hpp"

namespace cachectl {

/// How its records stand in it.
enum class DumpKind {
    json_array,
    json_object,   // one object of key → value
    json_objects,  // objects in a row, each as many lines long as it likes
    ndjson,        // one object a line
    csv,
    tsv,
    sql,
};

/// Skips a UTF-8 byte order mark. Throws Error(bad_input), naming the remedy, for what no format
/// choice makes readable: nothing at all, archives, compressed files, UTF-16.
void refuse_unreadable(Source& source);

/// By the rules of open_reader(). Consumes nothing; reads ahead at most 1 MiB. Throws
/// Error(bad_input) for markup, binary content, and columns separated by something else.
DumpKind recognise(Source& source, const ReaderOptions& options);

}  // namespace cachectl
