// Any input at all, its format not said: what read_twice() checks, and that it is either read or
// refused in words.
#include "dump/recognise.hpp"

#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"

namespace cachectl {

void fuzz_recognise(std::string_view input) {
    for (const auto lone_object : {LoneObject::entries, LoneObject::record}) {
        const FuzzReading reading = read_twice(input, {.lone_object = lone_object});
        expect(!reading.format.empty() || !reading.error.empty(), "it is read or refused");
        expect(!reading.format.empty() || reading.records + reading.bad_rows == 0,
               "what is not recognised has no rows");
    }
}

}  // namespace cachectl
