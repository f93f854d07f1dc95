// A look into the files before anything is written: their first rows, and from these how much
// memory all that they hold will take. The files are read from their beginning again afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "dump/source.hpp"
#include "keyspace/policy.hpp"
#include "warm/memory/estimate.hpp"
#include "warm/plan.hpp"

namespace cachectl {

/// A file is read until it has given `least_keys` and `least_bytes` of it have been read, at most
/// `most_bytes`; unpacked, if it is compressed.
struct SampleLimits {
    std::uint64_t least_keys = 200;
    std::uint64_t least_bytes = std::uint64_t{2} << 20;
    std::uint64_t most_bytes = std::uint64_t{16} << 20;
    /// Of all files together; those behind are taken to be like those before.
    std::uint64_t bytes_in_all = std::uint64_t{128} << 20;
    /// Nothing more is read when the keys read so far take more memory than this, but the first
    /// `bytes_in_any_case` are always read.
    std::uint64_t enough = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t bytes_in_any_case = 0;

    UnpackLimits unpack = {};

    static SampleLimits none() {
        constexpr auto k_most = std::numeric_limits<std::uint64_t>::max();
        return {k_most, k_most, k_most, k_most, k_most, 0, {}};
    }
};

struct InputSample {
    static constexpr std::size_t k_names_kept = 1'000;

    MemoryEstimate estimate;         // scaled to the size of the files
    bool has_unknown = false;        // an input that can be read only once, as stdin, is left out
    bool is_whole = true;            // all was read, so that nothing had to be scaled
    std::vector<std::string> names;  // of the first keys, for a look whether they exist
};

/// A file that turns out to be no dump counts as far as it could be read: whoever reads it to
/// write it will say what is wrong with it. So it is when `stop`, asked now and then, says true.
InputSample sample_inputs(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                          const MemoryModel& model, const SampleLimits& limits,
                          const std::function<bool()>& stop);

}  // namespace cachectl
