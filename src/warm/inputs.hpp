// The files of a run: all of them can be read before anything is written, and then each is opened
// in its turn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dump/source.hpp"

namespace cachectl {

class Inputs {
public:
    /// Returns what messages call the file. Throws Error(bad_input) if it cannot be opened.
    std::string add(const std::string& file);

    struct Facts {
        std::string name;                    // as add() returned it
        std::optional<std::uint64_t> bytes;  // its size, if that is known
    };
    /// Of the file that was added as number `index`.
    [[nodiscard]] Facts facts(std::size_t index) const {
        return {m_inputs.at(index).name, m_inputs[index].bytes};
    }

    /// The next one in the order of add(). Throws Error(bad_input) if it has vanished.
    Source next();
    /// To be called with each when it has been read.
    void finish(const Source& source) { m_bytes_before += source.bytes_read(); }

    /// How much of all files has been read, in bytes as they are on disk, when `current` is the
    /// last that next() gave and not yet finished.
    [[nodiscard]] std::uint64_t bytes_read(const Source& current) const;
    /// The same as a share, 0..1; nothing if the size of one of them is not known.
    [[nodiscard]] std::optional<double> fraction(const Source& current) const;

private:
    struct Input {
        std::string path;
        std::string name;
        std::optional<std::uint64_t> bytes;
        std::optional<Source> opened;  // what cannot be opened twice
    };
    std::vector<Input> m_inputs;
    std::size_t m_next = 0;
    std::uint64_t m_bytes_before = 0;                 // of the files that are finished
    std::optional<std::uint64_t> m_bytes_in_all = 0;  // nothing if one has no size
};

}  // namespace cachectl
