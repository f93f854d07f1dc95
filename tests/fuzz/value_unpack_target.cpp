// Compressed values: bombs stay within the bound, and a smaller bound gives the same beginning.
#include "fuzz/target.hpp"
#include "values/packed.hpp"

namespace cachectl {

void fuzz_value_unpack(std::string_view input) {
    constexpr std::size_t k_most = 1024 * 1024;
    constexpr std::size_t k_few = 1000;
    const Unpacked all = unpack(input, k_most);
    const Unpacked few = unpack(input, k_few);
    expect(all.bytes.size() <= k_most && few.bytes.size() <= k_few, "the bound holds");
    expect(!(all.whole && all.damaged), "what is damaged is not whole");
    if (few.packing.empty() || all.packing.empty()) {
        expect(few.bytes.empty() || all.bytes.empty(), "the bound decides nothing else");
        return;
    }
    expect_same(all.bytes.substr(0, few.bytes.size()), few.bytes, "a bound only cuts");
}

}  // namespace cachectl
