// Unnamed temporary files: nothing of them stays, however the process ends.
#pragma once

#include <cstdio>
#include <memory>
#include <string_view>

namespace cachectl {

struct CloseStream {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using TemporaryFile = std::unique_ptr<std::FILE, CloseStream>;

/// To keep `what` in: in the folder that TMPDIR names, else in /tmp or /var/tmp. Where none of them
/// takes a file, as in a container whose file systems are read-only, it is in memory: then this
/// grows with what is kept, but the alternative is not to work at all. Throws Error(local_io).
TemporaryFile make_temporary_file(std::string_view what);

/// Of one that could not be written or read: errno says why. Throws Error(local_io).
[[noreturn]] void throw_temporary_file_error(std::string_view what);

}  // namespace cachectl
