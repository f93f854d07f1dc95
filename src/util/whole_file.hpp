// A file that is there whole or not at all: what reads it never sees half of it.
#pragma once

#include <string>
#include <string_view>

namespace cachectl {

/// Writes `bytes` beside `path` under another name, syncs them, and renames that to `path`, which
/// is replaced if it is there and keeps its permissions. A new file is readable by all, unless the
/// user's umask says otherwise. A symbolic link is replaced, and not the file that it leads to,
/// which somebody else may have chosen. What is no file (/dev/null, a pipe) is written to.
/// Throws Error(local_io); nothing is left behind then.
void write_whole_file(const std::string& path, std::string_view bytes);

/// Goes on after a signal and where only a part was written. False, with errno, if it cannot.
bool write_all(int fd, std::string_view bytes);

}  // namespace cachectl
