// Which keys a run has made, to find those that it made twice. A hash of each is kept, at first in
// memory and then in unnamed temporary files, so that memory does not grow with their number.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "util/error.hpp"
#include "util/temporary_file.hpp"
#include "walk/key_set.hpp"

namespace cachectl {

class MadeKeys {
public:
    enum class How : std::uint8_t {
        passed,     // an earlier try of the run has made it
        written,    // in a dry run all are
        unchanged,  // the server had it so
        existed,
        spared,  // existed, and is protected
    };

    [[nodiscard]] KeyHash hash(std::string_view key) const { return m_hash(key); }
    /// `dataset` is less than 2^24. Where the key cannot be kept, each_duplicate() will say so.
    void add(const KeyHash& hash, std::uint32_t dataset, How how);

    /// For each key that was made more than once: called for each making but one. `how` tells what
    /// became of it. The one that counts is the first in the order of How: what was written, was.
    /// Throws Error(local_io), also after it has told some.
    using Tell = std::function<void(std::uint32_t dataset, How how)>;
    void each_duplicate(const Tell& tell);

private:
    struct Making {
        std::uint64_t low;
        std::uint32_t high;
        std::uint32_t tag;  // dataset and How
    };
    void spill();
    template <typename Action>
    void each_spilled(Action action);
    static void leave_repeated(std::vector<Making>& makings);
    static void judge(std::vector<Making>& makings, const Tell& tell);

    KeyHasher m_hash;
    std::vector<Making> m_recent;
    TemporaryFile m_file;
    std::uint64_t m_spilled = 0;
    std::optional<Error> m_failure;  // what is kept is not all
};

}  // namespace cachectl
