// Python's pickles: read over, never run; what is found in them is small and harmless.
#include "fuzz/target.hpp"
#include "fuzz/tree_check.hpp"
#include "values/pickle.hpp"

namespace cachectl {

namespace {

Decoded found_in(std::string_view input, const NodeBounds& bounds) {
    Pickle pickle = read_pickle(input, bounds);
    return {pickle.end, std::move(pickle.found)};
}

}  // namespace

void fuzz_value_pickle(std::string_view input) { expect_good_decoder(found_in, input); }

}  // namespace cachectl
