#include "util/run_delay.hpp"

#include <doctest/doctest.h>
#include <sched.h>

#include <thread>
#include <vector>

using namespace cachectl;

#ifdef __linux__
TEST_CASE("who shares a CPU with others has waited for it") {
    // All on one CPU, so that each waits for the other.
    cpu_set_t before, one;
    REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
    const auto work_until = [](std::chrono::steady_clock::time_point end) {
        while (std::chrono::steady_clock::now() < end) {
        }
    };
    const auto start = run_delay();
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    std::thread other([&] { work_until(end); });
    work_until(end);
    other.join();
    const auto waited = run_delay() - start;
    ::sched_setaffinity(0, sizeof before, &before);
    CHECK(waited > std::chrono::milliseconds(10));
}
#endif
