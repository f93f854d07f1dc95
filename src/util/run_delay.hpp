// How long this process has been held up by others that wanted the same CPU.
#pragma once

#include <chrono>

namespace cachectl {

/// For how long the calling thread has been ready to run without a CPU to run on, since it was
/// started. Zero where the system does not tell: Linux does, in /proc/thread-self/schedstat
/// (https://docs.kernel.org/scheduler/sched-stats.html). About a microsecond.
std::chrono::nanoseconds run_delay();

}  // namespace cachectl
