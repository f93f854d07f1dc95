// A list of keys that is read twice although it may come from a pipe: first to count, then to
// change. The second time it comes from an unnamed temporary file, so memory does not grow.
#pragma once

#include <functional>
#include <string>

#include "util/temporary_file.hpp"

namespace cachectl {

class KeySpool {
public:
    using Source = std::function<bool(std::string& key)>;

    /// Throws Error(local_io) if there is no temporary file to be had.
    KeySpool();

    /// Writes a key down. Throws Error(local_io) when the disk is full.
    void add(const std::string& key);

    /// The source, each of its keys written down as it passes. Throws as add(). The spool must
    /// outlive it.
    Source record(Source source);

    /// The keys that passed, from the first one on.
    Source replay();

private:
    TemporaryFile m_file;
};

}  // namespace cachectl
