// Any value through all that reads it, whole and as the beginning of a longer one.
#include "values/reading.hpp"

#include "fuzz/target.hpp"
#include "fuzz/tree_check.hpp"
#include "output/escape.hpp"

namespace cachectl {

void fuzz_value_reading(std::string_view input) {
    for (const Extent extent : {Extent::whole, Extent::beginning}) {
        const ValueReading reading = read_value(input, extent);
        expect(!reading.id.empty() && !reading.name.empty(), "every value is called something");
        expect(reading.packings.size() <= 2, "two layers are taken off at most");
        expect(reading.text.size() <= 1024 * 1024, "what is unpacked is bounded");
        if (reading.has_tree()) {
            expect_good_tree(reading.tree, {});
        }
        expect_harmless(reading.full_name());
    }
}

}  // namespace cachectl
