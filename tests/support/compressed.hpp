// Texts compressed as gzip and zstd do it.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace cachectl {

/// One gzip member.
inline std::string gzipped(std::string_view text) {
    z_stream stream{};
    constexpr int k_gzip_alone = 15 + 16;
    if (deflateInit2(&stream, 9, Z_DEFLATED, k_gzip_alone, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("cannot compress");
    }
    std::string packed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int result = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) {
        throw std::runtime_error("cannot compress");
    }
    return packed;
}

/// One zstd frame, with a checksum.
inline std::string zstd_packed(std::string_view text) {
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    const std::size_t size =
        ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size());
    ZSTD_freeCCtx(context);
    if (ZSTD_isError(size) != 0) {
        throw std::runtime_error("cannot compress");
    }
    packed.resize(size);
    return packed;
}

}  // namespace cachectl
