// PHP's serialized data: whatever the bytes claim, the tree stays small and harmless.
#include "fuzz/target.hpp"
#include "fuzz/tree_check.hpp"
#include "values/php.hpp"

namespace cachectl {

void fuzz_value_php(std::string_view input) { expect_good_decoder(decode_php, input); }

}  // namespace cachectl
