// Descriptors 0, 1 and 2, which a parent may have closed (cron, daemons, `<&- >&-`).
#pragma once

namespace cachectl {

/// Opens those that are closed, so that no file and no connection takes their place: what is
/// written to stdout would go to the server. Before anything else is opened. Reading from a stdin
/// and writing to a stdout that were closed fails with EBADF; what is written to such a stderr is
/// dropped.
void open_standard_streams();

}  // namespace cachectl
