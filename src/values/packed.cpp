#include "values/packed.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <new>

namespace cachectl {

namespace {

constexpr int k_largest_window = 23;  // log2 of bytes: what zstd's levels up to 19 use

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b\x08"); }
bool is_zstd(std::string_view bytes) { return bytes.starts_with("\x28\xb5\x2f\xfd"); }

/// RFC 1950: deflate with a window of at most 32 KiB, a checksum over both bytes, no dictionary.
bool is_zlib(std::string_view bytes) {
    if (bytes.size() < 2) {
        return false;
    }
    const auto method = static_cast<unsigned char>(bytes[0]);
    const auto flags = static_cast<unsigned char>(bytes[1]);
    return (method & 0x0F) == Z_DEFLATED && method >> 4 <= 7 && (method * 256 + flags) % 31 == 0 &&
           (flags & 0x20) == 0;
}

/// How a step of unpacking ended.
enum class StepEnd { goes_on, end, bad };

/// Grows the output as it is filled, until `step(out, room, made)` says that it is over.
template <typename Step>
void unpack_pieces(Unpacked& result, std::size_t most, const Step& step) {
    constexpr std::size_t k_piece = 64 * 1024;
    while (true) {
        const std::size_t had = result.bytes.size();
        const std::size_t room = std::min(most - had, k_piece);
        if (room == 0) {
            return;
        }
        result.bytes.resize(had + room);
        std::size_t made = 0;
        const StepEnd end = step(result.bytes.data() + had, room, made);
        result.bytes.resize(had + made);
        if (end != StepEnd::goes_on || made == 0) {
            result.whole = end == StepEnd::end;
            result.damaged = !result.whole;
            return;
        }
    }
}

void inflate_all(Unpacked& result, std::string_view in, std::size_t most) {
    z_stream stream{};
    constexpr int k_gzip_or_zlib = 15 + 32;
    if (inflateInit2(&stream, k_gzip_or_zlib) != Z_OK) {
        throw std::bad_alloc();
    }
    const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size(), 1U << 30));
    unpack_pieces(result, most, [&](char* out, std::size_t room, std::size_t& made) {
        stream.next_out = reinterpret_cast<Bytef*>(out);
        stream.avail_out = static_cast<uInt>(room);
        const int code = inflate(&stream, Z_NO_FLUSH);
        made = room - stream.avail_out;
        if (code == Z_STREAM_END) {
            return stream.avail_in == 0 ? StepEnd::end : StepEnd::bad;
        }
        return code == Z_OK || code == Z_BUF_ERROR ? StepEnd::goes_on : StepEnd::bad;
    });
}

void unpack_zstd(Unpacked& result, std::string_view in, std::size_t most) {
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                          ZSTD_freeDCtx);
    if (!context) {
        throw std::bad_alloc();
    }
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, k_largest_window);
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    unpack_pieces(result, most, [&](char* out, std::size_t room, std::size_t& made) {
        ZSTD_outBuffer output{out, room, 0};
        std::size_t left = 1;
        while (output.pos < room && input.pos < input.size && left != 0) {
            left = ZSTD_decompressStream(context.get(), &output, &input);
            if (ZSTD_isError(left) != 0) {
                made = output.pos;
                return StepEnd::bad;
            }
        }
        if (left != 0 && output.pos < room) {
            left = ZSTD_decompressStream(context.get(), &output, &input);  // what it still holds
        }
        made = output.pos;
        if (ZSTD_isError(left) != 0) {
            return StepEnd::bad;
        }
        return left != 0 ? StepEnd::goes_on : input.pos == input.size ? StepEnd::end : StepEnd::bad;
    });
}

}  // namespace

Unpacked unpack(std::string_view bytes, std::size_t most) {
    Unpacked result;
    if (is_gzip(bytes) || is_zlib(bytes)) {
        result.packing = is_gzip(bytes) ? "gzip" : "zlib";
        inflate_all(result, bytes, most);
    } else if (is_zstd(bytes)) {
        result.packing = "zstd";
        unpack_zstd(result, bytes, most);
    }
    if (result.bytes.empty() && !result.whole) {
        return {};
    }
    return result;
}

}  // namespace cachectl
