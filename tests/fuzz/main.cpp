// libFuzzer's entry: https://llvm.org/docs/LibFuzzer.html. FUZZ_TARGET is the target's function. A
// Finding is not caught, so that libFuzzer keeps the input.
#include <cstddef>
#include <cstdint>

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cachectl::FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}
