// libFuzzer's entry: https://llvm.org/docs/LibFuzzer.html. The program fuzz_NAME runs the target
// NAME. A BrokenPromise is not caught, so that libFuzzer keeps the input.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz/target.hpp"

namespace {

const cachectl::FuzzTarget* target = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** argv) {
    const std::string_view program = (*argv)[0];
    const auto targets = cachectl::fuzz_targets();
    const auto found = std::find_if(targets.begin(), targets.end(), [program](const auto& known) {
        return program.ends_with("fuzz_" + std::string(known.name));
    });
    if (found == targets.end()) {
        std::fprintf(stderr, "%s: no target has this name\n", (*argv)[0]);
        std::exit(2);
    }
    target = &*found;
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    target->run({reinterpret_cast<const char*>(data), size});
    return 0;
}
