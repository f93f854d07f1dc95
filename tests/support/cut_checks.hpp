// What holds after a run that was cut or killed (cut_stage.hpp), each as checks of doctest.
#pragma once

#include "support/fault_stage.hpp"
#include "support/process.hpp"

namespace cachectl::test {

struct CutKeys {
    const Keyspace& before;
    const Keyspace& after;
    const Keyspace& expected;  // after a run that nothing happened to
};

/// 0 only if all is done, 3 only if nothing is, and else 5, each with its error.
void check_cut_end(const ProcessResult& result, const CutKeys& keys);
/// Each key is as before the run, or as a whole run leaves it.
void check_cut_keys(const CutKeys& keys);
/// The figures of the summary add up; what it says it did, it did; what is unknown may have been
/// done.
void check_cut_sum(const ProcessResult& result, const CutKeys& keys);

}  // namespace cachectl::test
