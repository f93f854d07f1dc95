#include "dump/table_list.hpp"

#include <fmt/format.h>

#include "dump/recognise.hpp"

namespace cachectl {

TableList list_tables_of(Source& source, const ReaderOptions& options) {
    refuse_unreadable(source);
    if (recognise(source, options) != DumpKind::sql) {
        throw Error(ExitCode::bad_input,
                    fmt::format("{} is no SQL dump, so it has no tables", source.name()),
                    "if it is one all the same, say --format sql");
    }
    return list_tables(source, options);
}

}  // namespace cachectl
