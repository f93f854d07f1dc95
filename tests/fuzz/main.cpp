// libFuzzer's entry: https://llvm.org/docs/LibFuzzer.html. CACHECTL_FUZZ_TARGET is the function of
// the one target that the program has: libFuzzer looks through the counters of all code after each
// input, so that what is not linked makes it faster. A BrokenPromise is not caught, so that
// libFuzzer keeps the input.
#include <cstddef>
#include <cstdint>

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cachectl::CACHECTL_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}
