// MessagePack of a cache: whatever the bytes claim, the tree stays small and harmless.
#include "fuzz/target.hpp"
#include "fuzz/tree_check.hpp"
#include "values/msgpack.hpp"

namespace cachectl {

void fuzz_value_msgpack(std::string_view input) { expect_good_decoder(decode_msgpack, input); }

}  // namespace cachectl
