// Compressed input, unpacked piece by piece: gzip and zstd, known by how they begin.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace cachectl {

class Decompressor {
public:
    virtual ~Decompressor() = default;

    /// In words: "gzip", "zstd".
    [[nodiscard]] virtual std::string_view name() const = 0;

    struct Step {
        std::size_t taken = 0;  // of the input
        std::size_t made = 0;   // of the output
    };
    /// Unpacks what fits. Several members or frames in a row are one text. Throws
    /// Error(bad_input) for what is not of this format; `file` is for the message.
    virtual Step step(std::string_view in, char* out, std::size_t room,
                      const std::string& file) = 0;
    /// May the input end here? If not, it was cut.
    [[nodiscard]] virtual bool complete() const = 0;
};

/// Does `text` begin, or might it with more bytes, as compressed data does?
enum class Packing { none, gzip, zstd, undecided };
Packing recognise_packing(std::string_view text) noexcept;

/// nullptr for `none` and `undecided`.
std::unique_ptr<Decompressor> make_decompressor(Packing packing);

}  // namespace cachectl
