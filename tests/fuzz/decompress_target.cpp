// Packed input: damaged, cut, bombs. Small reads give the same bytes, or the same refusal.
#include "dump/decompress.hpp"

#include "fuzz/reading.hpp"
#include "fuzz/target.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

struct Unpacked {
    std::string bytes;
    bool refused = false;
};

Unpacked unpack(std::string_view input, std::size_t read_bytes) {
    Source source(fuzz_file(input), "in", read_bytes);
    constexpr std::uint64_t k_most = 1024 * 1024;
    source.set_unpack_limits({.max_ratio = 100, .max_bytes = k_most});
    Unpacked result;
    try {
        while (source.fill()) {
            result.bytes += source.window();
            source.consume(source.window().size());
            expect(source.bytes_read() <= input.size(), "no more is read than there is");
        }
    } catch (const Error& error) {
        expect(error.code() == ExitCode::bad_input || error.code() == ExitCode::guard,
               "what cannot be unpacked is bad input");
        result.refused = true;
    }
    expect(result.bytes.size() <= k_most + read_bytes, "the limit holds");
    return result;
}

}  // namespace

void fuzz_decompress(std::string_view input) {
    const Unpacked whole = unpack(input, k_one_read);
    const Unpacked pieces = unpack(input, 64 * small_window(input));
    expect(whole.refused == pieces.refused, "small reads make no difference to a refusal");
    if (!whole.refused) {
        expect_same(whole.bytes, pieces.bytes, "small reads make no difference to the bytes");
    }
    if (recognise_packing(input) == Packing::none) {
        expect_same(input, whole.bytes, "what is not packed stays as it is");
    }
}

}  // namespace cachectl
